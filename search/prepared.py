"""What an index holds of a search document, by the FIELDS table: the same for every engine.

The fields of an index of datasets: one stemmed text for each text of weight (tables and columns share ``structure``, the keyword
fields that count for plain words share ``facts``), and what every kind of document has (search/shape.py). Variables have an index of
their own (search/prepared_variables.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from search import query_fields, weights
from search.bands import FIRST_YEAR, LAST_YEAR, OLDEST, span
from search.document import BY_NAME, FACETS, FIELDS, NOT_REPORTED, Field
from search.engine import SearchDocument
from search.language import indexed_name, indexed_text, title_key
from search.shape import Shape

STRUCTURE: Final = ("tables", "table_descriptions", "columns", "column_descriptions")
FACT_FIELDS: Final = tuple(field for field in FIELDS if field.facet and field.weight)
FACET_FIELDS: Final = tuple(field for field in FIELDS if field.facet)
STORED: Final = tuple(field.name for field in FIELDS if field.stored)
SORTS: Final = {"title": "title", "newest": "first_seen", "updated": "updated", "start": "year_start", "population": "population", "quality": "quality", "leadtime": "lead_days"}
DESCENDING: Final = frozenset({"newest", "updated", "population", "quality"})
DATASETS: Final = Shape(
    name="datasets",
    searched={
        **{field.name: field.weight for field in FIELDS if field.analysis == "text" and field.weight and field.name not in STRUCTURE},
        "structure": 1, "facts": 1,
    },
    facets=FACETS,
    numbers=("year_first", "year_last", "population", "age_first", "age_last", "quality", "updated_day"),
    sorts=tuple(SORTS),
    telling=weights.EXTRA,
    shown=tuple(field.name for field in FIELDS if field.is_shown),
    names=frozenset({"tables"}),
    language=query_fields.DATASETS,
    whole=("suggest_custodian", "suggest_keyword", "standing"),
    ends={"kind": "subtype", "area": "region"},
)  # fmt: skip
FRESH_BETWEEN: Final = (2016, 2036)
"""Years of the last change that count nothing and most; what lies between is fixed, so that a standing does not change by itself."""
FRESH_SHARE: Final = 0.4
SHOWN_CHARACTERS: Final = 60_000
LONGEST_TERM: Final = 2_000
"""Characters of a whole value that are kept: engines refuse terms of more than some 32,000 bytes."""
SEPARATOR: Final = "\x1f"
_KEY_WIDTH: Final = 15
_KEY_MIDDLE: Final = 10**14


@dataclass(frozen=True, slots=True)
class Prepared:
    """``texts`` are normalised and still to be analysed; ``whole`` are not; ``orders`` are by sort."""

    id: str
    version: int
    title: str
    texts: dict[str, list[str]]
    whole: dict[str, list[str]]
    numbers: dict[str, int]
    orders: dict[str, str]
    card: dict[str, Any]
    shown: dict[str, Any]


def prepared(document: SearchDocument) -> Prepared:
    title = document.get("title", "")
    return Prepared(
        id=document["id"],
        version=document["version"],
        title=indexed_text(title),
        texts={name: list(_searched(name, document)) for name in DATASETS.searched},
        whole=cut(_whole(document, title)),
        numbers=_numbers(document),
        orders={sort: order_key(sort, document.get(name), document["id"]) for sort, name in SORTS.items()},
        card={name: document[name] for name in STORED if name in document},
        shown={name: shortened(document[name]) for name in DATASETS.shown if name in document},
    )


def cut(whole: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: [value[:LONGEST_TERM] for value in values] for name, values in whole.items()}


def facet_values(field: Field, document: SearchDocument) -> list[str]:
    """The distinct values of a facet, or that it is not reported."""
    values = document.get(field.name, [])
    found = list(dict.fromkeys([values] if isinstance(values, str) else values))
    return found or ([NOT_REPORTED] if field.has_not_reported else [])


def order_key(sort: str, value: Any, id_: str) -> str:
    """A text that sorts as the value does, then by id; documents without the value come last."""
    if value is None:
        return f"~{id_}"
    if sort == "title":
        return f"{title_key(value)[:LONGEST_TERM] or '~'}{SEPARATOR}{id_}"
    number = _timestamp(value) if isinstance(value, str) else float(value)
    scaled = min(max(round(number * 100), -_KEY_MIDDLE + 1), _KEY_MIDDLE - 1)
    return f"{_KEY_MIDDLE + (-scaled if sort in DESCENDING else scaled):0{_KEY_WIDTH}d}{SEPARATOR}{id_}"


def _searched(name: str, document: SearchDocument) -> Iterator[str]:
    """The texts of one searched field, ready for the analyzer."""
    if name == "facts":
        for field in FACT_FIELDS:
            yield from map(indexed_text, document.get(field.name, ()))
        return
    for source in STRUCTURE if name == "structure" else (name,):
        value = document.get(source, ())
        texts = [value] if isinstance(value, str) else value
        yield from map(indexed_name if BY_NAME[source].analysis == "names" else indexed_text, texts)


def _whole(document: SearchDocument, title: str) -> dict[str, list[str]]:
    return {
        "title_key": [title_key(title)],
        "identifiers": list(document.get("identifiers", ())),
        "suggest_custodian": list(suggestions([document["custodian_name"]] if "custodian_name" in document else [])),
        "suggest_keyword": list(suggestions(document.get("keywords", ()))),
        "standing": [str(standing(document))],
        **{f"facet_{field.name}": facet_values(field, document) for field in FACET_FIELDS},
    }


def standing(document: SearchDocument) -> int:
    """What decides between near ties, from 0 to STANDINGS: how well a dataset is described, and how fresh that is."""
    described = min(max(document.get("quality") or 0.0, 0.0), 100.0) / 100
    first, last = FRESH_BETWEEN
    updated = document.get("updated")
    year = 1970 + _timestamp(updated) / (365.25 * 86400) if updated else first
    fresh = (min(max(year, first), last) - first) / (last - first)
    return round(weights.STANDINGS * (described * (1 - FRESH_SHARE) + fresh * FRESH_SHARE))


def suggestions(values: Any) -> Iterator[str]:
    """``folded text from each of its words on`` + separator + text: found by the prefix of any of its words."""
    for value in values:
        words = title_key(value).split()
        if len(value) <= 100:
            yield from (f"{' '.join(words[start:])}{SEPARATOR}{value}" for start in range(min(len(words), 6)))


def _numbers(document: SearchDocument) -> dict[str, int]:
    """A start or end of coverage that is not stated is open where the other is."""
    found: dict[str, int] = {}
    years = span(document.get("year_start"), document.get("year_end"), FIRST_YEAR, LAST_YEAR)
    if years:
        found["year_first"], found["year_last"] = years
    ages = span(document.get("age_min"), document.get("age_max"), 0, OLDEST)
    if ages:
        found["age_first"], found["age_last"] = ages
    if document.get("population") is not None:
        found["population"] = document["population"]
    if document.get("quality") is not None:
        found["quality"] = int(document["quality"])
    if document.get("updated"):
        found["updated_day"] = day_number(datetime.fromtimestamp(_timestamp(document["updated"]), UTC).date())
    return found


def day_number(day: date) -> int:
    return day.toordinal()


def _timestamp(value: str) -> float:
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def shortened(value: Any) -> Any:
    """What is kept for highlights is bounded; what is searched is not."""
    if isinstance(value, str):
        return value[:SHOWN_CHARACTERS]
    kept, size = [], 0
    for text in value:
        size += len(text)
        if size > SHOWN_CHARACTERS:
            break
        kept.append(text)
    return kept
