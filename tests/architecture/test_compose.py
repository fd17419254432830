"""docker-compose.yml is the path of topology.py, hardened, and says everything that a test must move."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from support.compose import load, resolve
from support.servers.cache import cache_folder
from tocsin.pipeline.topology import WORKERS
from tocsin.settings import Settings

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "docker-compose.yml"
PLUGIN = cache_folder().parent / "engine/config/cli-plugins/docker-compose"
COMPOSE = load(SHIPPED)
OVERRIDES = sorted((ROOT / "deploy/compose").glob("*.yml"))
SERVERS = {"kafka", "elasticsearch", "kibana"}
METRICS = {"prometheus", "grafana"}
OURS = {n: s for n, s in COMPOSE.services.items() if s.command[:1] == ["tocsin"]}
STATEFUL = {"clusterer", "clusterer-spare", "alerter", "notifier"}
PUBLISHED = {"api", "kibana", "grafana"}


def test_the_services_are_the_servers_the_workers_the_page_and_setup():
    workers = {w.name for w in WORKERS}
    assert set(COMPOSE.services) == (
        SERVERS | METRICS | workers | {"clusterer-spare", "api", "press", "setup", "setup-kibana"}
    )


def test_each_worker_service_starts_the_worker_that_it_is_named_after():
    commands = {n: s.command for n, s in OURS.items()}
    expected = {w.name: ["tocsin", "worker", w.name] for w in WORKERS}
    expected["clusterer-spare"] = ["tocsin", "worker", "clusterer"]
    expected |= {name: ["tocsin", "worker", name] for name in ("api", "press")}
    expected["setup"] = ["tocsin", "setup"]
    expected["setup-kibana"] = ["tocsin", "setup", "--kibana"]
    assert commands == expected


def test_what_topology_lets_run_more_than_once_can_be_scaled_and_nothing_else():
    many = {w.name for w in WORKERS if w.copies.startswith("many")}
    scaled = {n for n, s in OURS.items() if "replicas" in s.raw.get("deploy", {})}
    assert scaled == many
    assert COMPOSE.service("enricher").replicas == 2


def test_every_worker_with_a_state_file_has_a_volume_of_its_own():
    files = {w.name for w in WORKERS if w.state == "SQLite"}
    assert files | {"clusterer-spare"} == STATEFUL
    held = {}
    for name in STATEFUL:
        (mount,) = COMPOSE.service(name).raw["volumes"]
        volume, path = resolve(mount, {}).split(":")
        assert COMPOSE.service(name).environment({})["TOCSIN_DATA"] == path
        held[name] = volume
    assert len(set(held.values())) == len(STATEFUL)
    assert set(held.values()) <= set(COMPOSE.raw["volumes"])


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_a_service_of_ours_is_a_setting_that_can_be_read(name):
    environment = OURS[name].environment({})
    known = {f"TOCSIN_{field.upper()}" for field in Settings.model_fields}
    assert set(environment) <= known
    given = {key.removeprefix("TOCSIN_").lower(): value for key, value in environment.items()}
    read = Settings(**given)
    assert read.kafka == "kafka:9092"
    assert read.elasticsearch == "http://elasticsearch:9200"


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_is_hardened(name):
    raw = OURS[name].raw
    assert raw["user"] == "1000:1000"
    assert raw["read_only"] is True
    assert [t.split(":")[0] for t in raw["tmpfs"]] == ["/tmp"]
    assert raw["init"] is True
    assert raw["pids_limit"] <= 512


@pytest.mark.parametrize("name", COMPOSE.services)
def test_every_container_is_confined_and_its_memory_bounded(name):
    raw = COMPOSE.service(name).raw
    assert raw["cap_drop"] == ["ALL"]
    assert raw["security_opt"] == ["no-new-privileges:true"]
    assert raw["init"] is True
    assert re.fullmatch(r"\d+[mg]", resolve(raw["mem_limit"], {}))
    assert not {"privileged", "network_mode", "pid", "cap_add", "devices"} & set(raw)


def test_only_the_page_kibana_and_grafana_are_published_and_only_on_loopback():
    published = {n: s.raw["ports"] for n, s in COMPOSE.services.items() if "ports" in s.raw}
    assert set(published) == PUBLISHED
    for ports in published.values():
        for port in ports:
            assert port.startswith("${TOCSIN_PUBLISH:-127.0.0.1}:${TOCSIN_")
            assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", resolve(port, {}))


def test_whoever_needs_no_way_out_has_none():
    assert COMPOSE.raw["networks"]["inside"] == {"internal": True}
    out = {n for n, s in COMPOSE.services.items() if "outside" in s.raw["networks"]}
    assert out == PUBLISHED | {"collector", "notifier"}
    assert all("inside" in s.raw["networks"] for s in COMPOSE.services.values())


def test_every_long_running_service_is_watched_and_started_again():
    for name, service in COMPOSE.services.items():
        once = name.startswith("setup")
        assert bool(service.healthcheck) != once, name
        assert ("restart" in service.raw) != once, name
    for name in [w.name for w in WORKERS] + ["clusterer-spare", "api", "press"]:
        test = COMPOSE.service(name).healthcheck["test"]
        assert test[:3] == ["CMD", "python", "-c"]
        assert "/readyz" in test[3]
        assert "TOCSIN_HEALTH_PORT" in test[3]
        compile(test[3], name, "exec")


def test_everything_starts_after_what_it_needs():
    def after(name):
        return {n: d["condition"] for n, d in COMPOSE.service(name).raw["depends_on"].items()}

    healthy, done = "service_healthy", "service_completed_successfully"
    assert after("setup") == {"kafka": healthy, "elasticsearch": healthy}
    assert after("setup-kibana") == {"setup": done, "kibana": healthy}
    for name in [w.name for w in WORKERS] + ["clusterer-spare", "api", "press"]:
        assert after(name) == {"setup": done}


def test_setup_is_told_of_no_kibana_and_setup_kibana_is():
    assert "TOCSIN_KIBANA" not in COMPOSE.service("setup").environment({})
    assert COMPOSE.service("setup-kibana").environment({})["TOCSIN_KIBANA"] == "http://kibana:5601"


LOCAL = {
    "TOCSIN_KAFKA": "127.0.0.1:1",
    "TOCSIN_ELASTICSEARCH": "http://127.0.0.1:2",
    "TOCSIN_KIBANA": "http://127.0.0.1:3",
    "TOCSIN_HEALTH_HOST": "127.0.0.1",
    "TOCSIN_HOST": "127.0.0.1",
    "TOCSIN_PORT": "4",
}


def test_variables_move_every_address_port_and_folder_of_our_services():
    values = dict(LOCAL)
    for number, name in enumerate(COMPOSE.variables(), 100):
        if name.endswith("_HEALTH_PORT"):
            values[name] = str(number)
        elif name.endswith("_DATA"):
            values[name] = f"/elsewhere/{name}"
    ports, folders = [], []
    for service in OURS.values():
        environment = service.environment(values)
        left = [
            v
            for v in environment.values()
            if re.search(r"kafka:|elasticsearch:|0\.0\.0\.0|8421|/var/", v)
        ]
        assert left == [], service.name
        ports += [environment[k] for k in environment if k == "TOCSIN_HEALTH_PORT"]
        folders += [environment[k] for k in environment if k == "TOCSIN_DATA"]
    assert len(ports) == len(set(ports)) == len(OURS) - 2  # all but the two setups
    assert len(folders) == len(set(folders)) == len(STATEFUL)
    assert COMPOSE.service("api").environment(values)["TOCSIN_PAGE_URL"] == "http://127.0.0.1:4/"


def test_every_variable_has_one_default_and_images_are_pinned():
    assert all(name.startswith("TOCSIN_") for name in COMPOSE.variables())
    for service in COMPOSE.services.values():
        image = resolve(service.raw["image"], {})
        assert re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+", image), image


def test_a_variable_is_read_as_compose_reads_it():
    assert resolve("a${X:-1}b", {}) == "a1b"
    assert resolve("a${X:-1}b", {"X": "2"}) == "a2b"
    assert resolve("${X:-1}", {"X": ""}) == "1"
    assert resolve("${X:-http://h:${Y:-1}/}/z", {"Y": "7"}) == "http://h:7//z"
    for wrong in ("${X}", "${X-1}", "${X:?no}", "${X:-1", "${1:-x}"):
        with pytest.raises(ValueError, match=r"form|brace"):
            resolve(wrong, {})


def _schema():
    # Read as a file: the package's own command does not start with the click that Faust allows.
    package = Path(importlib.util.find_spec("check_jsonschema").origin).parent
    return json.loads((package / "builtin_schemas/vendor/compose-spec.json").read_text("utf-8"))


@pytest.mark.parametrize("path", [SHIPPED, *OVERRIDES], ids=lambda p: p.name)
def test_a_compose_file_keeps_the_specification(path):
    jsonschema.validate(yaml.safe_load(path.read_text("utf-8")), _schema())


@pytest.mark.parametrize("fault", [{"comand": ["x"]}, {"healthcheck": {"test": [True]}}])
def test_the_specification_catches_a_fault(fault):
    seeded = yaml.safe_load(SHIPPED.read_text("utf-8"))
    seeded["services"]["api"].update(fault)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(seeded, _schema())


def test_the_security_file_names_services_settings_and_secrets_that_exist():
    raw = load(ROOT / "deploy/compose/security.yml").raw
    known = {f"TOCSIN_{field.upper()}" for field in Settings.model_fields}
    assert set(raw["services"]) - {"security"} <= set(COMPOSE.services)
    for name, service in raw["services"].items():
        used = [s if isinstance(s, str) else s["source"] for s in service.get("secrets", [])]
        assert set(used) <= set(raw["secrets"]), name
        if name in OURS:
            assert set(service["environment"]) <= known
            file = service["environment"]["TOCSIN_ELASTICSEARCH_PASSWORD_FILE"]
            assert file.removeprefix("/run/secrets/") in used
        told = [k for k in service.get("environment", {}) if "PASSWORD" in k]
        assert all(k.endswith("_FILE") for k in told), name


def test_the_stand_ins_change_images_and_nothing_else():
    raw = load(ROOT / "deploy/compose/standins.yml").raw
    assert set(raw) == {"services"}
    for name, service in raw["services"].items():
        assert name in COMPOSE.services
        assert set(service) <= {"image", "pull_policy"}


def test_docker_compose_itself_accepts_the_files():
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TOCSIN_")}
    if PLUGIN.exists():  # built by an earlier make compose-test
        environment["DOCKER_CONFIG"] = str(PLUGIN.parents[1])
    probe = ["docker", "compose", "version"]
    if (
        not shutil.which("docker")
        or subprocess.run(probe, capture_output=True, check=False, env=environment).returncode
    ):
        pytest.skip("docker's compose plugin is not installed; make compose-test builds it")
    for override in (None, *OVERRIDES):
        files = ["-f", str(SHIPPED), *(["-f", str(override)] if override else [])]
        done = subprocess.run(
            ["docker", "compose", *files, "--profile", "metrics", "config", "-q"],
            capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
