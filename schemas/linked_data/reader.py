"""DCAT -> canonical records, by the same table. What no row understands is reported, and nothing is inferred from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from schemas.linked_data.publication import Syntax
from schemas.linked_data.series import AT_MOST, LONGEST, Series
from schemas.linked_data.syntax import USUAL_LIMITS, Limits, Refused, parse
from schemas.linked_data.table import DERIVED, FOREIGN, NODES, RELATED, ROWS, Row
from schemas.linked_data.terms import MARK, TYPE, Blank, Iri, Node, Term, Text, Triple, expand
from schemas.linked_data.values import any_value, text_of
from schemas.reader import Loss, excerpt, pointer
from schemas.record import Dataset

LOSS_LIMIT: Final = 500
WORK_PER_TRIPLE: Final = 50
NO_VOCABULARY: Final = "urn:none:"
ROR: Final = re.compile(r"https?://ror\.org/0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LinkedReading:
    """``iri`` is the address of the dataset in its source, ``page`` that of its page; ``losses`` what was left behind.
    ``series`` are those that it is in."""

    record: Dataset
    iri: str | None
    page: str | None
    losses: tuple[Loss, ...]
    series: tuple[Series, ...] = ()


def read_dcat(
    document: bytes, syntax: Syntax, *, base: str | None = None, language: str = "en", limits: Limits = USUAL_LIMITS
) -> tuple[LinkedReading, ...]:
    """Every ``dcat:Dataset`` of a document, in document order. Raises :class:`Refused`; nothing is ever fetched.

    Of texts in several languages that in ``language`` is read, else one without a language, else the first.
    """
    return read_dcat_triples(parse(document, syntax, limits, base), language)


def read_dcat_triples(triples: Iterable[Triple], language: str = "en") -> tuple[LinkedReading, ...]:
    """As :func:`read_dcat`, for triples that were parsed already."""
    graph = _Index(triples)
    datasets = graph.instances(expand("dcat:Dataset", ""))
    if not datasets:
        raise Refused("The document holds no dcat:Dataset.")
    return tuple(_DatasetReader(graph, node, language).read() for node in datasets)


class _Index:
    """The triples of a document by subject and predicate, in document order."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._said: dict[Node, dict[str, list[Term]]] = {}
        self._topics: dict[Term, list[Node]] = {}
        self._left = 10_000
        topic = expand("foaf:primaryTopic", "")
        for subject, predicate, value in triples:
            self._left += WORK_PER_TRIPLE
            self._said.setdefault(subject, {}).setdefault(predicate, []).append(value)
            if predicate == topic:
                self._topics.setdefault(value, []).append(subject)

    def about(self, subject: Node) -> Iterator[tuple[str, Term]]:
        for predicate, values in self._said.get(subject, {}).items():
            for value in values:
                yield predicate, value

    def objects(self, subject: Node, predicate: str) -> list[Term]:
        return self._said.get(subject, {}).get(predicate, [])

    def spend(self, terms: int) -> None:
        """Count terms that are looked at. Datasets that share nodes over and over would cost out of proportion."""
        self._left -= terms
        if self._left < 0:
            raise Refused("The datasets of the document share nodes in a way that is too costly to read.")

    def instances(self, class_: str) -> list[Node]:
        return [subject for subject, said in self._said.items() if Iri(class_) in said.get(TYPE, [])]

    def records_of(self, dataset: Node) -> list[Node]:
        return self._topics.get(dataset, [])


class _DatasetReader:
    def __init__(self, graph: _Index, dataset: Node, language: str) -> None:
        self._graph = graph
        self._dataset = dataset
        self._language = language
        self._vocabulary = _vocabulary_of(graph, dataset)
        self._understood: set[Triple] = set()
        self._nodes: dict[Node, None] = {dataset: None}
        self._links: dict[Node, Triple] = {}
        self._canonical: dict[str, Any] = {}
        self._losses: list[Loss] = []

    @property
    def _is_own(self) -> bool:
        return self._vocabulary != NO_VOCABULARY

    def read(self) -> LinkedReading:
        not_stated = set(self._texts(self._dataset, "own:notStated"))
        for name in NODES if self._is_own else ():
            self._places(name)
        for row in ROWS:
            value = self._value(row, self._dataset)
            if row.path not in not_stated or self._objects(self._dataset, row.own):
                self._put(row.path, value)
        if not self._is_own:
            self._read_foreign()
        page = next(
            (term.value for term in self._objects(self._dataset, "dcat:landingPage") if isinstance(term, Iri)), None
        )
        record, wrong = validated(self._canonical)
        self._losses += wrong
        series = tuple(self._series())
        self._report_the_rest()
        iri = self._dataset.value if isinstance(self._dataset, Iri) else None
        return LinkedReading(record, iri, page, tuple(self._losses[:LOSS_LIMIT]), series)

    # rows

    def _value(self, row: Row, owner: Node) -> Any:
        own = self._objects(owner, row.own) if not row.members or row.predicate else []
        if own:
            if row.predicate is not None and not row.members:
                list(self._found(row, owner))
            values = [value for term in own if (value := any_value(term)) is not None]
            return values if row.many else values[0] if values else None
        if row.path in self._texts(owner, "own:statedNone"):
            return []
        if row.members:
            return self._members(row, owner)
        if row.predicate is None or (row.is_ours and not self._is_own):
            return None
        found = list(self._found(row, owner))
        if row.many:
            return list(dict.fromkeys(value for value, _ in found)) or None
        return self._best(found)

    def _found(self, row: Row, owner: Node) -> Iterator[tuple[Any, Term]]:
        """Values with their terms, each marked as understood once it is taken."""
        assert row.predicate is not None
        for holder in [owner] if row.node == "dataset" else self._places(row.node):
            for node in self._between(row, holder):
                if isinstance(node, Iri) and row.names_node and not self._objects(node, row.predicate):
                    self._take(node)
                    yield node.value, node
                for term in self._in_language(self._objects(node, row.predicate)):
                    value = row.kind.read(term)
                    if value is not None:
                        self._take(node, (node, self._address(row.predicate), term))
                        yield value, term
                        if not row.many:
                            return

    def _between(self, row: Row, holder: Node) -> Iterator[Node]:
        if row.via is None:
            yield holder
            return
        others = set(self._objects(self._dataset, row.unless)) if row.unless else set()
        for term in self._objects(holder, row.via[0]):
            if isinstance(term, Text) or term in others:
                continue
            is_empty = row.predicate is not None and not self._objects(term, row.predicate)
            if not is_empty or (row.names_node and isinstance(term, Iri)):
                self._understood.add((holder, self._address(row.via[0]), term))
                self._nodes[term] = None
            yield term

    def _members(self, row: Row, owner: Node) -> list[dict[str, Any]] | None:
        predicate = row.predicate or row.own
        members: list[dict[str, Any]] = []
        for holder in [owner] if row.node == "dataset" else self._places(row.node):
            for node in self._objects(holder, predicate):
                if isinstance(node, Text):
                    continue
                self._graph.spend(WORK_PER_TRIPLE // 5)
                self._links[node] = (holder, self._address(predicate), node)
                self._take(node)
                values = {inner.path: self._value(inner, node) for inner in row.members}
                members.append({name: value for name, value in values.items() if value is not None})
        return members or None

    def _places(self, name: str) -> list[Node]:
        if name == "dataset":
            return [self._dataset]
        if name == "record":
            nodes = self._graph.records_of(self._dataset)
        else:
            place, nodes = NODES[name], []
            for parent in self._places(place.parent):
                for term in self._objects(parent, place.link):
                    if not isinstance(term, Text):
                        self._links[term] = (parent, self._address(place.link), term)
                        nodes.append(term)
        if name == "tables" and not nodes:
            nodes = self._table_groups()
        if self._is_own:
            for node in nodes:
                self._take(node)
        return nodes

    def _take(self, node: Node, *understood: Triple) -> None:
        """Something was read from a node: the way to it is understood as well, and the rest of it is reported."""
        self._understood.update(understood)
        while node not in self._nodes:
            self._nodes[node] = None
            if node in self._links:
                self._understood.add(self._links[node])
                node = self._links[node][0]

    def _table_groups(self) -> list[Node]:
        """Table groups that others hang on a dataset, by whatever predicate."""
        group = Iri(expand("csvw:TableGroup", ""))
        return [
            term
            for _, term in self._graph.about(self._dataset)
            if not isinstance(term, Text) and group in self._graph.objects(term, TYPE)
        ]

    def _best(self, found: list[tuple[Any, Term]]) -> Any:
        return found[0][0] if found else None

    def _in_language(self, terms: list[Term]) -> list[Term]:
        """The terms of the language asked for; without any, those of no language, or of the first one met."""
        self._graph.spend(len(terms) + 1)
        languages = [term.language for term in terms if isinstance(term, Text)]
        wanted = next((one for one in languages if one and one.split("-")[0] == self._language), None)
        if wanted is None:
            wanted = None if None in languages else languages[0] if languages else None
        return [term for term in terms if not isinstance(term, Text) or term.language in (wanted, None)]

    def _read_foreign(self) -> None:
        for row in FOREIGN:
            if self._get(row.path) is None:
                self._put(row.path, self._value(row, self._dataset))
        for path, predicates in RELATED.items():
            related = [
                {"title": text_of(term)} if isinstance(term, Text) else self._named(term)
                for predicate in predicates
                for term in self._taken(self._dataset, predicate)
                if not isinstance(term, Blank)
            ]
            self._put(path, related or None)
        for agent in self._places("custodian"):
            if (
                isinstance(agent, Iri)
                and ROR.fullmatch(agent.value)
                and self._get("summary.dataCustodian.identifier") is None
            ):
                self._take(agent)
                self._put("summary.dataCustodian.identifier", agent.value)

    def _named(self, other: Iri) -> dict[str, str]:
        title = self._said(other, "dct:title")
        return {**({"title": title} if title else {}), "url": other.value}

    def _series(self) -> Iterator[Series]:
        for term in self._taken(self._dataset, "dcat:inSeries")[:AT_MOST]:
            if isinstance(term, Iri):
                description = self._said(term, "dct:description")
                yield Series(term.value, self._said(term, "dct:title"), description[:LONGEST] if description else None)

    def _said(self, node: Node, name: str) -> str | None:
        """A text about another node, in the language asked for."""
        found = (text_of(term) for term in self._in_language(self._objects(node, name)))
        return next((text.strip() for text in found if text and text.strip()), None)

    def _taken(self, subject: Node, predicate: str) -> list[Term]:
        terms = self._objects(subject, predicate)
        self._understood.update(
            (subject, self._address(predicate), term) for term in terms if not isinstance(term, Blank)
        )
        return terms

    # the record

    def _put(self, path: str, value: Any) -> None:
        if value is None:
            return
        *sections, name = path.split(".")
        place = self._canonical
        for section in sections:
            place = place.setdefault(section, {})
        place[name] = value

    def _get(self, path: str) -> Any:
        value: Any = self._canonical
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def _report_the_rest(self) -> None:
        passed_by = {self._address(name) for name in (DERIVED if self._is_own else ("rdf:type", "dcat:landingPage"))}
        for node in self._nodes:
            for predicate, term in self._graph.about(node):
                self._graph.spend(1)
                is_own = self._is_own and predicate.startswith(self._vocabulary)
                if (
                    predicate in passed_by
                    or is_own
                    or (node, predicate, term) in self._understood
                    or predicate.endswith("primaryTopic")
                ):
                    continue
                self._lose(
                    "carried",
                    predicate,
                    term.value if not isinstance(term, Blank) else "a node of its own",
                    "No field takes this.",
                )

    def _lose(self, kind: str, path: str, value: Any, message: str) -> None:
        self._losses.append(Loss(kind, path if "://" in path else pointer(path), None, excerpt(value), message))

    # the graph

    def _address(self, name: str) -> str:
        return expand(name, self._vocabulary)

    def _objects(self, subject: Node, name: str) -> list[Term]:
        return self._graph.objects(subject, self._address(name))

    def _texts(self, subject: Node, name: str) -> list[str]:
        return [term.value for term in self._objects(subject, name) if isinstance(term, Text)]


def validated(canonical: dict[str, Any]) -> tuple[Dataset, list[Loss]]:
    """The record; a value of the wrong type is left out and reported."""
    losses: list[Loss] = []
    while True:
        try:
            return Dataset.model_validate(canonical), losses
        except ValidationError as problem:
            left_out = list(_left_out(canonical, problem))
            if not left_out:
                canonical.clear()
            losses += left_out


def _left_out(canonical: dict[str, Any], problem: ValidationError) -> Iterator[Loss]:
    """Remove what is wrong; from behind, so that places in lists keep their numbers."""
    for error in sorted(problem.errors(), key=lambda one: [str(step).zfill(9) for step in one["loc"]], reverse=True):
        place: Any = canonical
        steps = list(error["loc"])
        for depth, step in enumerate(steps):
            if not _has(place, step):
                break
            if depth == len(steps) - 1 or not _has(place[step], steps[depth + 1]):
                del place[step]
                path = ".".join(str(one) for one in steps)
                yield Loss(
                    "carried", pointer(path), None, excerpt(error.get("input")), "A value of another type is due here."
                )
                break
            place = place[step]


def _has(place: Any, step: Any) -> bool:
    if isinstance(place, dict):
        return step in place
    return isinstance(place, list) and isinstance(step, int) and step < len(place)


def _vocabulary_of(graph: _Index, dataset: Node) -> str:
    """The address of our own terms, which the dataset's type shows; an address no term has, for datasets of others."""
    for term in graph.objects(dataset, TYPE):
        if isinstance(term, Iri) and term.value.endswith(MARK):
            return term.value.removesuffix(MARK)
    return NO_VOCABULARY
