"""``gateway validate`` and ``gateway translate``: documents, without the database."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from frontend.views.checking import SEVERITIES
from frontend.words import SEVERITIES as SEVERITY_WORDS
from gateway.cli.services import counted, print_json
from gateway.judging.reports import as_html, as_sarif
from gateway.judging.translation import translated
from gateway.judging.validation import Judgement, try_to_judge
from gateway.store.database import utc_now
from schemas.findings import Finding
from schemas.writing.report import LOSSES, NOT_CONFORMING, Written

KINDS: Final = {"unfilled": "missing", "invalid_in_target": "not allowed", "over_limit": "too long", "dropped": "left out", "carried": "left out", "ambiguous": "left out"}


class Output(StrEnum):
    text = "text"
    json = "json"
    sarif = "sarif"
    html = "html"


def validate(
    files: Annotated[list[Path], typer.Argument(help="Documents to check.", exists=True, dir_okay=False, readable=True)],
    version: Annotated[str | None, typer.Option(help="Check against this version, such as 4.0.0 or 'GWDM 2.0', instead of the detected one.")] = None,
    output: Annotated[Output, typer.Option("--format", help="text, json, sarif or html.")] = Output.text,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Check documents against the specification; nothing is stored. Exit code 1 when any has an error.

    Example: gateway validate my-dataset.json
    Example: gateway validate records/*.json --format html > report.html
    """
    today = utc_now().date()
    judgements = {str(file): try_to_judge(file.read_bytes(), version=version, today=today) for file in files}
    if as_json or output is Output.json:
        print_json({name: judgement.as_json() for name, judgement in judgements.items()})
    elif output is Output.sarif:
        print_json(as_sarif(judgements))
    elif output is Output.html:
        typer.echo(as_html(judgements))
    else:
        typer.echo("\n\n".join("\n".join(_lines(name, judgement)) for name, judgement in judgements.items()))
    if any(not one.findings.is_conformant for one in judgements.values()):
        raise typer.Exit(1)


def translate(
    file: Annotated[Path, typer.Argument(help="The document.", exists=True, dir_okay=False, readable=True)],
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
    for line in _about(written):
        typer.echo(line, err=True)


def _about(written: Written) -> Iterator[str]:
    told = [entry for entry in written.report if not entry.is_reversible or entry.kind in NOT_CONFORMING | LOSSES]
    lost = sum(entry.kind not in NOT_CONFORMING for entry in told)
    losses = f"{counted(lost, 'value is', 'values are')} left out, or changed for good" if lost else "nothing is lost"
    yield f"{written.target}: the result {'conforms' if written.conforms else 'does not conform yet'}; {losses}."
    for entry in told:
        shown = f": {entry.value}" if entry.value else ""
        yield f"  {KINDS.get(entry.kind, entry.kind):12} {entry.from_path or entry.to_path or '/'}{shown}"
        yield f"  {'':12} {entry.message}"


def _lines(name: str, judgement: Judgement) -> Iterator[str]:
    """What is to be mended first stands first; within that, field by field."""
    findings = judgement.findings
    if judgement.problem is not None:
        yield f"{name}: cannot be read as a dataset record"
    else:
        found = ", ".join((counted(findings.count("error"), "error"), counted(findings.count("warning"), "warning"), f"{findings.count('advice')} advice"))
        fate = "publish it, with these findings on display" if judgement.publishable else "hold it back until what is marked BLOCK is mended"
        yield f"{name}: {findings.shape}; {found}. A harvest would {fate if len(findings) else 'publish it'}."
    if judgement.score:
        yield f"  Quality {judgement.score.total} of 100 ({judgement.score.band})."
        for fix in judgement.score.fixes[:3]:
            yield f"    +{fix.gain:<5} {fix.words}. {fix.hint}"
    for severity in SEVERITIES:
        group = [finding for finding in findings if finding.severity == severity]
        if group:
            yield f"  {SEVERITY_WORDS[severity][0]}: {len(group)}"
            yield from (line for finding in group for line in _said(finding))
    if findings.not_checked:
        yield f"  Not checked, for it takes what the catalogue knows (other records, earlier states, lists, visits to links): {', '.join(findings.not_checked)}"


def _said(finding: Finding) -> Iterator[str]:
    yield f"    {finding.message}" if finding.message.startswith(finding.field) else f"    {finding.field}: {finding.message}"
    if finding.hint:
        yield f"      {finding.hint}"
    yield f"      {finding.path or '/'} [{finding.rule}]"
