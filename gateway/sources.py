"""Sources as operators manage them: add one, build its harvester, try it without writing."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import Unprocessable
from gateway.models import Source
from gateway.schedule import check
from gateway.sealing import Sealer
from gateway.siblings import BATCH_RECORDS, Others, judged_in_batches
from gateway.store import Store, custodians, records, sources
from gateway.store import removals as removed
from harvesters.fetch import Fetcher, FetchPolicy
from harvesters.pipeline import Outcome, outcomes
from harvesters.plan import removals
from harvesters.registry import KINDS, WrongConfiguration, configure
from harvesters.source import Held, Mark, Pass, SourceError
from harvesters.source import Source as Harvester
from harvesters.turns import Turns


class Policy(BaseModel):
    """What an operator allows a source to do. The defaults suit a feed on the public internet."""

    model_config = ConfigDict(extra="forbid")
    allow_http: bool = Field(False, description="Allow plain http.")
    allowed_networks: list[str] = Field([], description="Private networks it may address, e.g. 127.0.0.0/8.")
    allowed_ports: list[int] = Field([], description="Ports beside 80 and 443.")
    attempts: int = Field(5, ge=1, le=10, description="Tries of a request that fails in a way that may heal.")
    min_interval_seconds: float = Field(0.25, ge=0, le=60, description="Pause between request starts.")


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


def add_source(store: Store, sealer: Sealer, wanted: NewSource, *, now: datetime) -> Source:
    """Raises :class:`Unprocessable` naming what is wrong, :class:`Conflict` on a taken name, :class:`NotFound` on an
    unknown custodian. The first run is due at once."""
    check(wanted.schedule, wanted.timezone)
    configuration = _checked(wanted.kind, wanted.configuration)
    policy = wanted.policy.model_dump()
    source = Source(
        slug=wanted.slug or custodians.slugify(wanted.name), name=wanted.name, kind=wanted.kind,
        configuration=configuration, policy=policy, schedule=wanted.schedule, timezone=wanted.timezone, state="active",
        secret=sealer.seal(wanted.secret) if wanted.secret else None,
        next_due_at=now if wanted.schedule != "manual" else None, created_at=now,
        configuration_hash=hashlib.sha256(orjson.dumps([configuration, policy], option=orjson.OPT_SORT_KEYS)).hexdigest(),
    )
    with store.transaction() as tx:
        if wanted.custodian:
            source.custodian_id = custodians.by_slug(tx.session, wanted.custodian).id
        return sources.add(tx.session, source)


def change_configuration(store: Store, slug: str, changes: dict[str, Any], *, policy: Policy | None = None) -> Source:
    """Point an existing source somewhere else; what it holds stays. Takes effect with its next run."""
    with store.transaction() as tx:
        source = sources.by_slug(tx.session, slug)
        source.configuration = _checked(source.kind, {**source.configuration, **changes})
        source.policy = policy.model_dump() if policy else source.policy
        together = orjson.dumps([source.configuration, source.policy], option=orjson.OPT_SORT_KEYS)
        source.configuration_hash = hashlib.sha256(together).hexdigest()
    return source


def _checked(kind: str, configuration: dict[str, Any]) -> dict[str, Any]:
    if kind not in KINDS:
        raise Unprocessable(f"{kind!r} is not a kind of source.", hint=f"Kinds: {', '.join(sorted(KINDS))}.", fields={"kind": "unknown"})
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
    fetcher = Fetcher(FetchPolicy(**source.policy), user_agent=user_agent, turns=turns, sleep=turns.sleep if turns else time.sleep)
    return Feed(source.kind, source.configuration, secret, KINDS[source.kind].holds_history), fetcher


def fetch_statistics(fetcher: Fetcher) -> dict[str, Any]:
    return fetcher.statistics.as_json()


@dataclass
class Trial:
    """What a run would do, or what a connection test saw. Nothing was written."""

    counters: Counter[str] = field(default_factory=Counter)
    records: list[dict[str, Any]] = field(default_factory=list)
    would_be_missing: list[str] = field(default_factory=list)
    would_be_removed: list[str] = field(default_factory=list)
    held_back: str = ""
    failure: dict[str, str] | None = None
    requests: int = 0
    shown_at_most: ClassVar[int] = 1000

    def add(self, outcome: Outcome, kind: str) -> None:
        self.counters[kind] += 1
        if kind != "unchanged" and len(self.records) < self.shown_at_most:
            findings = [finding.as_json() for finding in outcome.findings or ()]
            title = outcome.record.summary.title if outcome.record else None
            self.records.append(
                {
                    "local_id": outcome.local_id, "title": title, "outcome": kind, "reason": outcome.reason,
                    "detail": outcome.detail, "findings": findings,
                }
            )


def dry_run(store: Store, sealer: Sealer, slug: str, *, user_agent: str, now: datetime, at_most: int | None = None) -> Trial:
    """The run's own path without the write. With ``at_most`` it stops after so many records (a connection test)."""
    with store.reading() as session:
        source = sources.by_slug(session, slug)
        feed, fetcher = build_source(source, sealer.open, user_agent=user_agent)
        held = records.held(session, source, with_history=feed.holds_history)
        already_missing = removed.missing(session, source.id)
    attempt = _Attempt(held)
    wanted = "full" if at_most else "incremental"
    with fetcher:
        try:
            harvester = feed.build(fetcher, held, wanted)
            found = outcomes(harvester, held, custodian_known=source.custodian_id is not None, wanted=wanted, today=now.date())
            others = Others(source.id, source.custodian_id)
            attempt.read(judged_in_batches(store, others, found, size=at_most or BATCH_RECORDS), at_most=at_most)
        except SourceError as error:
            attempt.trial.failure = {"reason": error.reason, "message": str(error)}
        except WrongConfiguration as error:
            attempt.trial.failure = {"reason": "wrong-configuration", "message": str(error)}
    attempt.trial.requests = fetcher.statistics.requests
    if at_most is None:
        attempt.judge_removals(already_missing, now=now)
    return attempt.trial


class _Attempt:
    """A run that remembers instead of writing."""

    def __init__(self, held: records.HeldView) -> None:
        self.held = held
        self.trial = Trial()
        self.seen: set[str] = set()
        self.last: Mark | None = None

    def read(self, found: Iterable[Outcome | Mark], *, at_most: int | None) -> None:
        for item in found:
            self._take(item)
            if at_most and self.trial.counters.total() >= at_most:
                return

    def _take(self, item: Outcome | Mark) -> None:
        if isinstance(item, Mark):
            self.last = item
            for local_id in item.local_ids if item.unchanged else ():
                self.trial.counters["unchanged"] += self._see(local_id)
            return
        before = self.held.record(item.local_id)
        self._see(item.local_id)
        self.trial.add(item, _kind(item, before is not None and before.state in records.VISIBLE))

    def _see(self, local_id: str) -> bool:
        """Whether it was not seen before."""
        record = self.held.record(local_id)
        known_as = record.local_id if record else local_id
        is_new = known_as not in self.seen
        self.seen.add(known_as)
        return is_new

    def judge_removals(self, already_missing: Mapping[str, tuple[int, datetime]], *, now: datetime) -> None:
        trial, last = self.trial, self.last
        verdict = removals(
            live=self.held.by_state("live", "missing"), seen=frozenset(self.seen),
            complete=trial.failure is None and last is not None and last.complete,
            why_incomplete=(trial.failure or {}).get("reason") or (last.why_incomplete if last else None),
            already_missing=already_missing, now=now,
        )
        trial.would_be_missing, trial.would_be_removed = sorted(verdict.missing), sorted(verdict.removed)
        trial.held_back = verdict.why if verdict.held else ""


def _kind(outcome: Outcome, is_held: bool) -> str:
    if outcome.kind == "accepted":
        return "updated" if is_held else "created"
    return "repeated" if outcome.kind == "older" else outcome.kind
