"""What a rule is: an id, a severity, and a function that looks at a record and yields flaws. A rule never raises."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Final, Literal

from schemas.findings import Severity
from schemas.record import Column, Dataset

SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}\Z", re.ASCII)
LONGEST_SCHEME: Final = 31
AFTER_SCHEME: Final = re.compile(r"[^\s,;<>\"']{1,2000}", re.ASCII)
MOST_TEXTS: Final = 100_000
MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z?)?", re.ASCII)
LONG_NUMBER: Final = re.compile(r"[0-9](?:[ -]?[0-9]){5}", re.ASCII)
# Keys whose values come from closed lists: what looks like a placeholder there is a member of the list.
ENUMERATED: Final = frozenset(
    (
        "memberOf", "inPipeline", "materialType", "followUp", "purpose", "datasetType", "source", "collectionSource", "imageContrast",
        "publishingFrequency", "timeLag", "dataUseLimitation", "dataUseRequirements", "accessServiceCategory", "deliveryLeadTime",
        "vocabularyEncodingScheme", "conformsTo", "language", "observedNode", "bin", "diseaseCodeVocabulary", "assay", "platform",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flaw:
    """``path`` is a JSON Pointer into the canonical record. ``fix`` is the value that is certain to be meant, if any is."""

    path: str
    message: str
    hint: str
    value: Any = None
    severity: Severity | None = None
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Siblings:
    """What is known of other records: titles of this custodian's other records, and DOIs and PIDs of other datasets, both in
    lower case.
    """

    titles: Container[str] = frozenset()
    identifiers: Container[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Before:
    """The state of this record that was held before: its version, None where none was held or stated, and whether it had other content."""

    version: str | None = None
    content_changed: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """What a custodian's list says of this record. ``stated_ids`` are all identifiers that the document itself states."""

    identifier: str | None = None
    title: str | None = None
    version: str | None = None
    modified: str | None = None
    stated_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What lies outside the record. Each may be unknown; the rules that need it are then not checked.

    ``probes`` maps addresses to what two visits a day apart found, ``registered`` DOIs to whether their agency knows them.
    """

    today: dt.date | None = None
    probes: Mapping[str, Literal["alive", "dead", "unknown"]] | None = None
    registered: Mapping[str, bool] | None = None
    siblings: Siblings | None = None
    before: Before | None = None
    listed: Listed | None = None


Need = Literal["today", "probes", "registered", "siblings", "before", "listed"]


class Texts:
    """Texts with their paths, and all of them in one: what few of them hold is looked for once, not in each."""

    def __init__(self, members: list[tuple[str, str]]) -> None:
        self.members = members
        self.together = "|".join([text for _, text in members])
        self._starts = list(accumulate([len(text) + 1 for _, text in members], initial=0))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.members)

    def holding(self, part: str) -> list[tuple[str, str]]:
        return [member for member in self.members if part in member[1]] if part in self.together else []

    def matching(self, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
        """Those in which the pattern is found, which must neither match a vertical bar nor look at what stands around its match."""
        found = {bisect(self._starts, match.start()): None for match in pattern.finditer(self.together)}
        return [self.members[number - 1] for number in found]


class Subject:
    """A record as rules look at it: with its texts and columns at hand, and with the facts about it."""

    def __init__(self, record: Dataset, facts: Facts = Facts()) -> None:
        self.record = record
        self.facts = facts

    @property
    def today(self) -> dt.date:
        assert self.facts.today is not None
        return self.facts.today

    @cached_property
    def document(self) -> dict[str, Any]:
        return self.record.as_json()

    @cached_property
    def texts(self) -> Texts:
        """The free texts with their paths, up to a limit that no honest record reaches; members of closed lists are left out."""
        found: list[tuple[str, str]] = []
        _collect(self.document, "", found)
        return Texts(found[:MOST_TEXTS])

    @cached_property
    def plain_texts(self) -> Texts:
        """Free texts outside tables: names and codes of columns may look like anything."""
        if not self.record.structural_metadata.tables:
            return self.texts
        return Texts([(path, text) for path, text in self.texts if not path.startswith("/structuralMetadata/tables")])

    @cached_property
    def numbered_texts(self) -> list[tuple[str, str]]:
        """Those of the plain texts that hold six digits or more in a row, but for blanks and hyphens, and are no dates."""
        return [(path, text) for path, text in self.plain_texts.matching(LONG_NUMBER) if not MOMENT.fullmatch(text)]

    @cached_property
    def columns(self) -> list[tuple[str, Column]]:
        """The columns of all tables with their paths."""
        return [
            (f"/structuralMetadata/tables/{at}/columns/{place}", column)
            for at, table in enumerate(self.record.structural_metadata.tables or ())
            for place, column in enumerate(table.columns or ())
        ]

    @cached_property
    def addresses(self) -> list[tuple[str, str]]:
        """Every web address in a free text outside tables, with the place of the text."""
        return [
            (path, found.rstrip(".)]")) for path, text in self.plain_texts.holding("://") if len(text) <= 50_000 for found in _addresses_in(text)
        ]


@dataclass(frozen=True, slots=True)
class Rule:
    """``needs`` names the facts without which the rule does not run."""

    id: str
    severity: Severity
    find: Callable[[Subject], Iterator[Flaw]]
    needs: tuple[Need, ...] = ()


def _collect(value: Any, path: str, found: list[tuple[str, str]]) -> None:
    """Adds the free texts within a value to those found."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and name not in ENUMERATED:
                found.append((f"{path}/{name}", inner))
            elif name not in ENUMERATED:
                _collect(inner, f"{path}/{name}", found)
    elif isinstance(value, str):
        found.append((path, value))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _collect(inner, f"{path}/{number}", found)


def _addresses_in(text: str) -> Iterator[str]:
    """Each address from its scheme on. The scheme is looked for backwards: any word might be one, and few are."""
    at = end = 0
    while (at := text.find("://", max(at, end))) >= 0:
        scheme, rest = SCHEME.search(text, max(end, at - LONGEST_SCHEME), at), AFTER_SCHEME.match(text, at + 3)
        if scheme and rest:
            end = rest.end()
            yield text[scheme.start() : end]
        at += 3
