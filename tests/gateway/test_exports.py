"""S14: what is written for spreadsheet programs holds no formula and loses nothing."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from gateway.access.exports import export
from gateway.access.part_forms import plain_form
from schemas.spreadsheet_guard import NUMBER, STARTS, guarded, unguarded

TRICKS = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''", '"', '"";', "a\r\nb", "a\nb", "a\rb", "-12.5", "＝1+1", "＠x", "=cmd|' /C calc'!A0", ",;|")
CELLS = st.one_of(st.sampled_from(TRICKS), st.text(st.characters(exclude_categories=("Cs",)), max_size=40), st.tuples(st.sampled_from(STARTS), st.text(max_size=9)).map("".join))
FORM = plain_form("alpha", "Alpha")


def document(text: str) -> dict[str, object]:
    return {"reference": "AR-1", "answers": {"project.aims": text}, "datasets": [{"ref": "a", "pid": "p", "title": text}], "files": []}


@given(CELLS)
def test_S14_a_cell_comes_back_as_it_was_and_is_no_formula(text: str) -> None:
    written = guarded(text)
    assert unguarded(written) == text
    assert not written.startswith(STARTS) or NUMBER.fullmatch(written)


@given(CELLS.filter(bool))
def test_S14_an_exported_request_comes_back_as_it_was_and_holds_no_formula(text: str) -> None:
    made = export(document(text), FORM, "csv")
    assert made is not None
    rows = list(csv.reader(io.StringIO(made.body.decode("utf-8-sig"), newline="")))
    assert all(len(row) == 3 for row in rows), "nobody's quotes or line ends make rows of their own"
    assert not [cell for row in rows for cell in row if cell.startswith(STARTS) and not NUMBER.fullmatch(cell)]
    assert unguarded({row[0]: row[2] for row in rows}["project.aims"]) == text
    as_json = export(document(text), FORM, "json")
    assert as_json is not None
    assert json.loads(as_json.body)["answers"]["project.aims"] == text


def test_S14_names_of_exports_are_of_a_fixed_pattern() -> None:
    for kind in ("csv", "json", "docx", "pdf"):
        made = export(document("Aims"), FORM, kind)
        assert made is not None
        assert made.name == f"AR-1.{kind}"
    assert export(document("Aims"), FORM, "exe\r\nSet-Cookie: x") is None
