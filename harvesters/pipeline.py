"""From a source to outcomes: read, parse, compare, translate, validate. A bad record is an outcome, never the end.

::

    RawRecord -> unchanged by hint?  -> bytes -> document -> equal content?  -> canonical record -> findings -> Outcome

Only a failing source raises: its listing, refused credentials, a server that asks to come back later, or one that
failed for several records in a row.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from harvesters.dates import is_dated, is_older
from harvesters.document_values import NO_IDENTITY, opened
from harvesters.identity import is_usable
from harvesters.judging import judged
from harvesters.read_ahead import read_ahead
from harvesters.resumption import Position, Standing, read_on
from harvesters.retries import is_pause
from harvesters.safe_text import is_safe
from harvesters.source import Content, FetchDeferred, Held, HeldRecord, Mark, Pass, RawRecord, Source, SourceError
from harvesters.stages import Stages
from schemas import document, translate
from schemas.findings import Findings
from schemas.foreign import without_volatile
from schemas.record import Dataset
from schemas.rules import Before, Facts, Listed

OutcomeKind = Literal["accepted", "unchanged", "repeated", "older", "quarantined", "rejected", "deleted", "done"]
ENDS_THE_RUN = frozenset({"credentials", "rate-limited", "tls"})
FAILURES_IN_A_ROW = 5
"""So many records whose server failed in a way that may heal mean that the server is down, not the records."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record.

    ``accepted`` is new content that may be shown; ``unchanged`` is what is held already; ``repeated`` was met before, in
    this run or as an earlier version; ``older`` is a state before the current one, for the history only; ``quarantined``
    has blocking findings; ``rejected`` could not be read; ``deleted`` was announced as gone by the source; ``done`` was
    committed by an earlier attempt at the same run.

    ``reason`` is a code of ``REASONS``: always for ``rejected`` and ``quarantined``, as advice for others. ``local_id`` is
    empty where an entry has none. ``content_hash`` is SHA-256 in hex over the document without its volatile parts.
    """

    local_id: str
    kind: OutcomeKind
    reason: str | None = None
    detail: str | None = None
    hint: str | None = None
    content: Content | None = None
    content_hash: str | None = None
    reading: translate.Reading | None = None
    findings: Findings | None = None
    aliases: tuple[str, ...] = ()
    former_ids: tuple[str, ...] = ()

    @property
    def record(self) -> Dataset | None:
        return self.reading.record if self.reading else None

    @property
    def losses(self) -> tuple[Any, ...]:
        return tuple(self.reading.losses) if self.reading else ()


@dataclass(slots=True)
class _Met:
    """What this run has met under one identifier. ``modified`` is the date of the newest accepted state."""

    hashes: set[str] = field(default_factory=set)
    hint: str | None = None
    modified: str | None = None
    is_accepted: bool = False


def outcomes(
    source: Source, held: Held, *, custodian_known: bool, wanted: Pass | str, today: dt.date, position: Position | None = None,
    demands_conformance: bool = False, at_once: int = 1, stages: Stages | None = None,
) -> Generator[Outcome | Mark]:
    """One outcome for each record, in order, with the source's marks between them.

    ``held`` may follow what the caller writes meanwhile. In an audit no hint is trusted. What is as it was held is not judged
    anew, though the date has moved. ``position`` says where to begin, and moves along with what is given out. Up to ``at_once``
    documents are fetched at a time; to be closed where it is not read to its end. ``stages`` is told how long each took. Raises
    :class:`SourceError`.
    """
    pipeline = _Pipeline(source.holds_history, held, custodian_known=custodian_known, trusts_hints=wanted != "audit", today=today)
    pipeline.demands_conformance = demands_conformance
    position = position or Position()
    pipeline.remember(position.seen)
    pipeline.stages = stages = stages or pipeline.stages
    listed = stages.given(source.records(after=position.after), "list")
    with closing(read_ahead(listed, at_once=at_once, is_wanted=pipeline.reads, leaves_out=position.done)) as items:
        for item, standing in read_on(items, position):
            met = item if isinstance(item, Mark) else pipeline.standing_outcome(item, standing)
            position.move_past(item)
            yield met


class _Pipeline:
    def __init__(self, holds_history: bool, held: Held, *, custodian_known: bool, trusts_hints: bool, today: dt.date) -> None:
        self._holds_history = holds_history
        self._held = held
        self._custodian_known = custodian_known
        self._trusts_hints = trusts_hints
        self._today = today
        self._met: dict[str, _Met] = {}
        self._failures_in_a_row = 0
        self.stages = Stages()
        self.demands_conformance = False
        """Whether an error against the declared specification keeps a record back, as what is needed to show it does."""

    def remember(self, local_ids: Iterable[str]) -> None:
        """Records that an earlier attempt at the run has met."""
        for local_id in local_ids:
            held = self._held.record(local_id)
            if held is not None and _is_good(held, with_refusal=True):
                self._met[local_id] = _Met({held.content_hash or ""}, held.hint, held.modified, is_accepted=True)

    def standing_outcome(self, raw: RawRecord, standing: Standing) -> Outcome:
        if standing == "done":
            self.remember((raw.local_id,))
            return Outcome(raw.local_id, "done")
        if standing == "skipped":
            return Outcome(raw.local_id, "rejected", "parser-killed", "Reading it ended the worker three times; it was left out.")
        return self.outcome(raw)

    def outcome(self, raw: RawRecord) -> Outcome:
        if raw.problem is not None:
            return Outcome(raw.local_id, "rejected", raw.problem, raw.problem_detail, raw.hint)
        if raw.deleted:
            return Outcome(raw.local_id, "deleted", hint=raw.hint)
        early = self._judge_by_hint(raw)
        return early or self._judge_content(raw)

    def reads(self, raw: RawRecord) -> bool:
        """Whether the document will be read, as far as that is known before the records in front of it are judged."""
        is_readable = raw.problem is None and not raw.deleted
        return is_readable and raw.local_id not in self._met and self._held_by_hint(raw) is None

    # by hint

    def _judge_by_hint(self, raw: RawRecord) -> Outcome | None:
        if raw.hint is None:
            return None
        met = self._met.get(raw.local_id)
        if met is not None:
            return Outcome(raw.local_id, "repeated", hint=raw.hint) if met.hint == raw.hint else None
        held = self._held_by_hint(raw)
        if held is None:
            return None
        self._met[raw.local_id] = _Met({held.content_hash or ""}, raw.hint, held.modified, is_accepted=True)
        return Outcome(raw.local_id, "unchanged", hint=raw.hint, content_hash=held.content_hash)

    def _held_by_hint(self, raw: RawRecord) -> HeldRecord | None:
        """What is held, where the listing says that it is what would be read."""
        held = self._held.record(raw.local_id)
        is_trusted = held is not None and self._trusts_hints and raw.hint is not None and held.hint == raw.hint
        return held if is_trusted and held is not None and _is_good(held) else None

    # by content

    def _judge_content(self, raw: RawRecord) -> Outcome:
        base = Outcome(raw.local_id, "rejected", hint=raw.hint)
        try:
            with self.stages.taking("fetch"):
                content = raw.read()
                declared = _declared(raw)
                content = replace(content, declared=declared) if content.declared != declared else content
            self._failures_in_a_row = 0
        except SourceError as failure:
            self._raise_if_the_source_fails(failure)
            return replace(base, reason=failure.reason, detail=failure.message)
        except Exception as failure:
            return _unexpected(base, failure)
        try:
            return self._judge_document(raw, replace(base, content=content))
        except document.Unreadable as failure:
            return replace(base, content=content, reason=_reason(failure, content), detail=failure.message)
        except RecursionError:
            return replace(base, content=content, reason="too-deep")
        except Exception as failure:
            return _unexpected(replace(base, content=content), failure)

    def _raise_if_the_source_fails(self, failure: SourceError) -> None:
        self._failures_in_a_row = self._failures_in_a_row + 1 if isinstance(failure, FetchDeferred) else 0
        if failure.reason in ENDS_THE_RUN or is_pause(failure) or self._failures_in_a_row >= FAILURES_IN_A_ROW:
            raise failure

    def _judge_document(self, raw: RawRecord, base: Outcome) -> Outcome:
        content = base.content
        assert content is not None
        with self.stages.taking("translate"):
            sent = opened(content)
            sent = replace(sent, findings=(*sent.findings, *raw.findings)) if raw.findings else sent
            base = replace(base, content_hash=document.content_hash(without_volatile(sent.value)))
        known = self._judge_by_hash(raw, base)
        if known is not None:
            return known
        with self.stages.taking("translate"):
            reading = translate.read(sent.value, content.declared)
        aliases = tuple(alias for alias in reading.aliases if is_usable(alias))
        base = replace(base, reading=reading, aliases=aliases, former_ids=self._former_ids(raw, reading))
        is_earlier = self._holds_history and self._is_earlier(raw, base)
        stated_ids = frozenset(filter(None, (translate.local_id(sent.value), *reading.aliases)))
        with self.stages.taking("validate"):
            found = judged(
                sent, reading, facts=self._facts(raw, base, stated_ids, is_earlier=is_earlier),
                identity_problem="" if raw.local_id else NO_IDENTITY, custodian_known=self._custodian_known,
            )  # fmt: skip
        is_blocked = not found.is_publishable or (self.demands_conformance and not found.findings.is_conformant)
        return self._judge_record(raw, replace(base, findings=found.findings), is_blocked=is_blocked, is_earlier=is_earlier)

    def _facts(self, raw: RawRecord, base: Outcome, stated_ids: frozenset[str], *, is_earlier: bool) -> Facts:
        """What the source and the catalogue know of the record. An earlier state is not compared with the one held."""
        before = Before() if is_earlier else self._before(raw, base)
        return Facts(today=self._today, before=before, listed=_listed(raw, stated_ids))

    def _before(self, raw: RawRecord, base: Outcome) -> Before:
        for known_as in (raw.local_id, *base.former_ids):
            held = self._held.record(known_as)
            if held is not None and _is_good(held, with_refusal=True):
                return Before(held.version, content_changed=held.content_hash != base.content_hash)
        return Before()

    def _judge_by_hash(self, raw: RawRecord, base: Outcome) -> Outcome | None:
        """An outcome for content that is known already, unless it was refused: rules and readings may have changed."""
        met, held = self._met.get(raw.local_id), self._held.record(raw.local_id)
        if met is not None and base.content_hash in met.hashes:
            return replace(base, kind="repeated")
        if held is None or not _is_good(held, with_refusal=True):
            return None
        if base.content_hash == held.content_hash:
            self._note(raw, base, modified=held.modified, is_accepted=True)
            return replace(base, kind="unchanged")
        if self._holds_history and base.content_hash in held.known_hashes:
            self._note(raw, base)
            return replace(base, kind="unchanged" if held.state in ("missing", "removed") else "repeated")
        return None

    def _judge_record(self, raw: RawRecord, base: Outcome, *, is_blocked: bool, is_earlier: bool) -> Outcome:
        modified = base.record.modified if base.record else None
        if is_earlier:
            self._note(raw, base)
            return replace(base, kind="older")
        if self._is_another(raw, modified):
            return replace(base, kind="rejected", reason="duplicate-id")
        self._note(raw, base, modified=modified, is_accepted=not is_blocked)
        if is_blocked:
            return replace(base, kind="quarantined", reason="blocking-findings")
        return replace(base, kind="accepted", reason=self._advice(raw, base))

    def _is_earlier(self, raw: RawRecord, base: Outcome) -> bool:
        """Whether this is a state before the current one. A state without a date is taken for one, unless it replaced it."""
        modified, current = base.record.modified if base.record else None, self._current_date(raw, base)
        is_undated = is_dated(current) and not is_dated(modified) and not raw.replaces_held
        return is_undated or is_older(modified, current)

    def _is_another(self, raw: RawRecord, modified: str | None) -> bool:
        """Whether an entry with other content was met under this identifier, and this one is not known to be newer."""
        met = self._met.get(raw.local_id)
        return met is not None and met.is_accepted and not is_older(met.modified, modified)

    def _current_date(self, raw: RawRecord, base: Outcome) -> str | None:
        """The date of the newest good state known of the record, under this identifier or an earlier one."""
        newest: str | None = None
        for known_as in (raw.local_id, *base.former_ids):
            met, held = self._met.get(known_as), self._held.record(known_as)
            dates = [met.modified if met is not None and met.is_accepted else None]
            dates.append(held.modified if held is not None and _is_good(held, with_refusal=True) else None)
            for date in dates:
                newest = date if newest is None or is_older(newest, date) else newest
        return newest

    def _former_ids(self, raw: RawRecord, reading: translate.Reading) -> tuple[str, ...]:
        """Earlier identifiers of the record. In a plain listing, one that is listed itself is a record of its own; among
        several states of a record it is an earlier state."""
        formers = (former for former in reading.former_ids if former != raw.local_id)
        return tuple(former for former in formers if self._holds_history or not self._is_listed(former, raw))

    def _is_listed(self, former: str, raw: RawRecord) -> bool:
        """Whether it was met in this run, itself or as the former identifier of another record that was."""
        held = self._held.record(former)
        return former in self._met or (held is not None and held.local_id != raw.local_id and held.local_id in self._met)

    def _advice(self, raw: RawRecord, base: Outcome) -> str | None:
        held = self._held.record(raw.local_id)
        if held is not None and raw.hint is not None and held.hint == raw.hint and _is_good(held):
            return "version-not-bumped"
        listed = (raw.listed or {}).get("version")
        stated = base.record.version if base.record else None
        return "version-mismatch" if listed and stated and str(listed).strip() != stated.strip() else None

    def _note(self, raw: RawRecord, base: Outcome, *, modified: str | None = None, is_accepted: bool = False) -> None:
        met = self._met.setdefault(raw.local_id, _Met())
        met.hint = raw.hint
        if base.content_hash is not None:
            met.hashes.add(base.content_hash)
        if is_accepted:
            met.modified, met.is_accepted = modified, True


def _is_good(held: HeldRecord, *, with_refusal: bool = False) -> bool:
    """Whether a good state is held, and (unless ``with_refusal``) the last one received was good as well."""
    return held.content_hash is not None and held.state != "unpublished" and (with_refusal or held.refused_hash is None)


def _listed(raw: RawRecord, stated_ids: frozenset[str]) -> Listed | None:
    """What a list with an entry for each record says of this one."""
    if raw.listed is None:
        return None
    title, version, modified = (_text(raw.listed, *names) for names in (("name", "title"), ("version",), ("modified",)))
    return Listed(raw.local_id or None, title, version, modified, stated_ids)


def _text(entry: dict[str, Any], *names: str) -> str | None:
    found = (entry.get(name) for name in names)
    return next((text for text in found if isinstance(text, str) and text.strip() and is_safe(text)), None)


def _declared(raw: RawRecord) -> str | None:
    """The specification that the list names for the document."""
    schema = (raw.listed or {}).get("@schema")
    return schema if isinstance(schema, str) and is_safe(schema) else None


def _reason(failure: document.Unreadable, content: Content) -> str:
    start = content.body[:1024].lstrip()
    if failure.reason != "bad-json":
        return failure.reason
    return "empty-answer" if not start else "html-instead-of-data" if start.startswith(b"<") else "bad-json"


def _unexpected(base: Outcome, failure: Exception) -> Outcome:
    log.error("reading record %r failed", base.local_id, exc_info=failure)
    return replace(base, kind="rejected", reason="parser-killed", detail=f"Reading failed: {type(failure).__name__}.")
