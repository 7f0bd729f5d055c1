"""Tables as the CSV files and workbooks that custodians fill in."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.document import Unreadable
from schemas.record import Column, DataValue, Table
from schemas.table_files import HEADINGS, read_table_file, write_csv, write_workbook
from schemas.workbook import workbook_of_rows
from tests.corpus import corpus

HEAD = ",".join(HEADINGS)


def columns(body: str) -> list[tuple[str | None, list[tuple[object, str | None, str | None, bool | None]]]]:
    return [(table.name, [(one.name, one.description, one.data_type, one.sensitive) for one in table.columns or ()]) for table in read_table_file(body.encode()).tables]


def test_rows_of_one_table_become_one_table_in_the_order_of_the_file() -> None:
    body = f"{HEAD}\r\nbirths,All births,weight,In grams,integer,FALSE\r\ndeaths,,cause,,text,TRUE\r\nbirths,All births,place,,text,no\r\n"
    assert columns(body) == [
        ("births", [("weight", "In grams", "integer", False), ("place", None, "text", False)]), ("deaths", [("cause", None, "text", True)]),
    ]  # fmt: skip
    assert [table.description for table in read_table_file(body.encode()).tables] == ["All births", None]


@pytest.mark.parametrize(("cell", "expected"), [("TRUE", True), ("yes", True), ("No", False), ("0", False), ("", None), ("maybe", None), ("text", None)])
def test_what_is_neither_yes_nor_no_stays_unknown(cell: str, expected: bool | None) -> None:
    found = read_table_file(f"{HEAD}\nt,,c,,text,{cell}\n".encode())
    assert found.tables[0].columns is not None
    assert found.tables[0].columns[0].sensitive is expected
    assert [loss.from_path for loss in found.losses] == (["/2/Sensitive"] if expected is None and cell else [])


def test_headings_are_found_by_name_in_any_order_and_wording() -> None:
    body = "questionID,structuralMetadata.tables.columns.name,structuralMetadata.tables.name\nTitle_question,Column name,Table name\n,weight,births\n"
    assert columns(body) == [("births", [("weight", None, None, None)])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_and_a_byte_order_mark_are_recognised(delimiter: str) -> None:
    body = "\ufeff" + delimiter.join(HEADINGS) + "\n" + delimiter.join(["t", "", '"a, b; c"', "", "text", "yes"]) + "\n"
    assert columns(body) == [("t", [("a, b; c", None, "text", True)])]


def test_a_row_without_a_table_belongs_to_the_one_above_and_that_is_said() -> None:
    found = read_table_file(f"{HEAD}\nt,,a,,text,yes\n,,b,,text,yes\n".encode())
    assert [len(table.columns or ()) for table in found.tables] == [2]
    assert [(loss.kind, loss.from_path) for loss in found.losses] == [("inherited", "/3/Table Name")]


@pytest.mark.parametrize("body", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"PK\x03\x04nothing", b"PK", b"x" * (21 * 2**20), b'{"a": 1}'])
def test_what_is_no_such_file_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_table_file(body)
    assert refusal.value.hint


def packed(**parts: str) -> bytes:
    body = io.BytesIO()
    sound = zipfile.ZipFile(io.BytesIO(workbook_of_rows("t", [list(HEADINGS)])))
    with sound, zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sound.namelist():
            archive.writestr(name, parts.get(name.rpartition("/")[2].replace(".", "_"), sound.read(name).decode()))
    return body.getvalue()


def test_workbooks_made_to_harm_are_refused() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet>&a;</worksheet>'
    for sheet in (bomb, "x" * (61 * 2**20), "<worksheet", '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><row r="99999999"/></worksheet>'):
        with pytest.raises(Unreadable) as refusal:
            read_table_file(packed(sheet1_xml=sheet))
        assert refusal.value.reason == "bad-workbook"


def test_the_published_templates_are_read() -> None:
    assert read_table_file(corpus("specification", "structural-metadata", "template.xlsx").read_bytes()).tables == ()
    (table,) = read_table_file(corpus("specification", "structural-metadata", "template-older.xlsx").read_bytes()).tables
    assert table.name == "Test Table"


def test_a_real_file_keeps_every_row() -> None:
    body = corpus("hdruk", "2024", "born-in-bradford-structural-metadata.csv").read_bytes()
    rows = [row for row in list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))[2:] if any(cell.strip() for cell in row)]
    found = read_table_file(body)
    read = [(table.name, column.name, column.data_type) for table in found.tables for column in table.columns or ()]
    assert sorted(map(repr, read)) == sorted(repr((row[1], row[3], row[5] or None)) for row in rows if row[3].strip())
    workbook = corpus("specification", "structural-metadata", "example-dataset-metadata.xlsx").read_bytes()
    same = read_table_file(workbook)
    assert [table.name for table in same.tables] == [table.name for table in found.tables]


def test_code_lists_have_no_place_in_the_file_and_that_is_said() -> None:
    table = Table(name="t", columns=[Column(name="sex", data_type="code", sensitive=False, values=[DataValue(name=1), DataValue(name=2)])])
    for write in (write_csv, write_workbook):
        _, losses = write([table])
        assert [(loss.kind, loss.from_path) for loss in losses] == [("dropped", "/structuralMetadata/tables/0/columns/0/values")]


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=20).filter(lambda text: text.strip() != "")
MADE = st.lists(
    st.builds(
        Table, name=CELL, description=st.none() | CELL,
        columns=st.lists(st.builds(Column, name=CELL, description=st.none() | CELL, data_type=st.none() | CELL, sensitive=st.none() | st.booleans()), max_size=4),
    ),
    max_size=4, unique_by=lambda table: table.name,
)  # fmt: skip


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(MADE)
def test_tables_come_back_from_both_kinds_of_file(tables: list[Table]) -> None:
    for write in (write_csv, write_workbook):
        body, losses = write(tables)
        assert losses == ()
        assert list(read_table_file(body).tables) == tables
        assert write(tables)[0] == body
