"""Sources as operators manage them: add one, change it, build its harvester."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Annotated, Any, Literal, Protocol

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gateway.errors import Unprocessable
from gateway.models import Source
from gateway.sources.schedule import check
from gateway.store import Store, custodians, sources
from gateway.store.sealing import Sealer
from harvesters.fetch import Fetcher, FetchPolicy
from harvesters.registry import ADDABLE, KINDS, WrongConfiguration, configure
from harvesters.source import Held, Pass
from harvesters.source import Source as Harvester
from harvesters.turns import Turns


class Policy(BaseModel):
    """What an operator allows a source to do. The defaults suit a feed on the public internet."""

    model_config = ConfigDict(extra="forbid")
    allow_http: bool = Field(False, title="Allow plain http", description="For a server that offers no https. Everything is then sent in the open.")
    allowed_networks: list[str] = Field([], title="Private networks", description="Private networks it may address, e.g. 127.0.0.0/8.")
    allowed_ports: list[Annotated[int, Field(ge=1, le=65535)]] = Field([], title="Ports", description="Ports beside 80 and 443.")
    attempts: int = Field(5, ge=1, le=10, title="Tries", description="Tries of a request that fails in a way that may heal.")
    quarantine: Literal["lenient", "conformant"] = Field(
        "lenient", title="What is held back", description="conformant: hold back every record that breaks the version of the specification it declares."
    )
    host_group: str = Field(
        "", max_length=100, pattern=r"^[a-z0-9.-]*$", title="Group of hosts", description="Hosts of one provider: sources of the same group take turns as if they read one host."
    )
    min_interval_seconds: float = Field(0.25, ge=0, le=60, title="Seconds between requests", description="Pause between request starts.")
    connections: int = Field(1, ge=1, le=6, title="Requests at once", description="Requests under way at once while the documents of single records are fetched.")

    @field_validator("allowed_networks")
    @classmethod
    def _networks_are_networks(cls, value: list[str]) -> list[str]:
        for one in value:
            try:
                ip_network(one)
            except ValueError:
                raise ValueError(f"must be networks such as 10.20.0.0/16, which {one!r} is not") from None
        return value

    @property
    def is_widened(self) -> bool:
        """Whether it lets a source go where sources may not go by themselves."""
        return self.allow_http or bool(self.allowed_networks) or bool(self.allowed_ports)


class NewSource(BaseModel):
    """A feed to add. ``custodian`` is a slug; without one the records' own custodians are used (an aggregating feed)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "HFEA metadata", "kind": "federation", "custodian": "hfea", "schedule": "@daily",
                    "configuration": {
                        "base_url": "https://metadata.example.org", "list_path": "/api/datasets",
                        "detail_path": "/api/datasets/{id}", "auth": "API_KEY",
                    },
                    "secret": "the key",
                }
            ]
        },
    )
    name: str = Field(min_length=1, max_length=150)
    kind: str
    configuration: dict[str, Any]
    secret: str | None = None
    custodian: str | None = None
    schedule: str = "@daily"
    timezone: str = "Europe/London"
    policy: Policy = Policy()
    slug: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")


def add_source(store: Store, sealer: Sealer, wanted: NewSource, *, now: datetime, state: str = "active") -> Source:
    """Raises :class:`Unprocessable` naming what is wrong, :class:`Conflict` on a taken name, :class:`NotFound` on an
    unknown custodian. The first run is due at once, or as soon as the source is active."""
    check(wanted.schedule, wanted.timezone)
    configuration = _checked(wanted.kind, wanted.configuration)
    policy = wanted.policy.model_dump()
    source = Source(
        slug=wanted.slug or custodians.slugify(wanted.name), name=wanted.name, kind=wanted.kind,
        configuration=configuration, policy=policy, schedule=wanted.schedule, timezone=wanted.timezone, state=state,
        secret=sealer.seal(wanted.secret) if wanted.secret else None,
        next_due_at=now if wanted.schedule != "manual" else None, created_at=now,
        configuration_hash=configuration_hash(configuration, policy),
    )
    with store.transaction() as tx:
        if wanted.custodian:
            source.custodian_id = custodians.by_slug(tx.session, wanted.custodian).id
        return sources.add(tx.session, source)


def change_configuration(store: Store, slug: str, changes: dict[str, Any], *, policy: Policy | None = None) -> Source:
    """Point an existing source somewhere else; what it holds stays. Takes effect with its next run."""
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        point(source, _checked(source.kind, {**source.configuration, **changes}), policy.model_dump() if policy else source.policy)
    return source


def change_policy(store: Store, slug: str, changes: dict[str, Any]) -> Source:
    """Of any source, one that takes pushes included. Raises :class:`ValidationError`."""
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        point(source, source.configuration, Policy(**{**source.policy, **changes}).model_dump())
    return source


def point(source: Source, configuration: dict[str, Any], policy: dict[str, Any]) -> bool:
    """Let the source be read so from now on; whether that is otherwise than before."""
    before, source.configuration, source.policy = source.configuration_hash, configuration, policy
    source.configuration_hash = configuration_hash(configuration, policy)
    return source.configuration_hash != before


def configuration_hash(configuration: dict[str, Any], policy: dict[str, Any]) -> str:
    """What a dry run holds for."""
    return hashlib.sha256(orjson.dumps([configuration, policy], option=orjson.OPT_SORT_KEYS)).hexdigest()


def _checked(kind: str, configuration: dict[str, Any]) -> dict[str, Any]:
    if kind not in ADDABLE:
        raise Unprocessable(f"{kind!r} is not a kind of source.", hint=f"Kinds: {', '.join(ADDABLE)}.", fields={"kind": "unknown"})
    try:
        return configure(kind, configuration)
    except WrongConfiguration as error:
        raise Unprocessable(
            f"The configuration of this {kind} source cannot be used.", fields=error.fields, hint="Mend the fields named."
        ) from error
    except ValidationError as error:
        fields = {".".join(map(str, flaw["loc"])): str(flaw["msg"]) for flaw in error.errors()}
        raise Unprocessable(f"The configuration of this {kind} source cannot be used.", fields=fields) from error


@dataclass(frozen=True, slots=True)
class Feed:
    """A source's harvester, ready to be built for one pass."""

    kind: str
    configuration: dict[str, Any]
    secret: str | None
    holds_history: bool

    def build(self, fetcher: Fetcher, held: Held, wanted: Pass | str) -> Harvester:
        return KINDS[self.kind].build(self.configuration, secret=self.secret, fetcher=fetcher, held=held, wanted=wanted)


class TurnsWithSleep(Turns, Protocol):
    def sleep(self, seconds: float) -> None: ...


def build_source(
    source: Source, open_secret: Callable[[str], str], *, user_agent: str, turns: TurnsWithSleep | None = None
) -> tuple[Feed, Fetcher]:
    secret = open_secret(source.secret) if source.secret else None
    allowed = {name: value for name, value in source.policy.items() if name not in ("quarantine", "host_group")}
    fetcher = Fetcher(FetchPolicy(**allowed), user_agent=user_agent, turns=turns, sleep=turns.sleep if turns else time.sleep)
    return Feed(source.kind, source.configuration, secret, KINDS[source.kind].holds_history), fetcher


def demands_conformance(source: Source) -> bool:
    """Whether a record is held back for any error, not only for what keeps it from being shown (S8)."""
    return source.policy.get("quarantine") == "conformant"


def fetch_statistics(fetcher: Fetcher) -> dict[str, Any]:
    return fetcher.statistics.as_json()
