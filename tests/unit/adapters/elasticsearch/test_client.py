from pathlib import Path
from typing import Any

import pytest

from tocsin.adapters.elasticsearch.client import client_of
from tocsin.adapters.elasticsearch.faults import addresses
from tocsin.errors import UsageError
from tocsin.settings import Settings


def _settings(**over: Any) -> Settings:
    return Settings(**({"elasticsearch": "http://127.0.0.1:9200"} | over))


def test_several_addresses_stand_by_commas() -> None:
    client = client_of(_settings(elasticsearch="http://a.example:9200, https://b.example:9201"))
    assert set(addresses(client).split(", ")) == {"http://a.example:9200", "https://b.example:9201"}
    client.close()


@pytest.mark.parametrize(
    "address",
    [
        "localhost:9200",
        "http://localhost",
        "ftp://a:1",
        "http://a:port",
        "http://[::1",
        "http://:9",
    ],
)
def test_an_address_that_is_none_is_named_with_the_way_to_write_it(address: str) -> None:
    with pytest.raises(UsageError, match=r"TOCSIN_ELASTICSEARCH.*http://host:9200"):
        client_of(_settings(elasticsearch=address))


def test_no_address_at_all_is_told() -> None:
    with pytest.raises(UsageError, match="TOCSIN_ELASTICSEARCH is empty"):
        client_of(_settings(elasticsearch=" , "))


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="PASSWORD_FILE") as told:
        client_of(_settings(elasticsearch="http://me:hidden@es.example:9200"))
    assert "hidden" not in str(told.value)


def test_a_user_needs_a_readable_password_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="PASSWORD_FILE"):
        client_of(_settings(elasticsearch_user="tocsin"))
    missing = tmp_path / "none"
    with pytest.raises(UsageError, match=r"PASSWORD_FILE.*cannot be read"):
        client_of(_settings(elasticsearch_user="tocsin", elasticsearch_password_file=missing))


def test_a_certificate_authority_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"CA_FILE.*cannot be read"):
        client_of(_settings(elasticsearch_ca_file=tmp_path / "none"))
