"""What a rule is: an id, a severity, and a function that looks at a record and yields flaws. A rule never raises."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, Final, Literal

from schemas.findings import Severity
from schemas.record import Dataset

ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s,;<>\"']{1,2000}", re.ASCII)
MOST_TEXTS: Final = 100_000
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
    """What is known of other records: titles of this custodian's other records (in lower case), DOIs and PIDs of other
    datasets, and the version and content that this record had before.
    """

    titles: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    version_before: str | None = None
    content_changed: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What lies outside the record. Each may be unknown; the rules that need it are then not checked.

    ``probes`` maps addresses to what two visits a day apart found, ``registered`` DOIs to whether their agency knows them.
    """

    today: dt.date | None = None
    probes: Mapping[str, Literal["alive", "dead", "unknown"]] | None = None
    registered: Mapping[str, bool] | None = None
    siblings: Siblings | None = None


Need = Literal["today", "probes", "registered", "siblings"]


class Subject:
    """A record as rules look at it: with its texts at hand, and with the facts about it."""

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
    def texts(self) -> list[tuple[str, str]]:
        """The free texts with their paths, up to a limit that no honest record reaches; members of closed lists are left out."""
        return list(islice(_texts(self.document, ""), MOST_TEXTS))

    @cached_property
    def plain_texts(self) -> list[tuple[str, str]]:
        """Free texts outside tables: names and codes of columns may look like anything."""
        return [(path, text) for path, text in self.texts if not path.startswith("/structuralMetadata/tables")]

    @cached_property
    def numbered_texts(self) -> list[tuple[str, str]]:
        """Those of the plain texts that hold six digits or more in a row, but for blanks and hyphens."""
        return [(path, text) for path, text in self.plain_texts if LONG_NUMBER.search(text)]

    @cached_property
    def addresses(self) -> list[tuple[str, str]]:
        """Every web address in a free text outside tables, with the place of the text."""
        return [
            (path, found.rstrip(".)]")) for path, text in self.plain_texts if "://" in text and len(text) <= 50_000 for found in ADDRESS.findall(text)
        ]


@dataclass(frozen=True, slots=True)
class Rule:
    """``needs`` names the facts without which the rule does not run."""

    id: str
    severity: Severity
    find: Callable[[Subject], Iterator[Flaw]]
    needs: tuple[Need, ...] = ()


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ENUMERATED:
                yield from _texts(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{path}/{number}")
