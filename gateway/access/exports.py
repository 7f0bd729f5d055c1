"""A part written down for a custodian's own form: the same questions and answers as JSON, CSV, DOCX and PDF.

Everything comes from the snapshot, so that what the applicant carries over is what the gateway sent. The writers of documents are
loaded when one is written: together they take half a second, which every command would pay.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.access.answer_lines import answer_lines, names_in
from gateway.access.bank.forms import CustodianForm
from schemas.spreadsheet_guard import guarded

if TYPE_CHECKING:
    from fpdf import FPDF


@dataclass(frozen=True, slots=True)
class Export:
    """A file to download. ``name`` is ASCII."""

    name: str
    media_type: str
    body: bytes


def export(document: Mapping[str, Any], form: CustodianForm, kind: str) -> Export | None:
    """The part as a file of the kind (``json``, ``csv``, ``docx``, ``pdf``); None for another."""
    made = KINDS.get(kind)
    if made is None:
        return None
    media_type, write = made
    return Export(f"{document['reference']}.{kind}", media_type, write(document, form))


def rows(document: Mapping[str, Any], form: CustodianForm) -> list[tuple[str, str, str]]:
    """Key of the question bank, its label, and the answer."""
    answers = [(line.key, line.label, line.text) for line in answer_lines(document["answers"], form, names=names_in(document))]
    titles = "\n".join(f"{one['title'] or one['ref']} ({one['pid']})" for one in document["datasets"])
    return [("reference", "Reference at the gateway", document["reference"]), ("data.datasets", "Datasets", titles), *answers]


def _json(document: Mapping[str, Any], _: CustodianForm) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode()


def _csv(document: Mapping[str, Any], form: CustodianForm) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["key", "question", "answer"])
    for row in rows(document, form):
        writer.writerow([guarded(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _docx(document: Mapping[str, Any], form: CustodianForm) -> bytes:
    from docx import Document

    made = Document()
    made.add_heading(f"Access request {document['reference']}", 1)
    for _, label, answer in rows(document, form):
        made.add_heading(label, 2)
        for paragraph in answer.split("\n"):
            made.add_paragraph(paragraph)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _pdf(document: Mapping[str, Any], form: CustodianForm) -> bytes:
    """With the fonts that every reader has, which hold Western European letters alone; what they lack is said on the page."""
    from fpdf import FPDF

    made = FPDF()
    made.set_title(f"Access request {document['reference']}")
    made.add_page()
    made.set_font("Helvetica", "B", 16)
    _write(made, f"Access request {document['reference']}")
    if any("?" in _plain(answer.replace("?", "")) for _, _, answer in rows(document, form)):
        made.set_font("Helvetica", "I", 10)
        _write(made, "Some characters cannot be shown here and stand as question marks; the DOCX file holds them all.")
    for _, label, answer in rows(document, form):
        made.set_font("Helvetica", "B", 11)
        _write(made, label)
        made.set_font("Helvetica", "", 11)
        _write(made, answer)
    return bytes(made.output())


def _write(made: FPDF, text: str) -> None:
    made.multi_cell(0, 6, _plain(text), new_x="LMARGIN", new_y="NEXT")
    made.ln(1)


def _plain(text: str) -> str:
    spelled = text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-", 0x2026: "..."})
    return spelled.encode("latin-1", "replace").decode("latin-1")


Writer = Callable[[Mapping[str, Any], CustodianForm], bytes]
KINDS: Final[Mapping[str, tuple[str, Writer]]] = {
    "pdf": ("application/pdf", _pdf),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _docx),
    "csv": ("text/csv; charset=utf-8", _csv),
    "json": ("application/json", _json),
}
