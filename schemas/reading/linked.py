"""The graph of a DCAT dataset, and an object of schema.org -> canonical record, by the tables of schemas/linked_data.

What those tables leave out and these catalogues state is added here: a DOI among the identifiers, the page that tells how to
get at the data, the number of records. A description without an abstract gives one, marked as derived.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from schemas.document import Unreadable
from schemas.foreign.linked import graph_identities, schema_org_identities
from schemas.linked_data.any_reader import read_triples
from schemas.linked_data.reader import LinkedReading
from schemas.linked_data.schema_org_reader import read_schema_org
from schemas.linked_data.syntax import Limits, Refused, parse
from schemas.linked_data.table import FOREIGN, NODES, ROWS
from schemas.linked_data.terms import MARK, TYPE, Iri, Node, Text, Triple, expand
from schemas.reader import Carried, Loss, Reading, pointer
from schemas.reading.foreign_fields import ABSTRACT_LIMIT, DOI, decoded, first_paragraph
from schemas.reading.themes import THEME, theme_labels

TRIPLES_AT_MOST: Final = 20_000
DISTRIBUTIONS_AT_MOST: Final = 1_500
KEYWORDS_AT_MOST: Final = 2_000
GRAPH_LIMITS: Final = Limits(size_bytes=32_000_000, triples=400_000)
UNDERSTOOD: Final = {TYPE, *(
    expand(name, "") for row in (*ROWS, *FOREIGN) for name in (row.predicate, *(row.via or ())) if name and not name.startswith("own:")
), *(expand(place.link, "") for place in NODES.values() if not place.link.startswith("own:"))}  # fmt: skip
"""Predicates that fields are read from."""
HINT: Final = "Check the description with a validator of DCAT-AP or schema.org."
PLAIN_TEXTS: Final = (("summary", "title"), ("summary", "abstract"), ("documentation", "description"))


def read_dcat_graph(reading: Reading, _: object = None) -> None:
    graph = str(reading.value("graph"))
    reading.value("mediaType")
    try:
        triples = parse(graph.encode(), "ntriples", GRAPH_LIMITS)
        found = read_triples(_cut(reading, triples))[0]
    except Refused as problem:
        raise Unreadable("bad-rdf", str(problem), HINT) from None
    _take(reading, found)
    _complete(reading, found, graph_identities(reading.document))
    _themes(reading, triples)
    _records(reading, triples)


def read_schema_org_object(reading: Reading, _: object = None) -> None:
    for name in reading.document:
        reading.value(name)
    try:
        found = read_schema_org(dict(reading.document))[0]
    except Refused as problem:
        raise Unreadable("unreadable-shape", str(problem), HINT) from None
    _take(reading, found)
    _complete(reading, found, schema_org_identities(reading.document))


def _cut(reading: Reading, triples: list[Triple]) -> list[Triple]:
    """At most so many keywords and distributions, and so many triples in all; the original is kept whole."""
    allowed = {expand("dcat:keyword", ""): KEYWORDS_AT_MOST, expand("dcat:distribution", ""): DISTRIBUTIONS_AT_MOST}
    kept: list[Triple] = []
    dropped: set[Node] = set()
    for subject, predicate, value in triples:
        if predicate in allowed:
            allowed[predicate] -= 1
            if allowed[predicate] < 0:
                dropped |= set() if isinstance(value, Text) else {value}
                continue
        kept.append((subject, predicate, value))
    kept = _first_of([one for one in kept if one[0] not in dropped])
    if len(kept) < len(triples):
        message = f"The description is very large; {len(kept):,} of its {len(triples):,} statements were read."
        reading.losses.append(Loss("narrowed", "/graph", None, "too-large", message))
    return kept


def _first_of(triples: list[Triple]) -> list[Triple]:
    """As many as are read, those that fields are read from before others; in their order."""
    if len(triples) <= TRIPLES_AT_MOST:
        return triples
    known = [one for one in triples if one[1] in UNDERSTOOD]
    rest = [one for one in triples if one[1] not in UNDERSTOOD]
    chosen = set([*known, *rest][:TRIPLES_AT_MOST])
    return [one for one in triples if one in chosen]


def _take(reading: Reading, found: LinkedReading) -> None:
    reading.canonical |= found.record.as_json()
    reading.losses += found.losses
    reading.carried += [Carried(loss.from_path, loss.value) for loss in found.losses if loss.kind == "carried"]
    reading.carried += [one.carried() for one in found.series]
    for section, name in PLAIN_TEXTS:
        text = (reading.canonical.get(section) or {}).get(name)
        if isinstance(text, str):
            reading.canonical[section][name] = decoded(reading, f"{section}.{name}", text.strip())
    keywords = (reading.canonical.get("summary") or {}).get("keywords")
    if isinstance(keywords, list):
        plain = [decoded(reading, "summary.keywords", word) for word in keywords if isinstance(word, str)]
        reading.canonical["summary"]["keywords"] = list(dict.fromkeys(plain))


def _complete(reading: Reading, found: LinkedReading, identities: tuple[str, ...]) -> None:
    summary = reading.canonical.setdefault("summary", {})
    description = (reading.canonical.get("documentation") or {}).get("description")
    if isinstance(description, str) and not summary.get("abstract"):
        summary["abstract"] = first_paragraph(description)
        if len(description) > ABSTRACT_LIMIT:
            reading.note("narrowed", "documentation.description", description, "The abstract was derived: the beginning of the description.")
    if not reading.canonical.get("identifier") and identities:
        reading.canonical["identifier"] = identities[0]
    doi = next(_dois((*identities, found.iri or "")), None)
    if doi and not summary.get("doiName"):
        summary["doiName"] = doi
    access = reading.canonical.setdefault("accessibility", {}).setdefault("access", {})
    if found.page and not access.get("accessRights"):
        access["accessRights"] = [found.page]


def _dois(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        doi = DOI.fullmatch(text.strip())
        if doi and not re.search(r"[?#\s]", doi.group(1)):
            yield doi.group(1).lower()


def _themes(reading: Reading, triples: list[Triple]) -> None:
    """Of others' catalogues: in our own a theme only says again what fields say."""
    if any(predicate == TYPE and isinstance(value, Iri) and value.value.endswith(MARK) for _, predicate, value in triples):
        return
    labels, are_all = theme_labels(triples)
    if not labels:
        return
    summary = reading.canonical.setdefault("summary", {})
    keywords = summary.get("keywords") or []
    known = {word.casefold() for word in keywords if isinstance(word, str)}
    summary["keywords"] = [*keywords, *(label for label in labels if label.casefold() not in known)][:KEYWORDS_AT_MOST]
    if are_all:
        reading.losses[:] = [loss for loss in reading.losses if loss.from_path != THEME]
        reading.carried[:] = [one for one in reading.carried if one.path != THEME]


def _records(reading: Reading, triples: list[Triple]) -> None:
    """A number of records is an observation, counted in events."""
    wanted = expand("healthdcatap:numberOfRecords", "")
    if reading.canonical.get("observations"):
        return
    for _, predicate, value in triples:
        if predicate == wanted and isinstance(value, Text) and re.fullmatch(r"[0-9]{1,15}", value.value, re.ASCII):
            row: dict[str, Any] = {"observedNode": "Events", "measuredValue": int(value.value), "measuredProperty": "COUNT"}
            reading.canonical["observations"] = [row]
            reading.losses[:] = [loss for loss in reading.losses if loss.from_path != wanted]
            reading.paths[pointer("observations")] = pointer("graph")
            return
