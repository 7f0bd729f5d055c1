"""From ticked columns to the rows of a request, as a browser without scripts sends its forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import html5lib
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from frontend.views.dataset import ColumnRow
from gateway.access.bank.asking import missing
from gateway.access.bank.reading import MAX_ROWS, read
from gateway.access.bank.whole import BANK
from gateway.access.carried_columns import EVERY, LONGEST, with_columns
from gateway.access.part_forms import form_of
from gateway.catalogue import chosen_columns
from gateway.catalogue.chosen_columns import MAX_COLUMNS, MAX_TABLES, ChosenTable
from gateway.errors import Unprocessable
from gateway.models import ChosenColumns, Request
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, member
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

NAMESPACE = "{http://www.w3.org/1999/xhtml}"


def with_tables(number: int, tables: dict[str, list[str]], **summary: Any) -> dict[str, Any]:
    made = [
        {"name": name, "description": "One row a person", "columns": [{"name": one, "dataType": "int", "sensitive": False} for one in columns]}
        for name, columns in tables.items()
    ]
    return document(number, **summary) | {"structuralMetadata": {"tables": made}}


VISITS = with_tables(1, {"visits": ["visit_date", "ward", "diagnosis"], "people": ["person", "year_of_birth"]}, title="Hospital visits")
LONG = with_tables(2, {"answers": [f"item_{number}" for number in range(1200)]}, title="Long questionnaire")
ODD = with_tables(3, {"odd": ["", "plain", "x" * 400]}, title="Oddly named")


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    write_documents(tmp_path / "feed", [VISITS, LONG, ODD])
    harvest(built, add_files(built, tmp_path / "feed", name="Feed"))
    yield built
    built.close()


@pytest.fixture
def refs(services: Services) -> dict[str, str]:
    return {str(one.row.record.title): one.row.record.ref for one in services.catalogue.listing()}


def elements(inside: Any, *names: str) -> list[Any]:
    return [one for one in inside.iter() if str(one.tag).removeprefix(NAMESPACE) in names]


class Form:
    """The form of a page, with every control that belongs to it, as a browser sends it."""

    def __init__(self, page: str, form: str) -> None:
        document = html5lib.HTMLParser(strict=True).parse(page)
        (own,) = [one for one in elements(document, "form") if one.get("id") == form]
        inside = set(own.iter())
        controls = [one for one in elements(document, "input", "button") if one in inside or one.get("form") == form]
        labels = {one.get("for"): " ".join("".join(one.itertext()).split()) for one in elements(document, "label")}
        self.action = own.get("action")
        self.boxes = {labels[one.get("id")]: one for one in controls if one.get("type") == "checkbox"}
        self.buttons = {" ".join("".join(one.itertext()).split()): one.get("value") for one in controls if one.tag == NAMESPACE + "button"}
        self.hidden = {one.get("name"): one.get("value") for one in controls if one.get("type") == "hidden"}

    @property
    def ticked(self) -> set[str]:
        return {label for label, box in self.boxes.items() if "checked" in box.attrib}

    def send(self, client: TestClient, button: str, *, tick: tuple[str, ...] = (), untick: tuple[str, ...] = ()) -> Any:
        wanted = (self.ticked | set(tick)) - set(untick)
        data: dict[str, Any] = {**self.hidden, "to": self.buttons[button]}
        for label in sorted(wanted):
            box = self.boxes[label]
            if "disabled" not in box.attrib:
                data.setdefault(box.get("name"), []).append(box.get("value"))
        return client.post(self.action, data=data)


def columns_of(client: TestClient, ref: str, query: str = "") -> Form:
    answer = client.get(f"/datasets/{ref}/columns{query}")
    assert answer.status_code == 200, answer.text
    return Form(answer.text, "choose")


def begin(client: TestClient, *refs: str) -> str:
    page = client.get("/requests/new").text
    answer = client.post("/requests", data={"csrf": hidden(page, "csrf"), "datasets": list(refs)})
    assert re.fullmatch(r"/requests/AR-\w{9}", answer.url.path), answer.text
    return answer.url.path


def rows_of(client: TestClient, path: str) -> list[dict[str, str]]:
    """As the fields of the request form show them, but for the empty row to fill in."""
    document = html5lib.HTMLParser(strict=True).parse(client.get(f"{path}/data").text)
    found: dict[str, dict[str, str]] = {}
    for one in elements(document, "input", "select", "textarea"):
        key, _, rest = (one.get("name") or "").partition(":")
        if key == "data.fields":
            number, name = rest.split(":")
            chosen = [option.get("value") for option in elements(one, "option") if "selected" in option.attrib]
            value = chosen[0] if chosen else one.get("value") or "".join(one.itertext()).strip() if one.tag != NAMESPACE + "select" else ""
            found.setdefault(number, {})[name] = value
    return [row for row in found.values() if any(row.values())]


def kept(services: Services) -> list[ChosenColumns]:
    with services.store.reading() as session:
        return list(session.scalars(select(ChosenColumns)))


def test_B3_ticked_columns_reach_the_request_without_an_account_and_without_scripts(services: Services, refs: dict[str, str]) -> None:
    client, ref = browser(services), refs["Hospital visits"]
    form = columns_of(client, ref)
    assert set(form.boxes) == {
        "All columns of visits", "All columns of people", "visit_date of visits", "ward of visits", "diagnosis of visits", "person of people", "year_of_birth of people",
    }
    basket = form.send(client, "Carry to my request", tick=("ward of visits", "visit_date of visits", "All columns of people"))
    assert basket.url.path == "/basket"
    assert "2 columns and 1 whole table chosen." in basket.text
    assert columns_of(client, ref).ticked == {"ward of visits", "visit_date of visits", "All columns of people", "person of people, with its whole table", "year_of_birth of people, with its whole table"}
    client.cookies.set("session", member(services, "ada@university.example", name="Ada").cookies["session"], domain="127.0.0.1")
    assert "2 columns and 1 whole table chosen" in client.get("/requests/new").text
    path = begin(client, ref)
    assert rows_of(client, path) == [
        {"dataset": ref, "table": "visits", "columns": "visit_date, ward", "reason": ""}, {"dataset": ref, "table": "people", "columns": EVERY, "reason": ""},
    ]
    assert "From your account" not in client.get(f"{path}/data").text
    assert kept(services) == []
    assert columns_of(client, ref).ticked == set()


def test_B3_reasons_are_still_to_be_given_before_the_request_is_sent(services: Services, refs: dict[str, str]) -> None:
    client, ref = member(services, "ada@university.example", name="Ada"), refs["Hospital visits"]
    columns_of(client, ref).send(client, "Carry to my request", tick=("ward of visits",))
    begin(client, ref)
    with services.store.reading() as session:
        answers = session.scalars(select(Request.answers)).one()
    lacking = {one.sentence for one in missing(form_of(None, None), answers) if one.key == "data.fields"}
    assert lacking == {"Tables and columns, row 1: Why you need them is missing."}
    finished = {**answers, "data.fields": [{**answers["data.fields"][0], "reason": "to count"}]}
    assert "data.fields" not in {one.key for one in missing(form_of(None, None), finished)}


def test_A4_columns_of_other_pages_stay_chosen_and_what_is_unticked_goes(services: Services, refs: dict[str, str]) -> None:
    client, ref = browser(services), refs["Long questionnaire"]
    answer = columns_of(client, ref).send(client, "Keep these and choose more", tick=("item_0 of answers", "item_1 of answers"))
    assert answer.url.path.endswith("/columns")
    assert "Chosen so far: 2 columns." in answer.text
    columns_of(client, ref, "?page=2").send(client, "Keep these and choose more", tick=("item_250 of answers",))
    columns_of(client, ref, "?q=item_0").send(client, "Keep these and choose more", untick=("item_0 of answers",))
    assert columns_of(client, ref).ticked == {"item_1 of answers"}
    assert "2 columns chosen." in client.get("/basket").text
    whole = columns_of(client, ref)
    whole.send(client, "Carry to my request", tick=("All columns of answers",))
    assert "1 whole table chosen." in client.get("/basket").text
    columns_of(client, ref).send(client, "Carry to my request", untick=("All columns of answers",))
    assert "chosen." not in client.get("/basket").text
    assert "Choose columns" in client.get("/basket").text


def test_A4_nothing_ticked_and_too_much_ticked_are_said_plainly(services: Services, refs: dict[str, str]) -> None:
    client, ref = browser(services), refs["Long questionnaire"]
    answer = columns_of(client, ref).send(client, "Carry to my request")
    assert answer.status_code == 422
    assert "Tick at least one column or table." in answer.text
    every = columns_of(client, ref, "?page=all")
    answer = every.send(client, "Carry to my request", tick=tuple(label for label in every.boxes if label.startswith("item_")))
    assert answer.status_code == 422
    assert "You can carry 1,000 columns at most" in answer.text
    assert len(Form(answer.text, "choose").ticked) == 1200
    assert "Your basket is empty" in client.get("/basket").text
    assert kept(services) == []
    answer = columns_of(client, ref, "?page=all").send(client, "Carry to my request", tick=tuple(f"item_{number} of answers" for number in range(MAX_COLUMNS)))
    assert "1,000 columns chosen." in answer.text


def test_A4_columns_that_no_request_could_name_have_no_box(services: Services, refs: dict[str, str]) -> None:
    assert set(columns_of(browser(services), refs["Oddly named"]).boxes) == {"All columns of odd", "plain of odd"}
    assert not ColumnRow(table="odd", name="turn\u202eed").can_be_chosen


def test_B3_choices_are_taken_back_alone_and_with_their_dataset(services: Services, refs: dict[str, str]) -> None:
    client, ref, other = browser(services), refs["Hospital visits"], refs["Long questionnaire"]
    for one, label in ((ref, "ward of visits"), (other, "item_7 of answers")):
        columns_of(client, one).send(client, "Carry to my request", tick=(label,))
    assert client.get("/basket").text.count("1 column chosen.") == 2
    page = client.post("/basket/columns/remove", data={"ref": ref}).text
    assert page.count("1 column chosen.") == 1
    assert "Basket (2)" in page
    client.post("/basket/remove", data={"ref": other})
    assert kept(services) == []
    client.post("/basket/add", data={"ref": other})
    assert "chosen." not in client.get("/basket").text


def test_B3_choices_are_of_one_browser_and_end_with_the_basket(services: Services, refs: dict[str, str]) -> None:
    client, ref = browser(services), refs["Hospital visits"]
    columns_of(client, ref).send(client, "Carry to my request", tick=("ward of visits",))
    token = client.cookies["columns"]
    assert token not in repr(kept(services)[0].__dict__)
    assert columns_of(browser(services), ref).ticked == set()
    page = client.get(f"/datasets/{ref}/columns")
    assert page.headers["cache-control"].startswith("private")
    now = services.clock()
    assert chosen_columns.held(services.store, token, now=now + timedelta(days=29)) == {ref: (ChosenTable("visits", ("ward",)),)}
    assert chosen_columns.held(services.store, token, now=now + timedelta(days=31)) == {}
    services.housekeeping.keep_house(now=now + timedelta(days=29))
    assert len(kept(services)) == 1
    services.housekeeping.keep_house(now=now + timedelta(days=31))
    assert kept(services) == []


def test_B3_columns_are_added_to_a_draft_that_holds_the_dataset_each_once(services: Services, refs: dict[str, str]) -> None:
    client, ref = member(services, "ada@university.example", name="Ada"), refs["Hospital visits"]
    columns_of(client, ref).send(client, "Carry to my request", tick=("ward of visits",))
    path = begin(client, ref)
    form = columns_of(client, ref)
    (button,) = [words for words in form.buttons if words.startswith("Add to the draft")]
    answer = form.send(client, button, tick=("ward of visits", "diagnosis of visits", "All columns of people"))
    assert answer.url.path == f"{path}/data"
    named = [(row["table"], row["columns"]) for row in rows_of(client, path)]
    assert named == [("visits", "ward"), ("visits", "diagnosis"), ("people", EVERY)]
    columns_of(client, ref).send(client, button, tick=("ward of visits", "person of people", "All columns of people"))
    assert [(row["table"], row["columns"]) for row in rows_of(client, path)] == named
    assert not [words for words in columns_of(client, refs["Long questionnaire"]).buttons if words.startswith("Add to the draft")]
    stranger = member(services, "eve@university.example", name="Eve")
    theirs = columns_of(stranger, ref)
    assert not [words for words in theirs.buttons if words.startswith("Add to the draft")]
    token = hidden(stranger.get("/account").text, "csrf")
    stolen = stranger.post(theirs.action, data={"to": form.buttons[button], "csrf": token, "column": "visits.ward"})
    assert stolen.status_code == 404
    forged = client.post(theirs.action, data={"to": form.buttons[button], "csrf": "x", "column": "visits.visit_date"})
    assert forged.status_code == 403
    assert [(row["table"], row["columns"]) for row in rows_of(client, path)] == named


def test_B3_rows_come_and_go_with_the_datasets_of_a_draft(services: Services, refs: dict[str, str]) -> None:
    client, ref, other = member(services, "ada@university.example", name="Ada"), refs["Hospital visits"], refs["Long questionnaire"]
    columns_of(client, ref).send(client, "Carry to my request", tick=("ward of visits",))
    path = begin(client, ref)
    columns_of(client, other).send(client, "Carry to my request", tick=("item_7 of answers",))
    csrf = hidden(client.get(f"{path}/datasets").text, "csrf")
    client.post(f"{path}/datasets", data={"csrf": csrf, "datasets": [ref, other]})
    assert [(row["dataset"], row["columns"]) for row in rows_of(client, path)] == [(ref, "ward"), (other, "item_7")]
    client.post(f"{path}/datasets", data={"csrf": csrf, "datasets": [other]})
    assert [(row["dataset"], row["columns"]) for row in rows_of(client, path)] == [(other, "item_7")]
    assert kept(services) == []


def test_B3_a_sign_in_that_ended_loses_no_tick(services: Services, refs: dict[str, str]) -> None:
    client, ref = member(services, "ada@university.example", name="Ada"), refs["Hospital visits"]
    client.post("/basket/add", data={"ref": ref})
    path = begin(client, ref)
    form = columns_of(client, ref)
    client.cookies.delete("session")
    answer = form.send(client, next(words for words in form.buttons if path.rsplit("/", 1)[1] in words), tick=("ward of visits",))
    assert answer.url.path == "/sign-in"
    assert columns_of(client, ref).ticked == {"ward of visits"}


def test_long_names_fill_as_many_cells_as_they_need_and_a_request_has_room_for_so_many_rows() -> None:
    names = tuple(f"{number:03}" + "x" * 290 for number in range(20))
    rows = with_columns((), {"abcd": (ChosenTable("", names),)})
    assert {row["table"] for row in rows} == {"A table without a name"}
    assert all(len(row["columns"]) <= LONGEST for row in rows)
    assert ", ".join(row["columns"] for row in rows).split(", ") == list(names)
    assert with_columns(rows, {"abcd": (ChosenTable("", names),)}) == rows
    told = [{**row, "reason": "to count"} for row in rows]
    assert read(BANK["data.fields"], told) == told
    with pytest.raises(Unprocessable, match="100 rows"):
        with_columns(rows, {"efgh": tuple(ChosenTable(f"t{number}") for number in range(MAX_ROWS))})


def test_a_visitor_cannot_keep_more_tables_than_a_request_has_rows(services: Services) -> None:
    now = services.clock()
    tables = tuple(ChosenTable(f"t{number}") for number in range(MAX_TABLES))
    token = chosen_columns.choose(services.store, None, "abcd", tables, basket=["abcd"], now=now)
    with pytest.raises(Unprocessable, match="100 tables"):
        chosen_columns.choose(services.store, token, "efgh", (ChosenTable("one"),), basket=["abcd", "efgh"], now=now)
    assert set(chosen_columns.held(services.store, token, now=now)) == {"abcd"}
    assert chosen_columns.choose(services.store, token, "efgh", (ChosenTable("one"),), basket=["efgh"], now=now) == token
    assert set(chosen_columns.held(services.store, token, now=now)) == {"efgh"}
