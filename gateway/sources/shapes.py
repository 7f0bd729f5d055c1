"""Shapes (SHACL) over what a source of linked data sent: on demand, over the graphs that are kept, never blocking.

The validator is an extra (decision 14): whoever wants this installs it, and everybody else does without its size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from gateway.errors import Unprocessable
from gateway.store import Store, replays, sources
from gateway.store.files import Files
from harvesters.linked_graph import NTRIPLES

AT_ONCE: Final = 100
"""Datasets in one graph: one by one they take five times as long."""
EXAMPLES: Final = 20
SEVERITIES: Final = {"Violation": "error", "Warning": "warning", "Info": "advice"}
SHACL: Final = "http://www.w3.org/ns/shacl#"


@dataclass
class ShapesReport:
    """``counts`` by file of shapes and severity; ``examples`` are the first few results in words, errors before warnings."""

    datasets: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    examples: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"datasets": self.datasets, "files": {name: dict(found) for name, found in self.counts.items()}, "examples": self.examples}


def check_shapes(store: Store, files: Files, slug: str, shapes: Path) -> ShapesReport:
    """Raises :class:`NotFound`, and :class:`Unprocessable` for missing parts and unreadable shapes."""
    checker = _Checker(shapes)
    with store.reading() as session:
        kept = [one.raw.sha256 for one in replays.documents(session, sources.by_slug(session, slug).id) if one.raw.media_type == NTRIPLES]
    if not kept:
        raise Unprocessable(f"Nothing that {slug} sent is a graph.", hint="Shapes are for sources of kind dcat and fair-data-point.")
    report = ShapesReport(counts={path.name: Counter() for path in checker.paths})
    bodies = (files.get(sha256) for sha256 in kept if files.path(sha256).exists())
    while batch := list(islice(bodies, AT_ONCE)):
        report.datasets += len(batch)
        for name, severity, words in sorted(checker.results(batch), key=_gravest_first):
            report.counts[name][severity] += 1
            if len(report.examples) < EXAMPLES:
                report.examples.append({"file": name, "severity": severity, "message": words})
    return report


def _gravest_first(result: tuple[str, str, str]) -> tuple[bool, str, str, str]:
    name, severity, words = result
    return severity != "error", severity, name, words


class _Checker:
    def __init__(self, shapes: Path) -> None:
        try:
            import pyshacl  # noqa: PLC0415  an extra
            import rdflib  # noqa: PLC0415
        except ImportError:
            raise Unprocessable("Checking shapes needs pyshacl, which is not installed.", hint="Install it: pip install 'alliance-gateway[shacl]'.") from None
        self._validate, self._rdflib = pyshacl.validate, rdflib
        self.paths = sorted(shapes.rglob("*.ttl")) if shapes.is_dir() else [shapes]
        self._shapes = rdflib.Graph()
        self._file_of: dict[Any, str] = {}
        for path in self.paths:
            self._read(path)
        if not self.paths or not len(self._shapes):
            raise Unprocessable(f"There are no shapes in {shapes}.", hint="Name a Turtle file of shapes, or a folder of them.")

    def _read(self, path: Path) -> None:
        graph = self._rdflib.Graph()
        try:
            graph.parse(data=path.read_bytes(), format="turtle")
        except Exception as problem:
            raise Unprocessable(f"{path.name} cannot be read as Turtle.", hint=str(problem).splitlines()[0][:200]) from None
        for triple in graph:
            if triple[1] != self._rdflib.OWL.imports:  # Nothing is fetched.
                self._shapes.add(triple)
                self._file_of.setdefault(triple[0], path.name)

    def results(self, bodies: Iterable[bytes]) -> Iterator[tuple[str, str, str]]:
        data = self._rdflib.Graph()
        for number, body in enumerate(bodies):  # Blank nodes of one document are not those of another.
            data.parse(data=body.replace(b"_:", f"_:d{number}x".encode()), format="nt")
        _, found, _ = self._validate(data, shacl_graph=self._shapes, inference="none", do_owl_imports=False)
        term = self._rdflib.Namespace(SHACL)
        for result in found.subjects(self._rdflib.RDF.type, term.ValidationResult):
            said = {name: found.value(result, term[name]) for name in ("sourceShape", "resultSeverity", "focusNode", "resultPath", "resultMessage")}
            severity = SEVERITIES.get(str(said["resultSeverity"]).removeprefix(SHACL), "error")
            words = f"{said['focusNode']} {said['resultPath'] or ''}: {said['resultMessage'] or 'does not fit'}"
            yield self._file_of.get(said["sourceShape"], self.paths[0].name), severity, words[:500]
