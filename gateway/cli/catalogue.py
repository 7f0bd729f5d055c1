"""``gateway validate`` and ``gateway search``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from frontend.views.checking import SEVERITIES
from gateway.cli.services import counted, print_json, services
from gateway.errors import BadRequest, Unprocessable
from gateway.reports import as_html, as_sarif
from gateway.translation import translated
from gateway.validation import Judgement, try_to_judge
from schemas.versions import VERSIONS
from schemas.writing.report import NOT_CONFORMING
from search.engine import Query


class Output(StrEnum):
    text = "text"
    json = "json"
    sarif = "sarif"
    html = "html"


def validate(
    files: Annotated[list[Path], typer.Argument(help="Documents to check.", exists=True, dir_okay=False)],
    version: Annotated[str | None, typer.Option(help="Check against this version instead of the detected one.")] = None,
    output: Annotated[Output, typer.Option("--format", help="text, json, sarif or html.")] = Output.text,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Check documents against the specification; nothing is stored. Exit code 1 when any has an error.

    Example: gateway validate my-dataset.json
    Example: gateway validate records/*.json --format html > report.html
    """
    if version is not None and f"HDRUK {version}" not in VERSIONS:
        known = ", ".join(name.removeprefix("HDRUK ") for name in VERSIONS if name.startswith("HDRUK "))
        raise Unprocessable(f"There is no version {version!r} to check against.", hint=f"Versions: {known}.")
    judgements = {str(file): try_to_judge(file.read_bytes(), version=version) for file in files}
    if as_json or output is Output.json:
        print_json({name: _as_json(judgement) for name, judgement in judgements.items()})
    elif output is Output.sarif:
        print_json(as_sarif(judgements))
    elif output is Output.html:
        typer.echo(as_html(judgements))
    else:
        for name, judgement in judgements.items():
            _print(name, judgement)
    if any(isinstance(one, BadRequest) or not one.findings.is_conformant for one in judgements.values()):
        raise typer.Exit(1)


def translate(
    file: Annotated[Path, typer.Argument(help="The document.", exists=True, dir_okay=False)],
    to: Annotated[str, typer.Option(help="The version to write, such as 3.0.0 or 'GWDM 2.0'.")],
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a result that would not conform.")] = False,
    report: Annotated[bool, typer.Option("--report", help="Print document and report together, as JSON.")] = False,
) -> None:
    """Write a document in another version of the specification. What is lost on the way is told on standard error.

    Example: gateway translate my-dataset.json --to 3.0.0 > my-dataset-3.0.0.json
    """
    written = translated(file.read_bytes(), to, is_strict=strict)
    if report:
        print_json({"target": written.target, **written.as_json()})
        return
    print_json(written.document)
    for entry in written.report:
        if not entry.is_reversible or entry.kind in NOT_CONFORMING:
            typer.echo(f"{entry.kind:18} {entry.from_path or entry.to_path or '/'}  {entry.message}", err=True)


def search(
    words: Annotated[list[str], typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Search the catalogue.

    Example: gateway search diabetes primary care
    """
    with services() as built:
        built.catalogue.ensure_index()
        built.catalogue.index_pending()
        page = built.catalogue.search(Query(text=" ".join(words), limit=limit))
    if as_json:
        print_json({"total": page.total, "items": [{"ref": hit.id, "score": hit.score, **hit.stored} for hit in page.hits]})
        return
    typer.echo(counted(page.total, "dataset"))
    for hit in page.hits:
        typer.echo(f"{hit.id}  {hit.stored.get('title')}  ({hit.stored.get('custodian_name') or 'custodian not reported'})")


def _as_json(judgement: Judgement | BadRequest) -> object:
    if isinstance(judgement, BadRequest):
        return {"conforms": False, "error": judgement.message, "hint": judgement.hint}
    return judgement.as_json()


def _print(name: str, judgement: Judgement | BadRequest) -> None:
    if isinstance(judgement, BadRequest):
        typer.echo(f"{name}: {judgement.message} {judgement.hint}")
        return
    findings = judgement.findings
    found = f"{counted(findings.count('error'), 'error')}, {counted(findings.count('warning'), 'warning')}, {findings.count('advice')} advice"
    typer.echo(f"{name}: {findings.shape or 'no known shape'}; {found}; would {'' if judgement.publishable else 'not '}be published")
    if judgement.score:
        typer.echo(f"  quality  {judgement.score.total} of 100 ({judgement.score.band})")
        for fix in judgement.score.fixes[:3]:
            typer.echo(f"           +{fix.gain}  {fix.words}. {fix.hint}")
    for finding in sorted(findings, key=lambda one: SEVERITIES.index(one.severity)):
        typer.echo(f"  {finding.severity:8} {finding.path or '/'}  {finding.message}  [{finding.rule}]")
        if finding.hint:
            typer.echo(f"           {finding.hint}")
