"""Dataset record -> search document, by the one FIELDS table that every engine reads.

A search document is a dict of plain values keyed by field name, plus ``id``, ``version`` and ``variables``
(search/variable.py). Texts are without HTML mark-up;
an engine normalises them with search/language.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from schemas.record import Dataset
from search.bands import AGES, FIRST_YEAR, LAST_YEAR, OLDEST, PEOPLE, YEARS, overlapped, span
from search.engine import SearchDocument
from search.language import ANALYSIS_VERSION, plain_text, title_key
from search.lead_times import lead_days
from search.places import ENGLAND, Places, resolve
from search.variable import FIELDS_VERSION, variables

Analysis = Literal["text", "names", "keyword", "number", "date", "flag"]
KNOWN_AS: Final = "is "
LINKED_WITH: Final = "with "
"""Values of the facet ``linkable``: what a dataset is called, and what others are called that it says it can be linked with."""
BEHIND: Final = "yes"
"""The value of the facet ``behind`` of descriptions that another one of the same dataset stands before."""
NOT_REPORTED: Final = "Not reported"
"""The facet value of documents that have none. A value like any other: counted, and chosen by filters."""


@dataclass(frozen=True, slots=True)
class Description:
    """Another record of the same dataset. ``known_as`` are its identifiers."""

    ref: str
    title: str
    slug: str | None = None
    custodian_name: str | None = None
    known_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a dataset beside its record. Times are ISO 8601; ``quality`` runs from 0 to 100."""

    ref: str
    pid: str | None
    version: int
    custodian_slug: str | None = None
    custodian_name: str | None = None
    custodian_category: str | None = None
    aliases: tuple[str, ...] = ()
    first_seen: str | None = None
    updated: str | None = None
    request_status: str | None = None
    """open, unrouted, preparation, open_data or closed; ``request_reason`` says why in a sentence."""
    request_reason: str | None = None
    from_scan: frozenset[tuple[str, str]] = frozenset()
    """The columns (table, name) that only a scan of the data tells of."""
    quality: float | None = None
    findings_errors: int = 0
    is_demonstration: bool = False
    spec_version: str | None = None
    others: tuple[Description, ...] = ()
    """What other sources say of the same dataset, the one that is shown first at the front."""
    is_behind: bool = False
    """Whether one of them is shown first, and this one is no hit of its own."""


@dataclass(frozen=True, slots=True)
class Source:
    """What fields are read from: the record, the facts, and the places worked out once."""

    record: Dataset
    facts: Facts
    places: Places


@dataclass(frozen=True, slots=True)
class Field:
    """``weight`` says how often the text counts for plain words (0: not searched by them). ``facet`` fields can be filtered and counted;
    ``has_not_reported`` facets name the lack of a value. ``stored`` fields are the card of a hit; ``sortable`` ones order.
    ``is_shown`` texts are highlighted and named as the place of a match."""

    name: str
    source: Callable[[Source], Any]
    analysis: Analysis
    weight: int = 0
    facet: bool = False
    has_not_reported: bool = False
    stored: bool = False
    sortable: bool = False
    is_shown: bool = False


def search_document(record: Dataset, facts: Facts) -> SearchDocument:
    """The document of one dataset. Values that are not stated are left out."""
    source = Source(record, facts, resolve(record.coverage.spatial or ()))
    document: SearchDocument = {"id": facts.ref, "version": facts.version}
    for field in FIELDS:
        value = field.source(source)
        is_stated = value is not None and value not in ([], "")
        if is_stated and not (field.analysis == "number" and _is_beyond(value)):
            document[field.name] = value
    columns = variables(record, facts.from_scan)
    return {**document, "variables": columns} if columns else document


def _is_beyond(number: float) -> bool:
    """Numbers that no index can hold are as good as not stated."""
    return not abs(number) <= LARGEST_NUMBER


# Where the values come from


def _title(source: Source) -> str | None:
    return _text(source.record.summary.title)


def _custodian(source: Source) -> str | None:
    return _text(source.facts.custodian_name or source.record.summary.data_custodian.name)


def _other_names(source: Source) -> list[str]:
    """What the dataset is called besides, by itself and by those that it stands before."""
    own = title_key(_title(source) or "")
    before = [] if source.facts.is_behind else [other.title for other in source.facts.others if title_key(plain_text(other.title)) != own]
    return _texts((*(source.record.summary.dataset_aliases or ()), *before))


def _custodians(source: Source) -> list[str]:
    """Its own, and those of the descriptions that it stands before."""
    before = [] if source.facts.is_behind else [other.custodian_name for other in source.facts.others]
    return _unique(name for name in (_custodian(source), *map(_text, before)) if name)


def _others(source: Source) -> list[dict[str, Any]]:
    stated = ({"ref": one.ref, "title": _text(one.title) or one.ref, "slug": one.slug, "custodian_name": _text(one.custodian_name)} for one in source.facts.others)
    return [{name: value for name, value in one.items() if value} for one in stated]


def _identifiers(source: Source) -> list[str]:
    return _identified(source.record, source.facts)


def _identified(record: Dataset, facts: Facts) -> list[str]:
    before = [] if facts.is_behind else [value for other in facts.others for value in other.known_as]
    found = [facts.ref, facts.pid, record.identifier, record.summary.doi_name, *facts.aliases, *before]
    return _unique(identifier_key(value) for value in found if value and not _is_placeholder(value))


def linkable_with(record: Dataset, facts: Facts) -> tuple[str, ...]:
    """The values of the facet ``linkable`` of datasets that can be linked with this one: because they say so, or because it does."""
    mine = (f"{LINKED_WITH}{value.removeprefix(KNOWN_AS)}" for value in _known_as(record, facts))
    theirs = (f"{KNOWN_AS}{value.removeprefix(LINKED_WITH)}" for value in _linked_with(record))
    return tuple(dict.fromkeys((*mine, *theirs)))


def _known_as(record: Dataset, facts: Facts) -> list[str]:
    title = title_key(plain_text(record.summary.title or ""))
    return [f"{KNOWN_AS}{key}" for key in _unique([*_identified(record, facts), *([title] if title else [])])]


def _linked_with(record: Dataset) -> list[str]:
    named = record.enrichment_and_linkage.linkable_datasets or ()
    keys = [identifier_key(value) for other in named for value in (other.pid, other.url) if value and not _is_placeholder(value)]
    titles = [title_key(plain_text(other.title)) for other in named if other.title and not _is_placeholder(other.title)]
    return [f"{LINKED_WITH}{key}" for key in _unique([*keys, *titles]) if key]


def _columns(source: Source) -> list[str]:
    return [name for name, _ in _column_pairs(source)]


def _column_descriptions(source: Source) -> list[str]:
    pairs = _column_pairs(source)
    return [description for _, description in pairs] if any(description for _, description in pairs) else []


def _column_pairs(source: Source) -> list[tuple[str, str]]:
    return [
        ("" if column.name is None else plain_text(str(column.name)), plain_text(column.description or ""))
        for table in source.record.structural_metadata.tables or ()
        for column in table.columns or ()
        if column.name is not None or column.description
    ]


def _column_count(source: Source) -> int | None:
    count = sum(len(table.columns or ()) for table in source.record.structural_metadata.tables or ())
    return count or None


def _kinds(source: Source) -> list[str]:
    return _texts(kind.name for kind in source.record.provenance.origin.dataset_type or ())


def _sub_kinds(source: Source) -> list[str]:
    return _texts(name for kind in source.record.provenance.origin.dataset_type or () for name in kind.sub_types or ())


def _year_start(source: Source) -> int | None:
    return _year(source.record.provenance.temporal.start_date)


def _year_end(source: Source) -> int | None:
    return _year(source.record.provenance.temporal.end_date)


def _is_continuing(source: Source) -> bool:
    return (source.record.provenance.temporal.end_date or "").strip().casefold() in CONTINUING


def _population(source: Source) -> int | None:
    size = source.record.summary.population_size
    return size if size is not None and size >= 0 else None


def _cost(source: Source) -> list[str]:
    stated = _texts(source.record.accessibility.access.access_request_cost)
    return _unique("Free" if value.casefold().strip(". ") in FREE else "Stated by the custodian" for value in stated)


def _lead_time(source: Source) -> list[str]:
    return _texts([source.record.accessibility.access.delivery_lead_time])


def _kind_paths(source: Source) -> list[str]:
    kinds = source.record.provenance.origin.dataset_type or ()
    pairs = ((_text(kind.name), name) for kind in kinds for name in _texts(kind.sub_types))
    return _unique(f"{kind}{UNDER}{name}" for kind, name in pairs if kind)


def _area_paths(source: Source) -> list[str]:
    return [f"{ENGLAND}{UNDER}{region}" for region in source.places.regions]


def _years(source: Source) -> list[str]:
    covered = span(_year_start(source), _year_end(source), FIRST_YEAR, LAST_YEAR)
    return overlapped(YEARS, *covered) if covered else []


def _people(source: Source) -> list[str]:
    people = _population(source)
    return [] if people is None else overlapped(PEOPLE, people, people)


def _ages(source: Source) -> list[str]:
    coverage = source.record.coverage
    covered = span(coverage.typical_age_range_min, coverage.typical_age_range_max, 0, OLDEST)
    return overlapped(AGES, *covered) if covered else []


UNDER: Final = " › "
"""Between a value and the one it is a part of, in facets of paths."""
CONTINUING: Final = frozenset({"continuous", "continuing", "ongoing", "present"})
FREE: Final = frozenset({"free", "free of charge", "no cost", "no charge", "none", "0 gbp", "£0", "0"})
LARGEST_NUMBER: Final = 2**53
PLACEHOLDERS: Final = frozenset(
    {
        "not available", "n/a", "na", "none", "not applicable", "in progress", "tbc", "not known", "unknown", "not specified",
        "to be confirmed", "none/not available", "availability to be confirmed", "not reported",
    }
)
_YEAR: Final = re.compile(r"(1[6-9]|20)\d\d")
_DOI_PREFIX: Final = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


def identifier_key(value: str) -> str:
    """How identifiers are compared: without blanks, case and the prefixes of DOIs."""
    return _DOI_PREFIX.sub("", value.strip()).rstrip("/").lower()


def _is_placeholder(value: str) -> bool:
    return value.strip().casefold().rstrip(".") in PLACEHOLDERS


def _text(value: str | None) -> str | None:
    return plain_text(value) or None if value else None


def _texts(values: Iterable[str | None] | None) -> list[str]:
    cleaned = (plain_text(value) for value in values or () if value)
    return _unique(value for value in cleaned if value and not _is_placeholder(value))


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _year(value: str | None) -> int | None:
    found = _YEAR.match((value or "").strip())
    return int(found[0]) if found else None


def _moment(value: str | None) -> str | None:
    """ISO 8601 that can be read; anything else is not stated."""
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).isoformat() if value else None
    except ValueError:
        return None


def _facet(name: str, source: Callable[[Source], Any], *, weight: int = 0, stored: bool = False, has_not_reported: bool = True) -> Field:
    return Field(name, source, "keyword", weight=weight, facet=True, has_not_reported=has_not_reported, stored=stored)


FIELDS: Final[tuple[Field, ...]] = (
    Field("title", _title, "text", weight=3, stored=True, sortable=True, is_shown=True),
    Field("aliases", _other_names, "text", weight=2, is_shown=True),
    Field("keywords", lambda s: _texts(s.record.summary.keywords), "text", weight=2, stored=True, is_shown=True),
    Field("abstract", lambda s: _text(s.record.summary.abstract), "text", weight=2, stored=True, is_shown=True),
    Field("description", lambda s: _text(s.record.documentation.description), "text", weight=1, is_shown=True),
    Field("custodian_name", _custodian, "text", weight=1, stored=True, is_shown=True),
    Field("tables", lambda s: _texts(t.name for t in s.record.structural_metadata.tables or ()), "names", weight=1, is_shown=True),
    Field("table_descriptions", lambda s: _texts(t.description for t in s.record.structural_metadata.tables or ()), "text", weight=1, is_shown=True),
    Field("columns", _columns, "names", weight=1),
    Field("column_descriptions", _column_descriptions, "text", weight=1),
    Field("identifiers", _identifiers, "keyword"),
    _facet("open", lambda s: ["yes"] if s.facts.request_status == "open" else [], has_not_reported=False),
    _facet("nation", lambda s: list(s.places.nations), weight=1),
    _facet("region", lambda s: list(s.places.regions), weight=1),
    _facet("place", lambda s: list(s.places.others), weight=1),
    _facet("custodian", _custodians),
    _facet("category", lambda s: _texts([s.facts.custodian_category])),
    _facet("network", lambda s: _texts([s.record.summary.data_custodian.member_of])),
    _facet("dtype", _kinds, weight=1, stored=True),
    _facet("subtype", _sub_kinds, weight=1),
    _facet("model", lambda s: _texts(s.record.accessibility.format_and_standards.conforms_to), weight=1, stored=True),
    _facet("vocab", lambda s: _texts(s.record.accessibility.format_and_standards.vocabulary_encoding_scheme), weight=1, stored=True),
    _facet("env", lambda s: _texts([s.record.accessibility.access.access_service_category]), weight=1, stored=True),
    _facet("lead", _lead_time),
    _facet("cost", _cost),
    _facet("linkable", lambda s: [*_known_as(s.record, s.facts), *_linked_with(s.record)], has_not_reported=False),
    _facet("material", lambda s: _texts(s.record.coverage.material_type), weight=1),
    _facet("purpose", lambda s: _texts(s.record.provenance.origin.purpose), weight=1),
    _facet("collection", lambda s: _texts(s.record.provenance.origin.collection_source), weight=1),
    _facet("format", lambda s: _texts(s.record.accessibility.format_and_standards.format)),
    _facet("language", lambda s: _texts(s.record.accessibility.format_and_standards.language)),
    _facet("limitation", lambda s: _texts(s.record.accessibility.usage.data_use_limitation)),
    _facet("assay", lambda s: _texts(s.record.omics.assay), weight=1),
    _facet("kind", _kind_paths, has_not_reported=False),
    _facet("area", _area_paths, has_not_reported=False),
    _facet("years", _years),
    _facet("people", _people),
    _facet("ages", _ages),
    _facet("keyword", lambda s: _texts(s.record.summary.keywords), has_not_reported=False),
    _facet("behind", lambda s: [BEHIND] if s.facts.is_behind else [], has_not_reported=False),
    Field("year_start", _year_start, "number", stored=True, sortable=True),
    Field("year_end", _year_end, "number", stored=True),
    Field("is_continuing", _is_continuing, "flag", stored=True),
    Field("population", _population, "number", stored=True, sortable=True),
    Field("age_min", lambda s: s.record.coverage.typical_age_range_min, "number", stored=True),
    Field("age_max", lambda s: s.record.coverage.typical_age_range_max, "number", stored=True),
    Field("quality", lambda s: s.facts.quality, "number", stored=True, sortable=True),
    Field("lead_days", lambda s: lead_days(s.record.accessibility.access.delivery_lead_time), "number", sortable=True),
    Field("table_count", lambda s: len(s.record.structural_metadata.tables or ()) or None, "number", stored=True),
    Field("column_count", _column_count, "number", stored=True),
    Field("findings_errors", lambda s: s.facts.findings_errors, "number", stored=True),
    Field("first_seen", lambda s: _moment(s.facts.first_seen), "date", stored=True, sortable=True),
    Field("updated", lambda s: _moment(s.facts.updated), "date", stored=True, sortable=True),
    Field("accepts_requests", lambda s: s.facts.request_status == "open", "flag", stored=True),
    Field("request_status", lambda s: s.facts.request_status, "keyword", stored=True),
    Field("request_reason", lambda s: s.facts.request_reason, "keyword", stored=True),
    Field("is_demonstration", lambda s: s.facts.is_demonstration, "flag", stored=True),
    Field("pid", lambda s: s.facts.pid, "keyword", stored=True),
    Field("custodian_slug", lambda s: s.facts.custodian_slug, "keyword", stored=True),
    Field("lead_time", lambda s: _text(s.record.accessibility.access.delivery_lead_time), "keyword", stored=True),
    Field("nations", lambda s: list(s.places.nations), "keyword", stored=True),
    Field("places", lambda s: [*s.places.nations, *s.places.regions, *s.places.others], "keyword", stored=True),
    Field("spec_version", lambda s: s.facts.spec_version, "keyword", stored=True),
    Field("also_described", _others, "keyword", stored=True),
)  # fmt: skip
BY_NAME: Final = {field.name: field for field in FIELDS}
FACETS: Final = tuple(field.name for field in FIELDS if field.facet)


def _mapping_hash() -> str:
    rows = [(field.name, field.analysis, field.facet, field.has_not_reported, field.stored, field.sortable, field.is_shown, field.weight) for field in FIELDS]
    return hashlib.sha256(repr((ANALYSIS_VERSION, FIELDS_VERSION, rows)).encode()).hexdigest()[:16]


MAPPING_HASH: Final = _mapping_hash()
"""What an index was made with: changes with everything in FIELDS and the analysis that shapes an index."""
