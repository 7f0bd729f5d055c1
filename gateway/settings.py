"""All settings, read from the environment (prefix ``GATEWAY_``) and from a ``.env`` file where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.accounts.oidc.provider import IdentityProvider
from gateway.accounts.profile.issuers import VisaIssuer


class Settings(BaseSettings):
    """The defaults need nothing installed: one process, files in one data directory."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", env_file=".env", extra="ignore")

    data_dir: Path = Field(
        Path("data"), description="Folder for the database, the index, submitted documents, keys and outgoing mail."
    )
    database_url: str | None = Field(
        None, description="SQLAlchemy address of the database. Default: SQLite in the data folder. "
        "PostgreSQL: postgresql+psycopg://user:password@host/name."
    )
    queue_url: str | None = Field(
        None, description="Redis for the job queue and the limits: redis://host:6379/0. Default: jobs run inside the web process, which counts for itself. With it, run "
        "`gateway worker` (any number) and one `gateway beat`."
    )
    search_url: str | None = Field(
        None, description="Search server: http://host:9200/name for Elasticsearch, opensearch+http://host:9200/name for OpenSearch; https "
        "and user:password@host likewise. name is what its indices begin with. Default: the index lies in the data folder."
    )
    host: str = Field("127.0.0.1", description="Address the server listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the server listens on.")
    public_url: AnyHttpUrl | None = Field(
        None, description="Address people use to reach the gateway, for links in mail and feeds. Default: host and port."
    )
    service_name: str = Field("Alliance Gateway", description="Name shown on every page.")
    contact: str = Field(
        "operator@example.org", description="Address of the operator, sent with every harvest request and shown on the help page."
    )
    health_dcat: dict[str, Any] = Field(
        default_factory=dict, description="What HealthDCAT-AP demands of the catalogue and no record states, as JSON: legislation, "
        "body_name, body_contact, categories, dataset_type, access_rights, provenance. Default: nothing is said."
    )
    mail_url: str | None = Field(
        None, description="smtp://host:port or smtps://user:password@host:port. Default: messages land in the data folder and on the console."
    )
    mail_from: str = Field("gateway@example.org", description="Sender of outgoing mail.")
    audit_copy: Path | None = Field(
        None, description="Folder that gets a copy of the audit's signed heads each day; best on another disk or machine. Default: "
        "audit-heads in the data folder."
    )
    allow_networks: list[str] = Field(
        default_factory=list, description="Private networks that webhooks and identity providers may lie in, as a JSON list: [\"127.0.0.0/8\"]."
    )
    identity_providers: list[IdentityProvider] = Field(
        default_factory=list, description="OpenID Connect providers with which people may sign in, as a JSON list (see Identity providers)."
    )
    trusted_proxies: int = Field(
        0, ge=0, le=10, description="How many proxies stand before the gateway and each append the address they saw to X-Forwarded-For. "
        "Limits and keys bound to networks go by the address that the first of them saw; with 0 the header is not read."
    )
    visa_issuers: list[VisaIssuer] = Field(
        default_factory=list, description="Whose GA4GH visas fill in profiles, as a JSON list of name, issuer and key_location."
    )
    visa_key_file: Path | None = Field(
        None, description="Private key (PEM or JWK, P-256 or RSA) that signs visas for the data people may use. Default: none are given out."
    )
    scanner_url: str | None = Field(
        None, description="clamd that attached files are scanned with: clamd://127.0.0.1:3310, or clamd:///run/clamav/clamd.ctl for a socket file. It must be "
        "on this machine or in GATEWAY_ALLOW_NETWORKS. Default: none, and files that are attached to requests wait."
    )
    scanner_command: list[str] = Field(
        default_factory=list, description="Or a command, as a JSON list: it gets each file on its standard input and ends with 0 for clean, 1 for infected; "
        "anything else counts as no answer."
    )
    send_unscanned_files: bool = Field(
        False, description="Send attached files to custodians although no scanner has looked at them. Files in which one found something are never sent."
    )
    worker: bool = Field(True, description="Run the worker (schedules, harvests, index, deliveries) inside the web process.")
    tick_seconds: float = Field(1.0, gt=0, description="How often what is due is looked for; at least one second with GATEWAY_QUEUE_URL.")
    log_level: str = Field("INFO", description="Least severe log level that is written.")
    log_json: bool = Field(False, description="Write logs as JSON lines instead of readable text.")
    demo_port: int = Field(8101, ge=0, le=65000, description="First of the loopback ports the demonstration custodians listen on.")

    @property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'gateway.sqlite'}"

    @property
    def is_public(self) -> bool:
        """Whether others than the people at this machine are meant to reach it."""
        return self.public_url is not None

    @property
    def resolved_public_url(self) -> str:
        """Without a slash at the end."""
        return str(self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        """By the public address; cookies are kept to it then."""
        return self.resolved_public_url.startswith("https:")
