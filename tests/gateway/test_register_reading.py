"""Register files: the published templates, older encodings, dates of spreadsheets, and faults by row and column."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.register import HEADINGS
from gateway.errors import Unprocessable
from gateway.register.columns import REQUIRED, column, sector
from gateway.register.importing import dataset_names
from gateway.register.reading import read_register
from schemas.spreadsheet_guard import guarded
from schemas.workbook import rows_of_workbook
from tests.corpus import corpus

GOOD = {
    "Lead applicant organisation name": "Example University", "Project title": "Sleep", "Lay summary": "We study sleep.",
    "Public benefit statement": "Better sleep.", "Latest approval date": "2024-02-29", "Dataset(s) name": "A", "Access type": "TRE",
}


def written(*rows: dict[str, str], headings: tuple[str, ...] = HEADINGS, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([row.get(heading, "") for heading in headings])
    return out.getvalue().encode()


@pytest.mark.parametrize("name", ["upload-template-current.xlsx", "upload-template-v2.xlsx"])
def test_A30_the_published_template_files_import(name: str) -> None:
    found = read_register((corpus("specification/data-use-register") / name).read_bytes())
    assert found.ignored == ()
    sheets = rows_of_workbook((corpus("specification/data-use-register") / name).read_bytes())
    headings = next(row for row in sheets[2] if "Project ID" in row)
    assert len(headings) == 31
    assert all(column(heading) for heading in headings)
    if name == "upload-template-v2.xlsx":
        (line,) = found.lines
        assert line.is_good, line.faults
        assert [line.values[name] for name in ("Project start date", "Project end date", "Latest approval date")] == ["2023-01-01", "2024-01-01", "2023-02-01"]


def test_A30_the_headings_are_those_of_the_standard_in_its_order() -> None:
    text = (corpus("specification/data-use-register") / "specification-v2-2022-01-19.csv").read_bytes().decode("cp1252")
    fields = [row[1].strip() for row in csv.reader(io.StringIO(text)) if row[1].strip() and row[1] != "Field"]
    assert [heading for heading in fields if column(heading) is None] == []
    assert [column(heading) for heading in fields if column(heading) in HEADINGS] == list(HEADINGS)


def test_A30_formulas_quotes_line_ends_and_windows_1252_survive() -> None:
    odd = {**GOOD, "Project title": "=HYPERLINK(1)", "Lay summary": 'He said "so",\nand left.', "Funders/Sponsors": "-5 degrees club", "Technical summary": "'=x"}
    body = written({name: guarded(text) for name, text in odd.items()})
    (line,) = read_register(body).lines
    assert {name: line.values[name] for name in odd} == odd
    accented = {**GOOD, "Project title": "Café “quoted” – naïve"}
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        found = read_register(written(accented).decode().encode(encoding))
        assert found.lines[0].values["Project title"] == accented["Project title"]
        assert found.encoding == ("windows-1252" if encoding == "cp1252" else "utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_order_of_columns_and_the_delimiter_do_not_count(delimiter: str) -> None:
    (line,) = read_register(written(GOOD, headings=tuple(reversed(HEADINGS)), delimiter=delimiter)).lines
    assert line.is_good
    assert line.values["Project title"] == "Sleep"


@pytest.mark.parametrize(
    ("typed", "meant"), [("44927", "2023-01-01"), ("44927.0", "2023-01-01"), ("31/12/2024", "2024-12-31"), ("2024-12-31T00:00:00", "2024-12-31"), ("2024-02-30", None), ("soon", None)],
)
def test_dates_of_spreadsheets(typed: str, meant: str | None) -> None:
    (line,) = read_register(written({**GOOD, "Latest approval date": typed})).lines
    if meant is None:
        assert [(fault.row, fault.column, fault.written) for fault in line.faults] == [(2, "Latest approval date", typed)]
    else:
        assert line.values["Latest approval date"] == meant


def test_every_fault_is_told_by_row_and_column() -> None:
    found = read_register(written(GOOD, {"Project title": "Only a title", "Access type": "by post"}, {}, {**GOOD, "Organisation sector": "Guild"}))
    good, bad, odd = found.lines
    assert good.faults == ()
    told = {fault.column for fault in bad.faults if fault.is_error}
    assert told == set(REQUIRED) - {"Project title"}
    assert {fault.row for fault in bad.faults} == {3}
    assert [(fault.row, fault.column, fault.is_error) for fault in odd.faults] == [(5, "Organisation sector", False)]
    assert odd.is_good


def test_sectors_are_mapped_by_the_table_that_the_page_shows() -> None:
    found = read_register(written({**GOOD, "Organisation sector": "University"}, {**GOOD, "Organisation sector": "commercial"}))
    assert [line.values["Organisation sector"] for line in found.lines] == ["Academic Institute", "Commercial"]
    assert found.sectors == {"University": "Academic Institute", "commercial": "Commercial"}
    assert sector("Guild of bakers") is None


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 no workbook", b"a,b,c\n1,2,3\n", b"\x00\x01\x02", b"x" * (9 * 2**20)])
def test_what_is_no_register_file_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(Unprocessable) as raised:
        read_register(body)
    assert raised.value.fields["file"]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(Unprocessable):
        read_register(b",".join(heading.encode() for heading in HEADINGS[:10]) + b"\n" + body)


def test_names_of_datasets_are_parted_by_commas_outside_quotation_marks() -> None:
    assert dataset_names({"Dataset(s) name": 'Sleep, "Births, deaths and ""more""",\n Hearts'}) == ["Sleep", 'Births, deaths and "more"', "Hearts"]
