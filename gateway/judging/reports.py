"""Judgements of documents for people and for tools: the page's document, an HTML report, SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from frontend.render import page
from frontend.views.checking import CheckedDocument, CheckView
from frontend.views.dataset import NextFix
from frontend.views.layout import Layout
from gateway import __version__
from gateway.judging.validation import Judgement
from schemas.findings import Finding, Severity

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "advice": "note"}


def checked(name: str, judgement: Judgement) -> CheckedDocument:
    if judgement.problem is not None:
        return CheckedDocument(name=name, problem=f"{judgement.problem.message} {judgement.problem.hint}".strip())
    found = judgement.score
    return CheckedDocument(
        name=name, shape=judgement.findings.shape, is_publishable=judgement.publishable, findings=tuple(judgement.findings),
        total=found.total if found else None, band=found.band if found else "",
        fixes=tuple(NextFix(fix.words, fix.gain, fix.hint) for fix in found.fixes) if found else (),
    )


def as_html(judgements: Mapping[str, Judgement]) -> str:
    """A report that stands alone."""
    documents = tuple(checked(name, judgement) for name, judgement in judgements.items())
    return page(CheckView(layout=Layout(version=__version__, is_indexable=False), documents=documents, is_form=False))


def as_sarif(judgements: Mapping[str, Judgement]) -> dict[str, Any]:
    """For tools that show findings beside files. The place in a document is its JSON Pointer, as a logical location."""
    results = [result for name, judgement in judgements.items() for result in _results(name, judgement)]
    rules = sorted({result["ruleId"] for result in results})
    driver = {"name": "Alliance Gateway", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _results(name: str, judgement: Judgement) -> Iterable[dict[str, Any]]:
    return [_result(name, found.rule, LEVELS[found.severity], _words(found), found.path) for found in judgement.findings]


def _result(name: str, rule: str, level: str, words: str, path: str) -> dict[str, Any]:
    place = {
        "physicalLocation": {"artifactLocation": {"uri": name}},
        "logicalLocations": [{"fullyQualifiedName": path or "/", "kind": "member"}],
    }
    return {"ruleId": rule, "level": level, "message": {"text": words}, "locations": [place]}


def _words(found: Finding) -> str:
    return f"{found.message} {found.hint}".strip()
