// The desk's one script: keys, live counts, forms that stay where they are. Every page works without it.
"use strict";
(() => {
  const root = document.documentElement;
  const body = document.body;
  const $ = (s, at = document) => at.querySelector(s);
  const all = (s, at = document) => [...at.querySelectorAll(s)];

  // --- the query field grows, and Enter sends it -------------------------------------------------
  for (const area of all("form[role=search] textarea")) {
    const grow = () => { area.rows = Math.min(12, Math.max(2, area.value.split("\n").length)); };
    area.addEventListener("input", grow);
    area.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); area.form.requestSubmit(); }
    });
    grow();
  }

  // --- a form sent once is sent once --------------------------------------------------------------
  document.addEventListener("submit", (e) => {
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = "1";
    setTimeout(() => { delete e.target.dataset.sent; }, 4000);
  });
  addEventListener("pageshow", () => all("form").forEach((f) => { delete f.dataset.sent; }));
  const done = $("#done");
  if (done) done.focus({ preventScroll: true });

  // --- keys (each has a visible link or button) ---------------------------------------------------
  const go = { l: "latest", s: "stories", q: "search", u: "subscriptions", a: "alerts", f: "feeds" };
  const rows = () => all(".rowlink");
  const scope = () => {
    const el = document.activeElement;
    return (el && el.closest(".card, .item, tr")) || $("main");
  };
  const press = (key) => {
    const el = $(`[data-key="${key}"]`, scope()) || $(`main [data-key="${key}"]`);
    if (!el) return false;
    if (el.tagName === "SUMMARY") { el.parentElement.open = !el.parentElement.open; el.focus(); } else el.click();
    return true;
  };
  const step = (by) => {
    const list = rows();
    if (!list.length) return false;
    const here = list.indexOf(document.activeElement.closest?.(".rowlink")
      || $(".rowlink", scope() === $("main") ? document.createElement("i") : scope()));
    const next = list[Math.min(list.length - 1, Math.max(0, here < 0 ? (by > 0 ? 0 : list.length - 1) : here + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
  let waiting = 0;
  const act = (key) => {
    if (waiting && Date.now() - waiting < 1000) {
      waiting = 0;
      const to = go[key] && $(`[data-go="${go[key]}"]`);
      if (to) { to.click(); return true; }
      return false;
    }
    waiting = 0;
    switch (key) {
      case "g": waiting = Date.now(); return true;
      case "/": { const q = $("#q") || $("#quick"); if (q) { q.focus(); q.select(); } return Boolean(q); }
      case "?": location.href = "/help/keys"; return true;
      case "j": return step(1);
      case "k": return step(-1);
      case "o": { const a = $(".rowlink", scope()); if (a) a.click(); return Boolean(a); }
      case "v": { const a = $(".out-link", scope()); if (a) a.click(); return Boolean(a); }
      case ".": { const a = $("#live a"); if (a) a.click(); return Boolean(a); }
      case "c": { const a = $(".copies", scope()); if (a) { a.click(); return true; } return press("c"); }
      default: return "npazmuwsb".includes(key) && press(key);
    }
  };
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    const t = e.target;
    if (t.closest?.("input, textarea, select, [contenteditable], dialog")) {
      if (e.key === "Escape") t.blur();
      return;
    }
    if (root.dataset.keys === "off" || $("dialog[open]")) return;
    if (e.key.length === 1 && act(e.key)) e.preventDefault();
  });

  // --- live: counts only, one stream for all tabs --------------------------------------------------
  const status = $("#live");
  if (!status || !("articles" in body.dataset)) return;
  const base = { articles: Number(body.dataset.articles), open: Number(body.dataset.alerts), notOk: Number(body.dataset.notok) };
  let told = "";
  let toldAt = 0;
  let later = 0;
  let heard = Date.now();
  let lost = false;
  const say = (text, href) => {
    if (text === told) return;
    const wait = lost || href === "/alerts" ? 0 : toldAt + 30000 - Date.now();
    clearTimeout(later);
    if (toldAt && wait > 0) { later = setTimeout(() => say(text, href), wait); return; }
    told = text;
    toldAt = Date.now();
    status.replaceChildren();
    if (!text) return;
    const a = document.createElement("a");
    a.href = href;
    a.textContent = text;
    status.append(a);
  };
  const show = (c) => {
    heard = Date.now();
    lost = false;
    root.dataset.live = "on";
    const here = location.pathname;
    const fresh = c.articles - base.articles;
    if (c.problem) say(c.problem, here);
    else if (c.open_alerts > base.open) {
      const n = c.open_alerts - base.open;
      say(`${n} new ${n === 1 ? "alert" : "alerts"} – show`, "/alerts");
    } else if (fresh > 0) say(`${fresh} new ${fresh === 1 ? "article" : "articles"} – show`, here === "/" ? "/" : here + location.search);
    else if (c.feeds_not_ok !== base.notOk) say(`now ${c.feeds_not_ok} feeds not ok – reload`, here + location.search);
    else say("", here);
  };
  const lostCheck = () => {
    if (Date.now() - heard > 30000 && !lost) {
      lost = true;
      const at = new Date(heard).toISOString().slice(11, 16);
      say(`Live stopped ${at} UTC. Reload`, location.pathname + location.search);
    }
  };
  setInterval(lostCheck, 5000);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("tocsin-live") : null;
  if (channel) channel.onmessage = (e) => {
    if (e.data && e.data.ask) { if (last && source) channel.postMessage(last); } else show(e.data);
  };
  let source = null;
  let last = null;
  const listen = () => new Promise(() => {
    // Held until the tab goes: the lock passes to the next tab by itself.
    source = new EventSource("/live");
    source.addEventListener("counts", (e) => {
      last = JSON.parse(e.data);
      show(last);
      if (channel) channel.postMessage(last);
    });
    source.addEventListener("error", () => {
      if (source.readyState === 2) { source = null; setTimeout(() => listen(), 5000); }
    });
    setInterval(() => {
      if (source && source.readyState === 1) { heard = Date.now(); if (channel && last) channel.postMessage(last); }
    }, 10000);
  });
  if (navigator.locks && channel) {
    navigator.locks.request("tocsin-live", listen);
    channel.postMessage({ ask: true });
  } else {
    setInterval(() => fetch("/readyz").then((r) => r.json()).then((c) => {
      show({ articles: c.articles, open_alerts: base.open, feeds_not_ok: base.notOk, problem: c.problem });
    }, () => {}), 30000);
  }
  addEventListener("pagehide", () => { if (source) source.close(); });
})();
