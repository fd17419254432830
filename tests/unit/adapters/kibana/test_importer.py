"""The import says what a Kibana says; a Kibana that warms up is waited for, one that refuses is named."""

import json
import shutil
import socket
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.kibana_server import (
    DASHBOARD,
    IMPORT,
    SET,
    SETTINGS,
    STATUS,
    healthy,
    kibana_server,
)
from tocsin.adapters.kibana.importer import LUCENE, LUCENE_OPTIONS, import_objects
from tocsin.errors import Retryable, UsageError

PANELS, CONTROLS = 3, 2
NDJSON = (
    json.dumps({"type": "index-pattern", "id": "tocsin-articles", "attributes": {}})
    + "\n"
    + json.dumps(
        {
            "type": "dashboard",
            "id": "tocsin-monitoring",
            "attributes": {
                "panelsJSON": json.dumps([{}] * PANELS),
                "controlGroupInput": {"panelsJSON": json.dumps({"a": {}, "b": {}})},
            },
        }
    )
    + "\n"
)


def handed(server, **over):
    return import_objects(server.url, NDJSON, **({"patience_s": 5, "pause_s": 0.01} | over))


def test_the_file_goes_as_one_ndjson_upload_that_overwrites():
    with kibana_server(healthy(PANELS, CONTROLS)) as server:
        done = handed(server, user="elastic", password="pw ü")

    (headers, body), *more = server.calls(IMPORT)
    assert more == []
    assert headers["kbn-xsrf"] == "true"
    assert headers["authorization"] == "Basic ZWxhc3RpYzpwdyDDvA=="
    boundary = headers["content-type"].partition("boundary=")[2]
    first, part, end = body.split(f"--{boundary}".encode())
    assert (first, end) == (b"", b"--\r\n")
    head, _, content = part.partition(b"\r\n\r\n")
    assert b'name="file"; filename="tocsin.ndjson"' in head
    assert content == NDJSON.encode() + b"\r\n"
    assert (done.version, done.objects, done.dashboards) == ("9.4.3", 12, ("tocsin-monitoring",))
    assert done.notes == ()


def test_a_kibana_that_warms_up_is_waited_for():
    says = healthy(PANELS, CONTROLS)
    says[STATUS].insert(0, (503, "Kibana server is not ready yet"))
    says[IMPORT][:0] = [(503, {"message": "warming"}), (502, "")]
    with kibana_server(says) as server:
        done = handed(server)

    assert done.objects == 12
    assert (len(server.calls(STATUS)), len(server.calls(IMPORT))) == (2, 3)


def test_a_kibana_that_never_gets_ready_is_given_up_on_with_its_last_words():
    says = healthy(PANELS, CONTROLS) | {IMPORT: [(503, {"message": "license not ready"})]}
    with (
        kibana_server(says) as server,
        pytest.raises(Retryable, match=r"not ready within 0\.2 s.*503: license not ready"),
    ):
        handed(server, patience_s=0.2)


def test_nobody_at_the_address_is_told_after_the_patience():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    with pytest.raises(Retryable, match=r"does not answer: .*refused"):
        import_objects(f"http://127.0.0.1:{port}", NDJSON, patience_s=0.05, pause_s=0.01)


def test_a_200_that_says_no_success_names_each_object_and_reason_and_a_repeat_is_a_new_try():
    refused = {
        "success": False,
        "successCount": 1,
        "errors": [
            {
                "type": "dashboard",
                "id": "tocsin-monitoring",
                "error": {
                    "type": "missing_references",
                    "references": [{"type": "index-pattern", "id": "tocsin-stories"}],
                },
            },
            {
                "type": "search",
                "id": "tocsin-newest",
                "error": {"type": "unknown", "statusCode": 422, "message": "more recent version"},
            },
        ],
    }
    says = healthy(PANELS, CONTROLS)
    says[IMPORT][:0] = [(503, ""), (503, ""), (200, refused)]
    with kibana_server(says) as server:
        with pytest.raises(UsageError) as caught:
            handed(server)
        done = handed(server)

    text = str(caught.value)
    assert "dashboard tocsin-monitoring: missing_references (index-pattern tocsin-stories)" in text
    assert "search tocsin-newest: unknown (more recent version)" in text
    assert done.objects == 12
    assert len(server.calls(IMPORT)) == 4


@pytest.mark.parametrize("answer", [(200, "null"), (200, "<html>"), (413, "too large"), (200, {})])
def test_an_answer_to_the_import_that_is_no_success_is_a_failure(answer):
    says = healthy(PANELS, CONTROLS) | {IMPORT: [answer]}
    with kibana_server(says) as server, pytest.raises(UsageError):
        handed(server)


@pytest.mark.parametrize("door", [STATUS, IMPORT])
def test_a_wrong_password_is_told_at_once(door):
    says = healthy(PANELS, CONTROLS) | {door: [(401, {"message": "Unauthorized"})]}
    with (
        kibana_server(says) as server,
        pytest.raises(UsageError, match="refuses the user or the password"),
    ):
        handed(server, user="elastic", password="wrong")

    assert len(server.calls(door)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (200, "<!doctype html><title>Grafana</title>"),
        (200, {"version": "1.0"}),
        (200, {"version": {"number": "latest"}}),
        (200, "[" * 100_000),
        (200, []),
        (404, ""),
        (302, ""),
    ],
)
def test_a_page_that_is_no_kibana_is_told_and_gets_no_objects(answer):
    with (
        kibana_server(healthy(PANELS, CONTROLS) | {STATUS: [answer]}) as server,
        pytest.raises(UsageError, match="no Kibana"),
    ):
        handed(server)

    assert [d for d, _, _ in server.asked] == [STATUS]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:5601",
        "ftp://localhost",
        "http://",
        "http://[",
        "http://localhost:port",
        "http://localhost:0",
        "http://local host",
        "http://localhost/\r\nX: y",
        "http://localhost?q=",
        "http://localhost/#",
        "http://me:pw@localhost:5601",
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_dialled(url):
    with pytest.raises(UsageError, match="TOCSIN_KIBANA"):
        import_objects(url, NDJSON)


def test_a_certificate_file_that_is_none_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(UsageError, match=r"ca\.pem is no certificate authority"):
        import_objects("https://localhost:5601", NDJSON, ca_file=tmp_path / "ca.pem")


def test_lucene_options_are_added_to_those_that_stand_there():
    held = json.dumps({"analyze_wildcard": False, "lenient": True})
    says = healthy(PANELS, CONTROLS)
    says[SETTINGS] = [(200, {"settings": {LUCENE: {"userValue": held}}})]
    with kibana_server(says) as server:
        handed(server)

    ((_, body),) = server.calls(SET)
    assert json.loads(json.loads(body)["changes"][LUCENE]) == {"lenient": True, **LUCENE_OPTIONS}


def test_lucene_options_that_stand_there_are_left_alone():
    says = healthy(PANELS, CONTROLS)
    says[SETTINGS] = [(200, {"settings": {LUCENE: {"userValue": json.dumps(LUCENE_OPTIONS)}}})]
    with kibana_server(says) as server:
        handed(server)

    assert server.calls(SET) == []


@pytest.mark.parametrize("door", [SETTINGS, SET])
def test_lucene_options_that_may_not_be_set_are_a_note_that_says_how(door):
    says = healthy(PANELS, CONTROLS) | {door: [(403, {"message": "not yours"})]}
    with kibana_server(says) as server:
        done = handed(server)

    (note,) = done.notes
    assert LUCENE in note
    assert "403: not yours" in note
    assert '"default_operator": "AND"' in note


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"data": {"panels": [{}] * 2, "pinned_panels": [{}] * 2}}, "2 of 3 panels are left"),
        ({"data": {"panels": [{}] * 3, "pinned_panels": []}}, "0 of 2 pinned panels are left"),
        (
            {
                "data": {"panels": [{}] * 3},
                "warnings": [{"type": "dropped_panel", "message": "no lens"}],
            },
            "dropped_panel: no lens",
        ),
        (
            {
                "data": {"panels": [{}] * 3},
                "warnings": [{"type": "schema_warning", "message": "[panels.0]: y"}],
            },
            "schema_warning",
        ),
    ],
)
def test_a_dashboard_that_kibana_cannot_show_whole_is_a_failure(found, told):
    says = healthy(PANELS, CONTROLS) | {DASHBOARD: [(200, found)]}
    with kibana_server(says) as server, pytest.raises(UsageError, match=told.replace("[", r"\[")):
        handed(server)


def test_a_dashboard_that_is_not_found_again_is_a_failure():
    gone = {"message": "A dashboard with ID [tocsin-monitoring] was not found."}
    says = healthy(PANELS, CONTROLS) | {DASHBOARD: [(404, gone)]}
    with kibana_server(says) as server, pytest.raises(UsageError, match="does not find it again"):
        handed(server)


@pytest.mark.parametrize("answer", [(404, {"message": "Not Found"}), (400, {"message": "version"})])
def test_a_kibana_without_that_door_leaves_a_note(answer):
    says = healthy(PANELS, CONTROLS) | {DASHBOARD: [answer]}
    with kibana_server(says) as server:
        done = handed(server)

    assert done.dashboards == ()
    assert "could not be read back" in done.notes[0]


@pytest.mark.parametrize("version", ["8.19.2", "9.3.0"])
def test_an_older_kibana_is_not_asked_for_the_dashboard(version):
    with kibana_server(healthy(PANELS, CONTROLS, version)) as server:
        done = handed(server)

    assert server.calls(DASHBOARD) == []
    assert version in done.notes[0]


def test_a_kibana_below_a_path_is_asked_below_it():
    says = {
        door.replace(" /", " /kibana/s/desk/"): script
        for door, script in healthy(PANELS, CONTROLS).items()
    }
    with kibana_server(says) as server:
        done = import_objects(server.url + "/kibana/s/desk/", NDJSON, patience_s=5, pause_s=0.01)

    assert done.objects == 12


DOORS = st.sampled_from([STATUS, IMPORT, SETTINGS, SET, DASHBOARD])
SAID = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "success",
                    "successCount",
                    "errors",
                    "error",
                    "references",
                    "type",
                    "message",
                    "version",
                    "number",
                    "settings",
                    LUCENE,
                    "userValue",
                    "data",
                    "panels",
                    "pinned_panels",
                    "warnings",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def any_server():
    with kibana_server({}) as server:
        yield server


@settings(max_examples=150, deadline=None)
@given(door=DOORS, status=st.sampled_from([200, 201, 400, 403, 404, 500]), said=SAID)
def test_whatever_a_kibana_says_ends_in_a_report_or_in_words_of_ours(
    any_server, door, status, said
):
    any_server.says = healthy(PANELS, CONTROLS) | {door: [(status, said)]}
    told = []
    try:
        told += handed(any_server).notes
    except UsageError as error:
        told.append(str(error))

    assert all(line.isprintable() for line in told)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 and its key, made now."""
    made = tmp_path_factory.mktemp("tls") / "pair.pem"
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    wanted = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    named = ["-addext", "subjectAltName=IP:127.0.0.1"]
    into = ["-keyout", made, "-out", made.with_suffix(".crt")]
    subprocess.run(["openssl", *wanted.split(), *named, *into], check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + made.with_suffix(".crt").read_bytes())
    return made


def test_over_tls_the_named_authority_is_believed(certificate):
    with kibana_server(healthy(PANELS, CONTROLS), certificate) as server:
        assert handed(server, ca_file=certificate.with_suffix(".crt")).objects == 12


def test_over_tls_a_certificate_that_nobody_has_signed_is_refused_at_once(certificate):
    with (
        kibana_server(healthy(PANELS, CONTROLS), certificate) as server,
        pytest.raises(UsageError, match="TOCSIN_ELASTICSEARCH_CA_FILE"),
    ):
        handed(server)

    assert server.asked == []
