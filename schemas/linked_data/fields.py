"""The rows of the table, applied to a record: what stands in the record is said, nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from schemas.linked_data.graph import Graph
from schemas.linked_data.table import ROWS, Row, health_row
from schemas.linked_data.terms import Iri, Text
from schemas.linked_data.values import any_term, date_term, is_address

MEASURES = (
    "observations",
    "demographicFrequency.age",
    "demographicFrequency.ethnicity",
    "demographicFrequency.disease",
)


def say_fields(graph: Graph) -> None:
    """Say every field of the record by its row."""
    document = graph.entry.record.as_json()
    has_record = date_term(document.get("modified")) is not None
    for row in ROWS:
        value = _at(document, row.path)
        if value is None:
            continue
        written = health_row(row, graph.options.is_health)
        if row.node == "record" and not has_record:
            written = Row(row.path)
        if row.members:
            _say_members(graph, written, value, graph.dataset, "")
        else:
            _say_values(graph, written, value, graph.dataset, "")


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _say_values(graph: Graph, row: Row, value: Any, owner: Iri, prefix: str) -> None:
    """``owner`` is the node the row belongs to; ``prefix`` starts the names of nodes below it."""
    if value == [] and row.many:
        graph.say(owner, "own:statedNone", Text(row.path))
        return
    values = _once(graph, row, value) if row.many else [value]
    terms = [row.kind.write(one, graph.catalogue.language) for one in values] if row.predicate else []
    carried = [term for term in terms if term is not None][: row.limit]
    is_whole = len(carried) == len(values) == len(set(carried))
    if row.predicate is not None and carried:
        holder = owner if row.node == "dataset" else graph.place(row.node)
        for number, (one, term) in enumerate(zip(values, terms, strict=True), 1):
            if term in carried:
                subject = _between(graph, row, holder, one, f"{prefix}{row.path.rpartition('.')[2]}-{number}")
                if subject is not None:
                    graph.say(subject, row.predicate, term)
    if not is_whole:
        for one in values:
            graph.say(owner, row.own, any_term(one))


def _between(graph: Graph, row: Row, holder: Iri, value: Any, fragment: str) -> Iri | None:
    """The node that gets the predicate; None where the value is that node itself and nothing more is to say."""
    if row.via is None:
        return holder
    link, class_ = row.via
    is_named = row.names_node and isinstance(value, str) and is_address(value)
    node = Iri(value) if is_named else graph.below(fragment)
    graph.say(holder, link, node)
    graph.type(node, class_)
    return None if is_named else node


def _once(graph: Graph, row: Row, values: list[Any]) -> list[Any]:
    """A graph is a set: a value that stands twice in a list is said once, and that is reported."""
    unique = list({json.dumps(one, sort_keys=True): one for one in values}.values())
    if len(unique) < len(values):
        graph.lose("dropped", row.path, values, "A value that is repeated in the list was written once.")
    return unique


def _say_members(graph: Graph, row: Row, values: list[Mapping[str, Any]], owner: Iri, prefix: str) -> None:
    if not values:
        graph.say(owner, "own:statedNone", Text(row.path))
        return
    holder = owner if row.node == "dataset" else graph.place(row.node)
    for number, member in enumerate(values, 1):
        fragment = f"{prefix}{row.path.rpartition('.')[2]}-{number}"
        node = graph.below(fragment)
        graph.say(holder, row.predicate or row.own, node)
        graph.type(node, _class_of(row, member))
        if row.path in MEASURES:
            graph.say(graph.dataset, "dqv:hasQualityMeasurement", node)
        for inner in row.members:
            value = member.get(inner.path)
            if value is None:
                continue
            if inner.members:
                _say_members(graph, inner, value, node, f"{fragment}-")
            else:
                _say_values(graph, inner, value, node, f"{fragment}-")


def _class_of(row: Row, member: Mapping[str, Any]) -> str:
    """A class with conditions of its own is given to a member that meets them."""
    name = row.path.rpartition(".")[2]
    if row.path in MEASURES:
        return "dqv:QualityMeasurement"
    if name == "tables":
        columns = member.get("columns") or ()
        return "csvw:Table" if member.get("name") and columns and all(map(_is_whole_column, columns)) else "own:Table"
    if name == "columns":
        return "csvw:Column" if _is_whole_column(member) else "own:Column"
    if name == "values":
        return "skos:Concept" if member.get("description") else "own:Code"
    if name == "datasetType":
        return "skos:Concept" if member.get("name") else "own:Type"
    return "own:Related" if row.path.startswith("enrichment") else "own:Revision"


def _is_whole_column(column: Mapping[str, Any]) -> bool:
    return all(column.get(name) not in (None, "") for name in ("name", "description", "dataType")) and isinstance(
        column.get("name"), str
    )
