"""What stands under deploy/ beside the compose file: images, watching, security."""

import importlib.util
import json
import re
import subprocess
import sys
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from support.compose import load
from tocsin.pipeline.topology import WORKERS
from tocsin.telemetry import REGISTRY
from tocsin_schemas.feed import NOT_OK

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILES = sorted(DEPLOY.rglob("Dockerfile"))
COMPOSE = load(ROOT / "docker-compose.yml")
HADOLINT = Path(sys.executable).with_name("hadolint")


# Images ---------------------------------------------------------------------------------------------


def _hadolint(path):
    return subprocess.run([HADOLINT, path], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda p: p.parent.name)
def test_a_dockerfile_passes_hadolint(path):
    done = _hadolint(path)
    assert done.returncode == 0, done.stdout


def test_hadolint_catches_a_fault(tmp_path):
    seeded = tmp_path / "Dockerfile"
    shipped = (DEPLOY / "docker/Dockerfile").read_text("utf-8")
    seeded.write_text(
        shipped.replace("FROM ${BASE}\n", "FROM python:latest\n").replace(
            "WORKDIR /src", "RUN cd /src"
        )
    )
    done = _hadolint(seeded)
    assert done.returncode
    assert {"DL3007", "DL3003"} <= set(re.findall(r"DL\d+", done.stdout))


def test_the_image_installs_pinned_wheels_as_nobody_and_fetches_nothing_else():
    text = (DEPLOY / "docker/Dockerfile").read_text("utf-8")
    assert "--require-hashes --only-binary :all: -r requirements/distributed.txt" in text
    assert re.search(r"^ARG BASE=python:3\.13-slim$", text, re.MULTILINE)
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${BASE}", "${BASE}"]
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE) == ["1000:1000"]
    last = text[text.rindex("FROM ${BASE}") :]
    assert "pip " not in last
    for word in ("apt", "curl", "wget", "http://", "https://", "gcc", "index-url"):
        assert word not in text, word


def test_what_the_image_copies_is_let_through_and_nothing_else_is():
    text = (DEPLOY / "docker/Dockerfile").read_text("utf-8")
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    }
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    rules = [r for r in ignored if r and not r.startswith("#")]
    assert rules[0] == "*"
    assert {r[1:] for r in rules if r.startswith("!")} == copied
    assert all((ROOT / source).exists() for source in copied)


def test_without_an_engine_the_compose_test_says_so_and_claims_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "support.compose_run"],
        env={"PATH": str(tmp_path), "PYTHONPATH": str(ROOT / "tests"), "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"compose not run: no Docker engine answers, .+\n", done.stdout)


# Watching -------------------------------------------------------------------------------------------

METRICS = {
    sample
    for metric in REGISTRY.collect()
    for sample in {
        "counter": [f"{metric.name}_total"],
        "histogram": [f"{metric.name}{s}" for s in ("_bucket", "_count", "_sum")],
    }.get(metric.type, [metric.name])
}


def _yaml(path):
    return yaml.safe_load((DEPLOY / path).read_text("utf-8"))


def _rules():
    return [r for g in _yaml("prometheus/alerts.yml")["groups"] for r in g["rules"]]


def _dashboard():
    return json.loads((DEPLOY / "grafana/dashboards/tocsin.json").read_text("utf-8"))


def _expressions():
    yield from ((r["alert"], r["expr"]) for r in _rules())
    yield from ((p["title"], t["expr"]) for p in _dashboard()["panels"] for t in p["targets"])


@pytest.mark.parametrize(("name", "expression"), list(_expressions()), ids=lambda v: str(v)[:30])
def test_an_expression_asks_only_for_what_workers_tell(name, expression):
    asked = set(re.findall(r"\btocsin_[a-z_]+", expression))
    assert asked <= METRICS
    assert asked or re.search(r"\bup\b", expression)
    assert expression.count("(") == expression.count(")")
    assert expression.count("{") == expression.count("}")


def test_every_metric_name_is_known_to_this_test():
    assert "tocsin_events_total" in METRICS
    assert "tocsin_batch_seconds_bucket" in METRICS
    assert "tocsin_lag_records" in METRICS


def test_an_operator_is_told_of_lag_of_lost_workers_of_dead_letters_and_of_feeds():
    rules = {r["alert"]: r for r in _rules()}
    assert set(rules) == {
        "TocsinWorkerDown", "TocsinWorkerGone", "TocsinLag", "TocsinDeadLetters", "TocsinFeedsNotOk",
    }  # fmt: skip
    for rule in rules.values():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"]
    gone = re.findall(r'job="([a-z]+)"', rules["TocsinWorkerGone"]["expr"])
    assert sorted(gone) == sorted([w.name for w in WORKERS] + ["api"])


def test_prometheus_asks_every_worker_and_the_page_where_compose_puts_them():
    jobs = {j["job_name"]: j for j in _yaml("prometheus/prometheus.yml")["scrape_configs"]}
    assert set(jobs) == {w.name for w in WORKERS} | {"api"}
    asked = set()
    for name, job in jobs.items():
        for found in job.get("dns_sd_configs", []):
            asked |= set(found["names"])
            for service in found["names"]:
                port = COMPOSE.service(service).environment({})["TOCSIN_HEALTH_PORT"]
                assert str(found["port"]) == port
                assert COMPOSE.service(service).command[-1] == name
    assert asked == {w.name for w in WORKERS} | {"clusterer-spare"}
    page = COMPOSE.service("api").environment({})
    assert jobs["api"]["static_configs"] == [{"targets": [f"api:{page['TOCSIN_PORT']}"]}]
    assert "api" in page["TOCSIN_HOSTS"].split(",")


def test_watching_is_off_unless_asked_for():
    for name in ("prometheus", "grafana"):
        assert COMPOSE.service(name).profiles == ["metrics"]
    assert {n for n, s in COMPOSE.services.items() if s.profiles} == {
        "prometheus",
        "grafana",
        "press",
    }
    assert COMPOSE.service("press").profiles == ["demo"]


def test_the_dashboard_is_whole_and_reads_the_provisioned_source():
    (source,) = _yaml("grafana/provisioning/datasources/prometheus.yml")["datasources"]
    panels = _dashboard()["panels"]
    assert len({p["id"] for p in panels}) == len(panels)
    taken = set()
    for panel in panels:
        assert panel["datasource"]["uid"] == source["uid"]
        assert {t["datasource"]["uid"] for t in panel["targets"]} == {source["uid"]}
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not taken & cells, panel["title"]
        taken |= cells
    folder = _yaml("grafana/provisioning/dashboards/tocsin.yml")["providers"][0]["options"]["path"]
    assert f"./deploy/grafana/dashboards:{folder}:ro" in COMPOSE.service("grafana").raw["volumes"]


# Security -------------------------------------------------------------------------------------------


def _users():
    path = DEPLOY / "compose/security_users.py"
    spec = importlib.util.spec_from_file_location("security_users", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def secrets(tmp_path):
    place = tmp_path / "secrets"
    script = DEPLOY / "compose/make_secrets.sh"
    subprocess.run(["sh", script, place], check=True, capture_output=True)
    return place


def test_secrets_are_made_once_each_its_own_and_readable_by_their_owner_alone(secrets):
    held = {p.name: p.read_text("utf-8") for p in secrets.iterdir()}
    declared = load(DEPLOY / "compose/security.yml").raw["secrets"].values()
    assert set(held) == {Path(s["file"]).name for s in declared}
    assert len(set(held.values())) == len(held)
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in secrets.iterdir())
    kibana = yaml.safe_load(held["kibana.yml"])
    assert kibana["elasticsearch.password"] == held["kibana_password"]
    keys = [v for k, v in kibana.items() if k.endswith("encryptionKey")]
    assert len(set(keys)) == 3
    assert all(len(k) >= 32 for k in keys)
    subprocess.run(
        ["sh", DEPLOY / "compose/make_secrets.sh", secrets], check=True, capture_output=True
    )
    assert {p.name: p.read_text("utf-8") for p in secrets.iterdir()} == held


class _Node(BaseHTTPRequestHandler):
    """Answers with the statuses it was given, then 200; keeps what was asked."""

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        login = b64decode(self.headers["authorization"].removeprefix("Basic ")).decode()
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.server.asked.append((self.command, self.path, body, login, status))
        self.send_response(status)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_PUT  # noqa: N815  # the name that the server looks up

    def log_message(self, *_):
        pass


@pytest.fixture
def node():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Node)
    server.statuses, server.asked = [], []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_security_sets_kibanas_password_and_a_user_who_rules_only_the_desks_indices(node, secrets):
    assert _users().main(f"http://127.0.0.1:{node.server_port}", secrets, "a-") == 0
    password = (secrets / "elastic_password").read_text("utf-8")
    assert [(m, p) for m, p, *_ in node.asked] == [
        ("POST", "/_security/user/kibana_system/_password"),
        ("PUT", "/_security/role/tocsin"),
        ("PUT", "/_security/user/tocsin"),
    ]
    assert {login for *_, login, _ in node.asked} == {f"elastic:{password}"}
    role = node.asked[1][2]
    assert role["indices"] == [{"names": ["a-tocsin-*"], "privileges": ["all"]}]
    assert "all" not in role["cluster"]
    assert "manage_security" not in role["cluster"]
    user = load(DEPLOY / "compose/security.yml").raw["x-member"]["TOCSIN_ELASTICSEARCH_USER"]
    assert node.asked[2][1].endswith(f"/{user}")


def test_security_waits_for_a_node_that_is_starting(node, secrets):
    node.statuses = [503, 503]
    assert _users().main(f"http://127.0.0.1:{node.server_port}", secrets, "") == 0
    assert [status for *_, status in node.asked] == [503, 503, 200, 200, 200]


def test_security_says_which_request_was_refused_and_no_password(node, secrets, capfd):
    node.statuses = [401]
    assert _users().main(f"http://127.0.0.1:{node.server_port}", secrets, "") == 1
    said = capfd.readouterr()
    assert "kibana_system" in said.err
    assert "401" in said.err
    held = [p.read_text("utf-8").strip() for p in secrets.glob("*_password")]
    assert not any(word in said.err + said.out for word in held)


def test_the_feeds_rule_names_the_states_that_are_not_ok():
    (rule,) = [r for r in _rules() if r["alert"] == "TocsinFeedsNotOk"]
    named = set(re.search(r'state=~"([^"]+)"', rule["expr"])[1].split("|"))
    assert named == NOT_OK
