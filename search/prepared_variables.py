"""What an index of variables holds: one document for each column of a dataset (search/variable.py), the same for every engine.

Ids are ``<ref>:<place>``, the place in the record from 1, so that a newer version of a dataset takes the places of the older one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from search import query_fields, weights
from search.document import NOT_REPORTED
from search.engine import SearchDocument
from search.language import indexed_name, indexed_text, title_key
from search.prepared import SEPARATOR, Prepared, cut, shortened
from search.shape import Shape
from search.variable import Variable, name_key

VARIABLES: Final = Shape(
    name="variables",
    searched={"name": 3, "description": 2, "values": 1, "table": 0, "dataset_title": 0, "custodian_name": 0},
    facets=("name", "first_name", "type", "table", "sensitive", "dataset", "custodian", "vocab"),
    numbers=(),
    sorts=("title", "dataset"),
    telling=weights.EXTRA_OF_VARIABLES,
    shown=("name", "description", "values", "table"),
    names=frozenset({"name", "table"}),
    language=query_fields.VARIABLES,
    whole=("suggest_name",),
)


def prepared_variables(document: SearchDocument) -> Iterator[Prepared]:
    """The variables of a dataset, in its order."""
    seen: set[str] = set()
    dataset = _Dataset(document)
    for place, variable in enumerate(document.get("variables", ()), 1):
        key = name_key(variable.get("name", ""))
        yield _prepared(dataset, variable, place, key, is_first=bool(key) and key not in seen)
        seen.add(key)


class _Dataset:
    """What the documents of all its variables hold of a dataset: worked out once."""

    def __init__(self, document: SearchDocument) -> None:
        self.document = document
        self.order = title_key(document.get("title", ""))[:200]
        self.texts = {
            "dataset_title": list(map(indexed_text, _stated(document.get("title")))),
            "custodian_name": list(map(indexed_text, _stated(document.get("custodian_name")))),
        }
        self.whole = cut({
            "identifiers": list(document.get("identifiers", ())),
            "facet_dataset": [document["id"]],
            "facet_custodian": _stated(document.get("custodian_name")) or [NOT_REPORTED],
            "facet_vocab": list(document.get("vocab", ())) or [NOT_REPORTED],
        })  # fmt: skip


def _prepared(dataset: _Dataset, variable: Variable, place: int, key: str, *, is_first: bool) -> Prepared:
    document = dataset.document
    name, id_ = variable.get("name", ""), f"{document['id']}:{place}"
    return Prepared(
        id=id_,
        version=document["version"],
        title=indexed_name(name),
        texts={**{field: list(texts) for field, texts in _texts(variable)}, **dataset.texts},
        whole={**cut(_whole(variable, key, is_first=is_first)), **dataset.whole},
        numbers={},
        orders={
            "title": f"{key or '~'}{SEPARATOR}{dataset.order}{SEPARATOR}{document['id']}{place:08}",
            "dataset": f"{dataset.order}{SEPARATOR}{document['id']}{place:08}",
        },
        card=_card(document, variable),
        shown={field: shortened(variable[field]) for field in VARIABLES.shown if field in variable},
    )


def _texts(variable: Variable) -> Iterator[tuple[str, Iterator[str]]]:
    yield "name", map(indexed_name, _stated(variable.get("name")))
    yield "table", map(indexed_name, _stated(variable.get("table")))
    yield "description", map(indexed_text, _stated(variable.get("description")))
    yield "values", map(indexed_text, variable.get("values", ()))


def _whole(variable: Variable, key: str, *, is_first: bool) -> dict[str, list[str]]:
    name, words = variable.get("name", ""), key.split() if is_first else []
    return {
        "title_key": [key],
        "suggest_name": [f"{' '.join(words[start:])}{SEPARATOR}{name}" for start in range(min(len(words), 6))] if len(name) <= 100 else [],
        "facet_name": [key] if key else [],
        "facet_first_name": [key] if is_first else [],
        "facet_type": _stated(variable.get("type")) or [NOT_REPORTED],
        "facet_table": _stated(variable.get("table")) or [NOT_REPORTED],
        "facet_sensitive": _stated(variable.get("sensitive")) or [NOT_REPORTED],
    }


def _card(document: SearchDocument, variable: Variable) -> dict[str, Any]:
    kept = {name: value for name, value in variable.items() if name not in ("description", "values")}
    if "description" in variable:
        kept["description"] = variable["description"][:600]
    of_dataset = {name: document[key] for name, key in (("dataset_title", "title"), ("custodian_name", "custodian_name"), ("pid", "pid")) if key in document}
    return {**kept, **of_dataset, "dataset": document["id"]}


def _stated(value: str | None) -> list[str]:
    return [value] if value else []
