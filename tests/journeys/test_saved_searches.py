"""Saved searches: kept from the page of results, run every day, and told of once, whatever becomes of datasets, workers and the index."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.accounts import operator
from gateway.app import create_app
from gateway.mailing.topics import due_at
from gateway.models import Message, Record, Run, SavedSearch, SavedSearchFind
from gateway.searches import finding, keeping, looking
from gateway.searches.looking import look_at_due
from gateway.store import records, removals
from gateway.wiring import Services, due_jobs
from search.elastic import ElasticEngine
from tests.accounts.people import browser, hidden, member, set_password
from tests.gateway.asking import Post, text_of
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.search.factories import ENGINES, forget

ADA, BEA = "ada@university.example", "bea@university.example"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
DAY = timedelta(days=1)
NO_SERVER = "http://127.0.0.1:9/none"


@dataclass
class Place:
    """A gateway with one source of datasets about sleep, a person, and their mailbox. ``now`` is when rounds are."""

    services: Services
    post: Post
    folder: Path
    source: str
    ada: TestClient
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def publish(self, *documents: dict[str, Any], before: timedelta = timedelta(0)) -> None:
        """At the time of the last round, or before it."""
        self.services.harvesting.clock = lambda: self.now - before
        write_documents(self.folder, list(documents))
        harvest(self.services, self.source)

    def save(self, address: str = "/search?q=sleep", *, often: str = "daily", name: str = "Sleep") -> str:
        """The public id."""
        page = self.ada.get("/account/searches/new", params={"of": address}).text
        answer = self.ada.post("/account/searches", data={"csrf": hidden(page, "csrf"), "of": hidden(page, "of").replace("&amp;", "&"), "name": name, "often": often})
        assert answer.status_code == 200, answer.text
        return answer.url.path.rsplit("/", 1)[1]

    def csrf(self) -> str:
        return hidden(self.ada.get("/account").text, "csrf")

    def round(self, after: timedelta = DAY) -> list[EmailMessage]:
        """What mail a round brought that is worked later."""
        self.now += after
        before = len(self.post.received)
        while looking.look_at_due(self.services.store, self.services.sealer, self.services.catalogue, now=self.now)["run"]:
            pass
        deliver_due(self.services.store, self.services.channels, now=self.now)
        return self.post.received[before:]

    def row(self) -> SavedSearch:
        with self.services.store.reading() as session:
            return session.scalars(select(SavedSearch)).one()

    def counted(self) -> str:
        """The sentence on the list."""
        found = re.search(r"<p>(?:<strong>)?(.*?)<br>", self.ada.get("/account/searches").text)
        assert found is not None
        return re.sub(r"<[^>]+>", "", found[1])

    def withdraw(self, number: int) -> None:
        local_id = document(number)["identifier"]
        with self.services.store.transaction() as tx:
            run = tx.session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).one()
            record = tx.session.scalars(select(Record).where(Record.local_id == local_id)).one()
            removals.remove(tx.session, run, [record.local_id], why="Withdrawn by its custodian.", now=self.services.clock())
        self.services.catalogue.index_pending()


def text(letter: EmailMessage) -> str:
    return text_of(letter).replace("\r\n", "\n")


def _feed_path(place: Place, public_id: str) -> str:
    found = re.search(r'id="feed" href="([^"]+)"', place.ada.get(f"/account/searches/{public_id}").text)
    assert found is not None
    return found[1]


@pytest.fixture
def place(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Place]:
    services = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    try:
        yield _place(services, post, tmp_path / "feed")
    finally:
        services.close()


def _place(services: Services, post: Post, folder: Path) -> Place:
    write_documents(folder, [document(1), document(2)])
    source = add_files(services, folder, name="Feed")
    harvest(services, source)
    ada = member(services, ADA, name="Ada Marker", has_app=True)
    return Place(services, post, folder, source, ada)


def test_a_search_is_kept_from_its_page_and_told_of_once(place: Place) -> None:
    stranger = browser(place.services)
    set_password(place.services, ADA)
    link = re.search(r'href="(/account/searches/new\?of=[^"]+)"', stranger.get("/search?q=sleep&page=2").text)
    assert link is not None
    asked = stranger.get(unescape(link[1]))
    assert "Sign in" in asked.text
    assert hidden(asked.text, "next") == link[1], "whoever signs in comes back"
    public_id = place.save(unescape(link[1]).split("of=")[1].replace("%2F", "/").replace("%3F", "?").replace("%3D", "="))
    assert place.row().address == "/search?q=sleep"
    assert place.round() == [], "what it found when it was saved is not news"
    place.publish(document(3, title="Dreams of <b>nurses</b>"), document(4, title="Cars of one town", abstract="About cars.", keywords=["cars"]))
    (letter,) = place.round()
    told = text(letter)
    assert letter["Subject"] == "News of a saved search"
    assert told.startswith("“Sleep”: 1 new since ")
    assert "Datasets for “sleep”" in told
    assert "- Dreams of nurses\n  New in the catalogue: matched in keyword (sleep)" in told
    assert "Cars" not in told
    assert told.count("/account/searches/") == 1
    assert f"/account/searches/{public_id}" in told
    notices = place.ada.get("/account/notifications").text
    assert notices.count("“Sleep”: 1 new since") == 1
    assert f'href="/account/searches/{public_id}"' in notices
    assert place.round() == []
    assert place.round() == [], "nothing is sent when nothing is new"


def test_what_changed_is_told_and_what_was_only_read_again_is_not(place: Place) -> None:
    place.save()
    place.publish(document(1, abstract="They were asked how they slept, and how long."))
    (letter,) = place.round()
    assert text(letter).startswith("“Sleep”: 1 changed since ")
    assert "- Study of sleep number 1\n  Changed: matched in title" in text(letter)
    harvest(place.services, place.source, wanted="audit")
    place.services.catalogue.rebuild(force=True)
    assert place.round() == [], "nor is anything after the index was rebuilt"


def test_a_dataset_that_comes_to_fit_is_new_though_it_was_known_to_the_catalogue(place: Place) -> None:
    place.publish(document(3, title="Town survey", abstract="About cars.", keywords=["cars"]), before=3 * DAY)
    place.save()
    place.publish(document(3, title="Town survey", abstract="About cars and sleep.", keywords=["cars"]))
    (letter,) = place.round()
    assert "“Sleep”: 1 new since" in text(letter)
    assert "- Town survey\n  Now fits the search: matched in abstract" in text(letter)


def test_a_dataset_that_is_withdrawn_and_comes_back_as_it_was_is_no_news(place: Place) -> None:
    place.save()
    place.withdraw(1)
    assert place.round() == []
    assert "Finds 1 dataset." in place.ada.get("/account/searches").text
    place.publish(document(1))
    assert place.round() == []
    assert "Finds 2 datasets." in place.ada.get("/account/searches").text
    place.withdraw(1)
    place.round()
    place.publish(document(1, abstract="Back, and about something else."))
    (letter,) = place.round()
    assert "1 changed" in text(letter), "unless it says something else"


def test_a_new_dataset_that_went_before_it_was_told_is_new_when_it_is_back(place: Place) -> None:
    public_id = place.save(often="weekly")
    place.now = due_at("weekly", place.now) + timedelta(hours=1)
    place.round(timedelta(0))
    place.publish(document(3))
    assert place.round() == []
    assert place.counted().startswith("1 new since")
    place.withdraw(3)
    assert place.counted().startswith("Nothing new since"), "what cannot be seen is not counted"
    assert place.round() == []
    place.publish(document(3))
    (letter,) = [one for _ in range(6) for one in place.round()]
    assert text(letter).count("Study of sleep number 3") == 1
    assert f"/account/searches/{public_id}" in text(letter)


def test_the_page_says_what_is_new_until_it_is_seen(place: Place) -> None:
    public_id = place.save(often="off")
    place.publish(document(3), document(1, abstract="Asked again."))
    assert place.round() == [], "who does not want to be told is not told"
    assert place.counted().startswith("1 new, 1 changed since ")
    page = place.ada.get(f"/account/searches/{public_id}").text
    assert re.findall(r'href="/datasets/[^"]+">([^<]+)</a>', page) == ["Study of sleep number 3", "Study of sleep number 1"]
    answer = place.ada.post(f"/account/searches/{public_id}/seen", data={"csrf": place.csrf()}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=sleep&sort=updated")
    assert place.counted().startswith("Nothing new since ")
    place.ada.post(f"/account/searches/{public_id}", data={"csrf": place.csrf(), "name": "Sleep again", "often": "daily"})
    assert place.round() == [], "switched on, it tells of what comes then"
    place.publish(document(5))
    (letter,) = place.round()
    assert text(letter).startswith("“Sleep again”: 1 new since ")


def test_news_that_were_seen_on_the_page_are_not_told_again(place: Place) -> None:
    public_id = place.save(often="weekly")
    place.now = due_at("weekly", place.now) + timedelta(hours=1)
    place.round(timedelta(0))
    place.publish(document(3))
    place.round()
    place.ada.post(f"/account/searches/{public_id}/seen", data={"csrf": place.csrf()}, follow_redirects=False)
    assert [one for _ in range(8) for one in place.round()] == []


def test_one_step_stops_the_letters_of_one_search(place: Place) -> None:
    place.save(name="First")
    place.save("/search?q=sleep&sort=title", name="Second")
    place.publish(document(3))
    first = next(one for one in place.round() if "“First”" in text(one))
    stop = urlsplit(str(first["List-Unsubscribe"]).strip("<>")).path
    assert f"Stop these letters: http://127.0.0.1:8000{stop}" in text(first)
    stranger = browser(place.services)
    assert "this saved search" in stranger.get(stop).text
    assert "The mail is stopped" in stranger.post(stop, data={"List-Unsubscribe": "One-Click"}).text
    place.publish(document(5))
    (letter,) = place.round()
    assert "“Second”" in text(letter)
    assert place.ada.get("/account/searches").text.count("You are not told of news") == 1


def test_who_ends_the_topic_keeps_the_notices(place: Place) -> None:
    place.save()
    page = place.ada.get("/account/notifications").text
    place.ada.post("/account/notifications", data={"csrf": hidden(page, "csrf"), "progress": "daily", "arrivals": "daily", "handling": "daily", "searches": "never"})
    place.publish(document(3))
    assert place.round() == []
    assert "“Sleep”: 1 new since" in place.ada.get("/account/notifications").text


def test_a_letter_lists_twenty_and_says_how_many_more(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "AT_ONCE", 7)  # so that a result of thirty has pages
    monkeypatch.setattr("gateway.store.saved_searches.AT_ONCE", 7)
    place.save()
    place.publish(*(document(number) for number in range(10, 40)))
    (letter,) = place.round()
    told = text(letter)
    assert told.startswith("“Sleep”: 30 new since ")
    assert told.count("\n- ") == 20
    assert "\nand 10 more\n" in told
    assert told.count("matched in title") == 20
    assert place.round() == []


class _Killed(BaseException):
    """As a worker that is killed: nothing after it is done."""


@pytest.mark.parametrize("when", ["before the letter", "with the letter", "after the letter"])
def test_a_worker_that_dies_neither_loses_news_nor_tells_them_twice(place: Place, when: str) -> None:
    place.save()
    place.publish(document(3))
    place.now += DAY
    commits: list[bool] = []

    def killed(session: Session) -> None:
        if session.get_bind().get_execution_options().get("gateway_writing"):
            writes_letter = session.scalar(select(func.count()).select_from(Message).where(Message.topic == "searches")) == 1
            commits.append(writes_letter)
            if when == "with the letter" and writes_letter:
                raise _Killed
            if when == "before the letter":
                raise _Killed

    def killed_after(session: Session) -> None:
        if when == "after the letter" and commits and commits[-1]:
            raise _Killed

    event.listen(Session, "before_commit", killed)
    event.listen(Session, "after_commit", killed_after)
    try:
        with pytest.raises(_Killed):
            look_at_due(place.services.store, place.services.sealer, place.services.catalogue, now=place.now)
    finally:
        event.remove(Session, "before_commit", killed)
        event.remove(Session, "after_commit", killed_after)
    letters = [*place.round(timedelta(0)), *place.round(), *place.round()]
    assert [text(one).startswith("“Sleep”: 1 new since ") for one in letters] == [True]


def test_two_workers_at_the_same_moment_tell_once(place: Place) -> None:
    for number in range(5):
        place.save(f"/search?q=sleep&per={(25, 50, 100)[number % 3]}&view={('cards', 'table')[number % 2]}", name=f"Sleep {number}")
    place.publish(document(3))
    place.now += DAY
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        look_at_due(place.services.store, place.services.sealer, place.services.catalogue, now=place.now)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(place.round(timedelta(0))) == 5
    assert place.round() == []


def test_an_index_that_is_away_puts_a_search_off_for_an_hour(place: Place) -> None:
    place.save()
    place.publish(document(3))
    engine, place.services.catalogue.engine = place.services.catalogue.engine, ElasticEngine(NO_SERVER)
    try:
        assert place.round() == []
        assert "could not be run just now" in place.ada.post("/account/searches", data={"csrf": place.csrf(), "of": "/search?q=sleep", "name": "n", "often": "off"}).text
    finally:
        place.services.catalogue.engine.close()
        place.services.catalogue.engine = engine
    assert place.round(timedelta(minutes=59)) == [], "not at every tick"
    assert len(place.round(timedelta(minutes=2))) == 1


def test_a_search_for_columns_tells_of_datasets_with_such_columns(place: Place) -> None:
    place.save("/columns?q=smoking", name="Smoking")
    columns = [{"name": "smoking_status", "description": "Smokes or not", "dataType": "text", "sensitive": False}]
    place.publish({**document(3), "structuralMetadata": {"tables": [{"name": "visits", "description": "", "columns": columns}]}})
    (letter,) = place.round()
    assert "Columns for “smoking”" in text(letter)
    assert "- Study of sleep number 3\n  New in the catalogue: 1 column (smoking_status)" in text(letter)


def test_filters_that_fit_nothing_any_more_are_named(place: Place) -> None:
    place.publish(document(3, keywords=["sleep", "snoring"]))
    place.save("/search?keyword=snoring&keyword=sleep", name="Snoring")
    place.withdraw(3)
    place.round()
    assert "No dataset in the catalogue fits “Keyword: snoring” any more." in unescape(place.ada.get("/account/searches").text)
    assert "Keyword: sleep” any more" not in place.ada.get("/account/searches").text


def test_removed_it_can_be_had_back_for_an_hour_and_then_goes(place: Place) -> None:
    public_id = place.save()
    assert "You have not saved a search yet" not in place.ada.get("/account/searches").text
    page = place.ada.post(f"/account/searches/{public_id}/remove", data={"csrf": place.csrf()})
    assert "You have not saved a search yet" in page.text
    assert place.ada.get(f"/account/searches/{public_id}").status_code == 404
    place.ada.post("/account/searches/undo", data={"csrf": hidden(page.text, "csrf"), "search": hidden(page.text, "search")})
    assert place.ada.get(f"/account/searches/{public_id}").status_code == 200
    place.ada.post(f"/account/searches/{public_id}/remove", data={"csrf": place.csrf()})
    place.publish(document(3))
    assert place.round() == []
    with pytest.raises(keeping.Conflict):
        keeping.restore(place.services.store, place.row().subject, public_id, now=place.services.clock() + timedelta(hours=2))
    looking.forget_removed(place.services.store, now=place.services.clock() + 2 * DAY)
    with place.services.store.reading() as session:
        assert session.scalars(select(SavedSearchFind)).all() == []


def test_the_private_feed_is_that_of_the_search_until_its_address_is_renewed(place: Place) -> None:
    public_id = place.save("/search?q=sleep&sort=title", name="Sleep & dreams")
    stranger = browser(place.services)
    path = _feed_path(place, public_id)
    answer = stranger.get(path)
    assert (answer.headers["cache-control"], answer.headers["x-robots-tag"]) == ("no-store", "noindex")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    assert feed.findtext("a:title", "", ATOM) == "Sleep & dreams"
    assert [one.findtext("a:title", "", ATOM) for one in feed.findall("a:entry", ATOM)] == [
        one.findtext("a:title", "", ATOM) for one in ET.fromstring(stranger.get("/search.atom?q=sleep&sort=title").content).findall("a:entry", ATOM)
    ]
    assert len(feed.findall("a:entry", ATOM)) == 2
    place.ada.post(f"/account/searches/{public_id}/feed", data={"csrf": place.csrf()})
    assert _feed_path(place, public_id) != path
    assert stranger.get(path).status_code == 404
    assert stranger.get(_feed_path(place, public_id)).status_code == 200
    operator.suspend(place.services.store, ADA, now=place.services.clock())
    place.publish(document(3))
    assert place.round() == [], "nor is somebody told whose account is suspended"


def test_the_feed_has_a_limit(place: Place) -> None:
    path = _feed_path(place, place.save())
    stranger = browser(place.services)
    assert {stranger.get(path).status_code for _ in range(60)} == {200}
    assert stranger.get(path).status_code == 429


def test_what_is_somebody_elses_is_what_nobody_has(place: Place) -> None:
    public_id = place.save()
    bea = member(place.services, BEA, name="Bea")
    csrf = hidden(bea.get("/account").text, "csrf")
    assert bea.get(f"/account/searches/{public_id}").status_code == 404
    for end in ("", "/seen", "/feed", "/remove"):
        assert bea.post(f"/account/searches/{public_id}{end}", data={"csrf": csrf, "name": "Mine", "often": "off"}).status_code == 404
    place.ada.post(f"/account/searches/{public_id}/remove", data={"csrf": place.csrf()})
    assert bea.post("/account/searches/undo", data={"csrf": csrf, "search": public_id}).status_code == 404


def test_an_account_keeps_so_many_and_a_search_finds_so_many(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 2)
    place.save(name="One")
    place.save(name="Two")
    data = {"of": "/search?q=sleep", "name": "Three", "often": "daily"}
    answer = place.ada.post("/account/searches", data={"csrf": place.csrf(), **data})
    assert (answer.status_code, "You keep 2 searches, and cannot keep more. Remove one first." in answer.text) == (422, True)
    monkeypatch.setattr(keeping, "MOST_FOUND", 1)
    assert "This search finds more than 1 datasets" in place.ada.post("/account/searches", data={"csrf": place.csrf(), **data}).text


@pytest.mark.parametrize(("data", "sentence"), [({"name": " "}, "Give the search a name"), ({"often": "hourly"}, "Choose how often we tell you.")])
def test_what_cannot_be_saved_says_what_to_mend(place: Place, data: dict[str, str], sentence: str) -> None:
    answer = place.ada.post("/account/searches", data={"csrf": place.csrf(), "of": "/search?q=sleep", "name": "Sleep", "often": "daily", **data})
    assert (answer.status_code, sentence in answer.text) == (422, True)


@pytest.mark.parametrize("address", ["", "/sources", "https://elsewhere.example/search?q=sleep", "//elsewhere.example/search", "/searching", "/search/values/keyword"])
def test_only_searches_are_saved(place: Place, address: str) -> None:
    assert place.ada.get("/account/searches/new", params={"of": address}).status_code == 404
    assert place.ada.post("/account/searches", data={"csrf": place.csrf(), "of": address, "name": "n", "often": "off"}).status_code == 404


def test_it_is_exported_with_the_account_and_goes_with_it(place: Place) -> None:
    place.save("/search?q=zebrasleep", name="Zebra")
    (held,) = place.ada.get("/account/export.json").json()["saved_searches"]
    assert (held["name"], held["address"], held["asks"], held["told"]) == ("Zebra", "/search?q=zebrasleep", "Datasets for “zebrasleep”", "daily")
    place.ada.post("/account/close", data={"csrf": hidden(place.ada.get("/account/close").text, "csrf"), "sure": "yes"})
    with place.services.store.reading() as session:
        assert session.scalars(select(SavedSearch)).all() == []
        assert session.scalars(select(SavedSearchFind)).all() == []


def test_the_worker_hears_of_searches_that_are_due(place: Place) -> None:
    place.save()
    assert "searches" not in due_jobs(place.services)
    with place.services.store.transaction() as tx:
        tx.session.scalars(select(SavedSearch)).one().look_due_at = place.services.clock() - DAY
    assert due_jobs(place.services)["searches"] == [{}]
    place.services.jobs.bodies["searches"]()
    assert "searches" not in due_jobs(place.services)


def test_the_same_dataset_from_another_source_is_not_new(place: Place, tmp_path: Path) -> None:
    place.save()
    with place.services.store.reading() as session:
        before = {one.ref for one in records.states(session, [1, 2])}
    write_documents(tmp_path / "other", [document(1)])
    harvest(place.services, add_files(place.services, tmp_path / "other", name="Other"))
    place.services.jobs.bodies["link"](run_id=2)
    place.services.catalogue.index_pending()
    assert place.services.catalogue.search(finding.Query(text="sleep")).total == len(before)
    assert place.round() == []


@pytest.mark.parametrize("kind", ENGINES)
def test_every_engine_tells_the_same(kind: str, tmp_path: Path, post: Post) -> None:
    services = make_services(tmp_path / "data", worker=False, mail_url=post.url)
    services.catalogue.engine.close()
    services.catalogue.engine = engine = ENGINES[kind](tmp_path / "index")
    services.catalogue.rebuild(force=True)
    try:
        place = _place(services, post, tmp_path / "feed")
        place.save("/search?q=sleep&keyword=sleep")
        place.save("/columns?q=smoking", name="Smoking")
        columns = [{"name": "smoking_status", "description": "Smokes or not", "dataType": "text", "sensitive": False}]
        place.publish({**document(3), "structuralMetadata": {"tables": [{"name": "visits", "description": "", "columns": columns}]}}, document(1, abstract="Again."))
        texts = sorted(text(one) for one in place.round())
        assert [one.split(" since")[0] for one in texts] == ["“Sleep”: 1 new, 1 changed", "“Smoking”: 1 new"]
        assert "matched in title, keyword (sleep)" in texts[0]
        assert "1 column (smoking_status)" in texts[1]
        assert place.round() == []
    finally:
        forget(engine)
        services.close()


def test_no_javascript_is_needed_and_pages_of_results_stay_the_same_for_everybody(place: Place) -> None:
    with TestClient(create_app(services=place.services), base_url="http://127.0.0.1") as client:
        answer = client.get("/columns?q=smoking")
        assert answer.headers["cache-control"] == "public, no-cache"
        assert 'href="/account/searches/new?of=%2Fcolumns%3Fq%3Dsmoking"' in answer.text
        assert 'name="csrf"' not in answer.text
