"""Which desk the settings mean, and what is said of half a distributed one."""

import importlib.util

import pytest

from tocsin.bootstrap.distributed import BE, run_worker
from tocsin.bootstrap.installing import install
from tocsin.bootstrap.servers import connect, distributed
from tocsin.bootstrap.session import back_up, put_back
from tocsin.errors import UsageError
from tocsin.pipeline.topology import WORKERS
from tocsin.settings import Settings

BOTH = Settings(kafka="127.0.0.1:1", elasticsearch="http://127.0.0.1:1")


def test_servers_make_the_desk_distributed():
    assert not distributed(Settings())
    assert distributed(BOTH)


@pytest.mark.parametrize(
    ("settings", "given", "other"),
    [
        (Settings(kafka="k:9092"), "TOCSIN_KAFKA is set", "TOCSIN_ELASTICSEARCH is not"),
        (Settings(elasticsearch="http://e:9200"), "TOCSIN_ELASTICSEARCH is set", "TOCSIN_KAFKA"),
    ],
)
def test_half_a_distributed_desk_is_refused(settings, given, other):
    with pytest.raises(UsageError, match=given) as told:
        distributed(settings)
    assert other in str(told.value)


def test_missing_packages_are_named_with_the_mend(monkeypatch):
    monkeypatch.setattr("tocsin.bootstrap.servers.sys.modules", {})
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"tocsin\[distributed\]"):
        distributed(BOTH)


def test_every_worker_of_the_path_can_be_a_process():
    assert {w.name for w in WORKERS} <= set(BE)


def test_an_unknown_worker_and_an_embedded_desk_s_settings_are_told(tmp_path):
    with pytest.raises(UsageError, match="there are collector, enricher"):
        run_worker(BOTH, "postman")
    with pytest.raises(UsageError, match="tocsin run"):
        run_worker(Settings(data=tmp_path), "indexer")


def test_an_address_of_kafka_that_is_none_is_told_before_anything_is_asked():
    with pytest.raises(UsageError, match="'nonsense' is no address of Kafka"):
        connect(BOTH.model_copy(update={"kafka": "nonsense"}))


def test_a_password_that_cannot_be_read_is_told_by_a_setup_of_kibana_alone(tmp_path):
    settings = BOTH.model_copy(
        update={
            "kibana": "http://127.0.0.1:1",
            "elasticsearch_user": "reader",
            "elasticsearch_password_file": tmp_path / "nowhere",
        }
    )
    with pytest.raises(UsageError, match=r"TOCSIN_ELASTICSEARCH_PASSWORD_FILE: .*nowhere"):
        install(settings, print, kibana_only=True)


def test_backups_are_of_the_embedded_desk(tmp_path):
    for work in (back_up, put_back):
        with pytest.raises(UsageError, match=r"backup\.md"):
            work(BOTH, tmp_path / "file")
