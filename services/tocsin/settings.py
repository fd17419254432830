"""Every knob: one tree, prefix `TOCSIN_`, a description and a unit each. `tocsin config` prints it."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The effective settings. Unknown `TOCSIN_…` variables are named by `tocsin doctor`."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", extra="ignore", frozen=True)

    data: Path = Field(default=Path("data"), description="folder of the embedded store")
    host: str = Field(default="127.0.0.1", description="address the page listens on")
    port: int = Field(default=8420, ge=0, le=65535, description="port of the page; 0: any free one")
    hosts: str = Field(default="", description="further host names the page answers to, by commas")
    demo: bool = Field(default=False, description="run the demo press beside the desk")
    press: str = Field(
        default="",
        description="where the demo press of a distributed desk is reached by its collectors,"
        " http://host:port; empty: no demo",
    )
    demo_speed: float = Field(
        default=1.0, gt=0, description="how many times faster the demo press tells its two minutes"
    )
    collect: bool = Field(default=True, description="poll feeds; off: only `ingest` and the API")
    starter_feeds: bool = Field(
        default=False, description="add the starter list of public feeds to an empty register"
    )
    children: int = Field(
        default=0, ge=0, le=64, description="reading processes; 0: cores - 1, at least 1"
    )
    child_memory_mb: int = Field(
        default=1024,
        ge=768,
        description="memory of one reading process, MiB of address space; its models and word lists"
        " alone need about 750",
    )
    item_seconds: float = Field(default=5.0, gt=0, description="time to read one item, seconds")
    min_free_mb: int = Field(
        default=1024, ge=0, description="below this free disk, collecting stops, MiB"
    )
    allow_private: str = Field(
        default="", description="private networks that feeds may be fetched from, CIDR, by commas"
    )
    allow_private_webhooks: str = Field(
        default="", description="private networks that webhooks may be sent to, CIDR, by commas"
    )
    allow_ports: str = Field(default="", description="further ports that may be dialled, by commas")
    kafka: str = Field(
        default="",
        description="Kafka's addresses, host:port by commas; empty: the embedded desk",
    )
    elasticsearch: str = Field(
        default="", description="Elasticsearch's addresses, http(s)://host:port by commas"
    )
    elasticsearch_user: str = Field(default="", description="user of Elasticsearch; empty: none")
    elasticsearch_password_file: Path | None = Field(
        default=None, description="file that holds that user's password"
    )
    elasticsearch_ca_file: Path | None = Field(
        default=None, description="certificate authority that signed Elasticsearch's certificate"
    )
    kibana: str = Field(
        default="", description="Kibana's address, for `tocsin setup`; empty: no Kibana"
    )
    prefix: str = Field(
        default="",
        pattern=r"^([a-z][a-z0-9-]{0,30}-)?$",
        description="put before the names of topics, groups and indices, so that several desks can"
        " share servers; ends in a hyphen",
    )
    replicas: int = Field(
        default=1, ge=1, le=5, description="copies of each partition that `setup` asks Kafka for"
    )
    page_url: str = Field(
        default="", description="the page's address as readers reach it, for links in deliveries"
    )
    health_host: str = Field(
        default="127.0.0.1", description="address of a worker's /healthz, /readyz, /metrics"
    )
    health_port: int = Field(
        default=8421, ge=0, le=65535, description="port of these; 0: any free one"
    )
    ready_lag: int = Field(
        default=10_000, ge=0, description="a worker further behind than this is not ready, records"
    )
    contact: str = Field(default="", description="address shown to publishers in the User-Agent")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level that is logged, to standard error"
    )
