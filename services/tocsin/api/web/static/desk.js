// The desk's one script: keys, live counts, forms that stay where they are. Every page works without it.
"use strict";
(() => {
  const root = document.documentElement;
  const body = document.body;
  const $ = (s, at = document) => at.querySelector(s);
  const all = (s, at = document) => [...at.querySelectorAll(s)];

  // the query field grows, and Enter sends it
  for (const area of all("form[role=search] textarea")) {
    const grow = () => { area.rows = Math.min(12, Math.max(2, area.value.split("\n").length)); };
    area.addEventListener("input", grow);
    area.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); area.form.requestSubmit(); }
    });
    grow();
  }

  // a form sent once is sent once; an act is done in place, the card stays and says so
  document.addEventListener("submit", (e) => {
    const f = e.target;
    if (f.dataset.sent) { e.preventDefault(); return; }
    f.dataset.sent = "1";
    setTimeout(() => { delete f.dataset.sent; }, 4000);
    if (f.matches(".act")) { e.preventDefault(); inPlace(f, e.submitter); }
  });
  const make = (tag, props, ...inside) => { const e = Object.assign(document.createElement(tag), props); e.append(...inside); return e; };
  const hidden = (name, value) => make("input", { type: "hidden", name, value });
  const inPlace = async (f, by) => {
    const data = new FormData(f, by);
    const r = await fetch(f.action, { method: "POST", body: new URLSearchParams(data), headers: { accept: "application/json" } }).catch(() => 0);
    if (!r.ok) { // The plain way says what is wrong; the act's id makes it one act.
      if (by?.name) f.append(hidden(by.name, by.value));
      return f.submit();
    }
    const did = await r.json();
    const acts = f.closest(".acts");
    const back = f.closest(".acted");
    if (back) {
      back.remove();
      delete acts.dataset.done;
      for (const form of all("form", acts)) { delete form.dataset.sent; form.act_id.value = did.ids[form.action.split("/").pop()]; }
      return $("button", acts).focus();
    }
    const note = make("div", { className: "note good acted", tabIndex: -1, role: "status" }, make("p", { textContent: did.words }));
    if (did.undoes) {
      const button = make("button", { className: "btn ghost", textContent: "Undo" });
      button.dataset.key = "u";
      note.append(make("form", { method: "post", action: f.action.replace(/\w+$/, "undo"), className: "act" },
        hidden("act_id", did.ids.undo), hidden("undoes", did.undoes), hidden("next", data.get("next")), button));
    }
    acts.dataset.done = "";
    acts.append(note);
    (all(".card .rowlink").find((a) => f.compareDocumentPosition(a) & 4) || note).focus();
  };
  addEventListener("pageshow", () => all("form").forEach((f) => { delete f.dataset.sent; }));
  const done = $("#done");
  if (done) done.focus({ preventScroll: true });

  // keys (each has a visible link or button)
  const go = { l: "latest", s: "stories", q: "search", u: "subscriptions", a: "alerts", f: "feeds" };
  const rows = () => all(".rowlink");
  const scope = () => {
    const el = document.activeElement;
    return (el && el.closest(".card, .item, tr")) || $("main");
  };
  const press = (key) => {
    const el = $(`[data-key="${key}"]`, scope()) || $(`main [data-key="${key}"]`);
    if (!el) return false;
    el.click();
    if (el.tagName === "SUMMARY") el.focus();
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
  const click = (s, at) => { const a = $(s, at); a?.click(); return Boolean(a); };
  let waiting = 0;
  const act = (key) => {
    const second = Date.now() - waiting < 1000;
    waiting = 0;
    if (second) return key in go && click(`[data-go="${go[key]}"]`);
    switch (key) {
      case "g": waiting = Date.now(); return true;
      case "/": { const q = $("#q") || $("#quick"); if (q) { q.focus(); q.select(); } return Boolean(q); }
      case "?": location.href = "/help/keys"; return true;
      case "j": return step(1);
      case "k": return step(-1);
      case "o": return click(".rowlink", scope());
      case "v": return click(".out-link", scope());
      case ".": return click("#live a");
      case "c": return click(".copies", scope()) || press("c");
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

  // live: counts only, one stream for all tabs
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
    status.replaceChildren(...(text ? [make("a", { href, textContent: text })] : []));
  };
  const show = (c) => {
    heard = Date.now();
    lost = false;
    root.dataset.live = "on";
    const { pathname, search } = location;
    const here = pathname + search;
    const fresh = c.articles - base.articles;
    const hot = $(".n.hot");
    if (hot) hot.firstChild.data = c.open_alerts;
    base.open = Math.min(base.open, c.open_alerts);
    const many = (n, what) => `${n} new ${what}${n === 1 ? "" : "s"} – show`;
    if (c.problem) say(c.problem, here);
    else if (c.open_alerts > base.open) say(many(c.open_alerts - base.open, "alert"), "/alerts");
    else if (fresh > 0) say(many(fresh, "article"), pathname === "/" ? "/" : here);
    else if (c.feeds_not_ok !== base.notOk) say(`now ${c.feeds_not_ok} feeds not ok – reload`, here);
    else say("", here);
  };
  setInterval(() => {
    if (Date.now() - heard < 30000 || lost) return;
    lost = true;
    say(`Live stopped ${new Date(heard).toISOString().slice(11, 16)} UTC. Reload`, location.href);
  }, 5000);
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("tocsin-live") : null;
  if (channel) channel.onmessage = (e) => {
    if (e.data?.ask) { if (last && source) channel.postMessage(last); } else show(e.data);
  };
  let source = null;
  let last = null;
  const listen = () => new Promise(() => {
    // Held until the tab goes: the lock passes to the next tab by itself.
    source = new EventSource("/live");
    source.addEventListener("counts", (e) => {
      last = JSON.parse(e.data);
      show(last);
      channel?.postMessage(last);
    });
    source.addEventListener("error", () => {
      if (source.readyState === 2) { source = null; setTimeout(listen, 5000); }
    });
  });
  setInterval(() => {
    if (source?.readyState === 1) { heard = Date.now(); if (last) channel?.postMessage(last); }
  }, 10000);
  if (navigator.locks && channel) {
    navigator.locks.request("tocsin-live", listen);
    channel.postMessage({ ask: true });
  } else {
    setInterval(() => fetch("/readyz").then((r) => r.json()).then((c) => {
      show({ articles: c.articles, open_alerts: base.open, feeds_not_ok: base.notOk, problem: c.problem });
    }, () => {}), 30000);
  }
  addEventListener("pagehide", () => { source?.close(); });
})();
