"""S13: what people and catalogues write comes out as the text it is. Hostile words go in by every way and are looked for on every page."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.testclient import TestClient

from frontend.custodian_text import plain
from gateway.access.attaching import Attaching
from gateway.access.drafts import draft
from gateway.access.part_forms import publish
from gateway.enquiries import answering
from gateway.models import Message
from gateway.store import requests
from tests.gateway.asking import Asking, send, written
from tests.gateway.asking import applicant as lead
from tests.journeys.gateways import add_files, document, harvest, write_documents
from tests.security.reading_pages import Page
from tests.security.walking import routes
from tests.security.world import PROTOCOL, World, form_token

ROOT = Path(__file__).parents[2]
HOSTILE = (
    "<script>alert('zq01')</script>", "\"' onmouseover=alert(1) x='zq02", "<img src=x onerror=alert('zq03')>", "{{7*7}}${7*7}%s zq04", "<svg/onload=alert('zq05')>",
    "&lt;b&gt;zq06 &amp; &#x3c;i&#x3e;", "zq07\u202egnp.exe\u2066", "javascript:alert('zq08')", "data:text/html,<b>zq09</b>", "</textarea></title></script><b>zq10",
    "-->]]>zq11<!--", "'; DROP TABLE events; -- zq12",
)
WORDS = " | ".join(HOSTILE)
MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")
SCHEMES = frozenset({"", "http", "https", "mailto", "tel"})
ADDRESSES = frozenset({"href", "src", "action", "formaction", "xlink:href", "poster", "cite", "background", "manifest", "ping"})
LINKS = ("javascript:alert('zq08')", "data:text/html,<b>zq09</b>", "JaVaScRiPt:alert(1)", "vbscript:x", "https://good.example/\"onclick=x")


def hostile_record(number: int) -> dict[str, Any]:
    record = document(number, title=f"Zebra {WORDS}", abstract=f"Abstract {WORDS}", keywords=list(HOSTILE), contactPoint="data@example.org")
    record["summary"]["dataCustodian"]["name"] = f"Trust {HOSTILE[0]} {HOSTILE[9]}"
    record["accessibility"]["access"]["accessRights"] = ",".join(LINKS[:2])
    record["documentation"] = {"description": f"Description {WORDS}", "associatedMedia": list(LINKS), "isPartOf": [LINKS[0]]}
    return record


def fill(world: World) -> dict[str, str]:
    """Hostile words by every way into alpha. The ids under which they are found."""
    services, alpha, folder = world.services, world.alpha, world.services.settings.data_dir.parent / "hostile"
    write_documents(folder, [hostile_record(77)])
    run = harvest(services, add_files(services, folder, name="Feed <img src=x onerror=alert(1)>", custodian="alpha"))
    ref = next(one.row.record.ref for one in services.catalogue.listing() if "Zebra" in (one.row.record.title or ""))
    publish(services.store, "alpha", {"optional": {PROTOCOL: {"need": "offer"}}, "guidance": {"project.aims": WORDS}}, actor="operator", now=services.clock())
    form = Asking(name=f"Ada {WORDS}", email=alpha.applicant_address, organisation=f"University {WORDS}", title=f"Study {HOSTILE[0]} {HOSTILE[9]}", lay_summary=WORDS, public_benefit=WORDS)
    reference = written(services.store, services.sealer, form=form, dataset_refs=[ref], now=services.clock())
    person = lead(services.store, form, now=services.clock())
    attaching = Attaching(store=services.store, sealer=services.sealer, uploads=services.uploads, person=person, reference=reference, now=services.clock())
    attaching.attach(PROTOCOL, name="zq13<img src=x onerror=alert(1)>\u202egnp.txt", body=b"The protocol.")
    file = draft(services.store, person, reference).answers[PROTOCOL][0]
    sent = send(services.store, services.sealer, person, reference, now=services.clock(), rules=services.uploads.rules)
    unsent = written(services.store, services.sealer, form=form, dataset_refs=[ref], now=services.clock())
    with services.store.reading() as session:
        part = next(row.part.public_id for row in requests.parts_of_custodian(session, "alpha") if row.request.reference == sent.reference)
    with services.store.transaction() as tx:
        answering.add_message(tx.session, services.sealer, alpha.ids["thread"], author="custodian", via="mail", text=WORDS, now=services.clock())
    ids = {"ref": ref, "name": ref, "part": part, "reference": sent.reference, "token": sent.follow_token or "", "draft": unsent, "file": file, "number": str(run.id)}
    press(alpha.team["handler"], f"/w/alpha/requests/{part}", "acknowledge")
    press(alpha.team["handler"], f"/w/alpha/requests/{part}", "message", text=WORDS)
    press(alpha.team["handler"], f"/w/alpha/requests/{part}", "remark", text=WORDS, audience="internal")
    press(alpha.team["handler"], f"/w/alpha/requests/{part}", "add_evidence", type="other", reference=HOSTILE[0], issuer=HOSTILE[1])
    press(alpha.applicant, f"/account/requests/{sent.reference}/parts/{part}", "message", text=WORDS)
    return ids


def press(client: TestClient, path: str, command: str, **values: str) -> None:
    answer = client.post(path, data={"csrf": form_token(client), "command": command, **values})
    assert answer.status_code == 200, f"{command}: {answer.status_code}"


@pytest.fixture(scope="module")
def answers(two_tenants: World) -> list[tuple[str, Any]]:
    """Every GET as everybody, where the hostile things are."""
    ids, found = fill(two_tenants), []
    for route in routes(two_tenants.app):
        if route.method != "GET" or route.is_of_program:
            continue
        for other in ({}, {"file": "1"}) if route.path.startswith("/search") else ({},):
            for who, client in two_tenants.readers(route).items():
                path = two_tenants.alpha.path(route, **{**ids, **other})
                found.append((f"{who}: {path}", client.get(path)))
    found += [(f"search for {query}", two_tenants.outside.get("/search", params={"q": query}, follow_redirects=True)) for query in (WORDS, *HOSTILE)]
    found.append(("search of the hostile one", two_tenants.outside.get("/search", params={"q": "zebra"})))
    return found


def pages(answers: list[tuple[str, Any]]) -> Iterator[tuple[str, Page]]:
    for what, answer in answers:
        if "text/html" in answer.headers.get("content-type", ""):
            yield what, Page(answer.text)


def test_S13_nothing_that_was_written_runs_anywhere(answers: list[tuple[str, Any]]) -> None:
    wrong, seen = [], 0
    for what, page in pages(answers):
        seen += any("zq0" in run for run in page.runs)
        for tag, name, value in page.attributes:
            if name.startswith("on") or name in ("style", "srcdoc") or (tag == "img" and value == "x"):
                wrong.append(f"{what}: <{tag} {name}={value[:60]}>")
            if name in ADDRESSES and scheme_of(value) not in SCHEMES and not value.startswith("data:image/"):
                wrong.append(f"{what}: <{tag} {name}={value[:60]}>")
        wrong += [f"{what}: <{tag}>" for tag in page.tags if tag in ("iframe", "object", "embed", "base", "applet", "frame")]
        for block in page.data_blocks:
            json.loads(block)
    assert wrong == []
    assert seen > 25, "the hostile words are on many pages"


def scheme_of(address: str) -> str:
    """As browsers read it: without the blanks and control characters that they drop."""
    try:
        return urlsplit(re.sub(r"[\x00-\x20]", "", address)).scheme.lower()
    except ValueError:
        return "unreadable"


def test_S13_text_in_is_text_out(answers: list[tuple[str, Any]]) -> None:
    """Wherever a marker stands, what was written before it stands before it, sign for sign; of what catalogues say, without its mark-up. Direction
    marks are gone."""
    wrong, found = [], set()
    for what, page in pages(answers):
        if "search for" in what:
            continue
        for run in page.runs:
            for number, piece in enumerate(HOSTILE, start=1):
                marker = f"zq{number:02}"
                before = {one.partition(marker)[0] for one in (MARKS.sub("", piece), plain(piece), re.sub("<[^>]*>", "", piece)) if marker in one}
                for match in re.finditer(marker, run):
                    found.add(marker)
                    is_after_markup = "/datasets/" in what and not run[: match.start()].strip()
                    if not is_after_markup and not any(run[: match.start()].endswith(one) for one in before):
                        wrong.append(f"{what}: {run[max(0, match.start() - 30) : match.end()]!r}")
        wrong += [f"{what}: direction mark in {run[:80]!r}" for run in page.runs if MARKS.search(run)]
    assert sorted(set(wrong)) == []
    assert found == {f"zq{number:02}" for number in range(1, len(HOSTILE) + 1)}


def test_S13_what_people_write_stands_on_their_pages_whole(answers: list[tuple[str, Any]]) -> None:
    """With nothing taken for mark-up: answers, messages and remarks, at the custodian and at the applicant."""
    wanted, counted = " ".join(MARKS.sub("", WORDS).split()), {}
    for what, page in pages(answers):
        counted[what] = " ".join(page.text.split()).count(wanted)
    for who, beginning, least in (("handler", "/w/alpha/requests/", 5), ("applicant", "/account/requests/", 3), ("applicant", "/questions/", 1), ("handler", "/w/alpha/questions/", 1)):
        most = max(count for what, count in counted.items() if what.startswith(f"{who}: {beginning}"))
        assert most >= least, (who, beginning, most)


def test_S13_feeds_and_data_are_well_formed(answers: list[tuple[str, Any]]) -> None:
    read = 0
    for what, answer in answers:
        kind = answer.headers.get("content-type", "")
        if answer.status_code == 200 and ("xml" in kind and "html" not in kind):
            ET.fromstring(answer.content)
            read += 1
        if answer.status_code == 200 and "json" in kind and "ndjson" not in kind:
            assert json.loads(answer.content) is not None, what
            read += 1
    assert read > 10


def test_S13_letters_are_plain_text(two_tenants: World, answers: list[tuple[str, Any]]) -> None:
    assert answers
    services = two_tenants.services
    with services.store.reading() as session:
        letters = [(row.subject, services.sealer.open(row.sealed_body)) for row in session.scalars(select(Message))]
    assert letters
    for subject, body in letters:
        assert "zq" not in subject, "a subject holds nothing that somebody wrote"
        assert not re.search(r"[\r\n]", subject)
        assert "&lt;script" not in body, "a letter is text, and is not escaped"


@settings(max_examples=60, deadline=None)
@given(query=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=60))
def test_S13_the_words_of_a_search_come_back_as_they_were_typed(two_tenants: World, query: str) -> None:
    answer = two_tenants.outside.get("/search", params={"q": query}, follow_redirects=True)
    assert answer.status_code in (200, 422)
    page = Page(answer.text)
    values = [value for tag, name, value in page.attributes if tag == "input" and name == "value"]
    assert any(" ".join(value.split()) == " ".join(query.split()) or MARKS.sub("", value) == MARKS.sub("", query) for value in values), query


RAW = frozenset({"text", "execute", "exec_driver_sql", "literal_column", "executescript"})
CONSTANT = frozenset({("gateway/store/database.py", "execute"), ("harvesters/parsing/triple_table.py", "execute")})
"""PRAGMAs of a fixed list; question marks, as many as there are values."""


def test_S13_no_statement_is_put_together_from_values() -> None:
    found = []
    for package in ("gateway", "search", "harvesters", "schemas", "frontend"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "/migrations/" in name:
                continue
            calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and node.args]
            found += [
                f"{name}:{call.lineno}" for call in calls
                if called(call) in RAW and is_put_together(call.args[0]) and (name, called(call)) not in CONSTANT
            ]
    assert found == []


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def is_put_together(argument: ast.expr) -> bool:
    if isinstance(argument, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in argument.values)
    is_format = isinstance(argument, ast.Call) and called(argument) == "format"
    return is_format or (isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Mod | ast.Add))


def test_S13_a_statement_put_together_from_values_is_noticed() -> None:
    for statement in ('text(f"SELECT {x}")', 'session.execute("SELECT %s" % x)', 'text("SELECT {}".format(x))', 'connection.exec_driver_sql("SELECT " + x)'):
        node = ast.parse(statement).body[0]
        assert isinstance(node, ast.Expr)
        assert isinstance(node.value, ast.Call)
        assert called(node.value) in RAW
        assert is_put_together(node.value.args[0])
