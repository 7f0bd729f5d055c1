"""Getting in again after everything was lost: two people, two days, and the old address told; on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from gateway.access.deliver import deliver_due
from gateway.accounts import recovery
from gateway.accounts.setup import grant
from gateway.errors import NotFound, Unprocessable
from gateway.store import accounts, custodians
from gateway.web.auth import create_key
from gateway.wiring import Services
from tests.accounts.people import browser, hidden, link_in, member, set_password, sign_in
from tests.gateway.asking import Post, text_of
from tests.journeys.gateways import make_services

ADA, NEW = "ada@alpha.example", "ada@new.example"
PASSWORD = "violet harbour seven tickets"
SECOND = timedelta(seconds=1)


@pytest.fixture
def services(tmp_path: Path, database_url: str | None, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False, mail_url=post.url)
    with built.store.transaction() as tx:
        for slug in ("alpha", "beta"):
            custodians.add(tx.session, name=slug.title(), slug=slug, now=built.clock())
    try:
        yield built
    finally:
        built.close()


def holding(services: Services, address: str, role: str, custodian: str | None) -> TestClient:
    client = member(services, address, name=address.split("@", maxsplit=1)[0].title(), has_app=True)
    grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    return client


def letters(services: Services, post: Post, address: str, at: datetime | None = None) -> list[str]:
    deliver_due(services.store, services.channels, now=at or services.clock())
    return [text_of(one) for one in post.to(address)]


def asked(services: Services, post: Post) -> tuple[str, str]:
    """The token at the new address, and the one with which the old address stops it."""
    assert "Check your mail" in browser(services).post("/lost", data={"email": ADA, "reach": NEW}).text
    paths = [link_in(letters(services, post, address)[-1]) for address in (NEW, ADA)]
    return paths[0].rsplit("/", 1)[1], paths[1].rsplit("/", 1)[1]


def press(client: TestClient, path: str) -> int:
    return client.post(path, data={"csrf": hidden(client.get("/account").text, "csrf")}).status_code


def number_on(client: TestClient, page: str) -> str:
    found = re.search(r"/recoveries/(\d+)/confirm", client.get(page).text)
    assert found is not None
    return found[1]


def both_confirmed(services: Services, post: Post) -> tuple[str, str, datetime]:
    team, root = holding(services, "team@alpha.example", "team_admin", "alpha"), holding(services, "root@gateway.example", "admin", None)
    token, stop = asked(services, post)
    number = number_on(team, "/w/alpha/members")
    assert press(team, f"/w/alpha/members/recoveries/{number}/confirm") == 200
    assert press(root, f"/admin/people/recoveries/{number}/confirm") == 200
    with services.store.engine.connect() as connection:
        [ripe] = connection.execute(text("SELECT ripe_at FROM account_recoveries")).scalars()
    ripe_at = datetime.fromisoformat(ripe) if isinstance(ripe, str) else ripe
    return token, stop, ripe_at if ripe_at.tzinfo else ripe_at.replace(tzinfo=services.clock().tzinfo)


def test_the_account_is_recovered_after_two_words_and_48_hours_and_not_a_second_before(services: Services, post: Post) -> None:
    lost = holding(services, ADA, "handler", "alpha")
    set_password(services, ADA)
    key = create_key(services.store, name="n", custodian="alpha", owner=_subject(services), now=services.clock())
    token, _, ripe_at = both_confirmed(services, post)
    assert timedelta(hours=47, minutes=50) < ripe_at - services.clock() <= timedelta(hours=48)
    assert "Not yet" in browser(services).get(f"/lost/{token}").text
    with pytest.raises(NotFound):
        recovery.finish(services.store, services.sealer, token=token, password=PASSWORD, now=ripe_at - SECOND)
    with pytest.raises(Unprocessable):
        recovery.finish(services.store, services.sealer, token=token, password="short", now=ripe_at)
    assert lost.get("/account").url.path == "/account", "until then the account is as it was"
    recovery.finish(services.store, services.sealer, token=token, password=PASSWORD, now=ripe_at)
    assert lost.get("/account").url.path == "/sign-in"
    fresh = sign_in(services, NEW, PASSWORD)
    assert "can handle requests" in fresh.get("/account").text or "Request handler" in fresh.get("/account").text
    assert sign_in(services, ADA, PASSWORD).get("/account").url.path == "/sign-in"
    with services.store.engine.connect() as connection:
        assert connection.execute(text("SELECT revoked_at FROM api_keys WHERE prefix = :prefix"), {"prefix": key.row.prefix}).scalar() is not None
    with pytest.raises(NotFound):
        recovery.finish(services.store, services.sealer, token=token, password=PASSWORD, now=ripe_at)
    told = letters(services, post, ADA, ripe_at + SECOND)
    assert [any(words in one for one in told) for words in ("stop it with this link", "Two people confirmed", "was recovered")] == [True] * 3


def _subject(services: Services) -> str:
    with services.store.reading() as session:
        row = accounts.by_address(session, ADA)
        assert row is not None
        return row.subject


def test_the_old_address_stops_it_at_any_time(services: Services, post: Post) -> None:
    holding(services, ADA, "handler", "alpha")
    token, stop, ripe_at = both_confirmed(services, post)
    client = browser(services)
    assert client.get(f"/lost/stop/{stop}").status_code == 200
    assert "Not yet" in client.get(f"/lost/{token}").text, "opening the link stops nothing"
    assert "Stopped" in client.post(f"/lost/stop/{stop}").text
    assert client.post(f"/lost/stop/{stop}").status_code == 404
    with pytest.raises(NotFound):
        recovery.finish(services.store, services.sealer, token=token, password=PASSWORD, now=ripe_at)


def test_one_person_is_not_two_and_others_have_no_word(services: Services, post: Post) -> None:
    lost = holding(services, ADA, "team_admin", "alpha")
    team, foreign = holding(services, "team@alpha.example", "team_admin", "alpha"), holding(services, "team@beta.example", "team_admin", "beta")
    root, handler = holding(services, "root@gateway.example", "admin", None), holding(services, "bob@alpha.example", "handler", "alpha")
    token, _ = asked(services, post)
    number = number_on(root, "/admin/people")
    for client, path in ((lost, "/w/alpha/members"), (foreign, "/w/alpha/members"), (foreign, "/w/beta/members"), (handler, "/w/alpha/members"),
                         (team, "/admin/people"), (root, "/w/alpha/members")):
        assert press(client, f"{path}/recoveries/{number}/confirm") == 404, path
    assert press(root, f"/admin/people/recoveries/{number}/confirm") == 200
    assert press(root, f"/admin/people/recoveries/{number}/confirm") == 409
    second = holding(services, "two@gateway.example", "admin", None)
    assert press(second, f"/admin/people/recoveries/{number}/confirm") == 409, "the team has to confirm as well"
    assert press(team, f"/w/alpha/members/recoveries/{number}/refuse") == 200
    assert press(team, f"/w/alpha/members/recoveries/{number}/confirm") == 404
    assert not recovery.progress(services.store, token, now=services.clock() + timedelta(days=3)).is_ripe


def test_people_of_no_team_need_two_administrators_of_the_gateway(services: Services, post: Post) -> None:
    member(services, ADA, name="Ada", has_app=True)
    admins = [holding(services, f"{name}@gateway.example", "admin", None) for name in ("one", "two")]
    token, _ = asked(services, post)
    number = number_on(admins[0], "/admin/people")
    assert [press(one, f"/admin/people/recoveries/{number}/confirm") for one in admins] == [200, 200]
    assert recovery.progress(services.store, token, now=services.clock() + timedelta(hours=48, minutes=1)).is_ripe
    assert not recovery.progress(services.store, token, now=services.clock() + timedelta(days=9, minutes=1)).is_ripe, "seven days, then it is over"


def test_nobody_learns_whether_there_is_such_an_account(services: Services, post: Post) -> None:
    member(services, ADA, name="Ada", has_app=True)
    pages = [browser(services).post("/lost", data={"email": address, "reach": f"{number}@new.example"}) for number, address in enumerate((ADA, "no@alpha.example"))]
    assert pages[0].text.replace("0@new.example", "") == pages[1].text.replace("1@new.example", "")
    first, second = (letters(services, post, f"{number}@new.example") for number in (0, 1))
    assert [re.sub(r"/lost/\S+", "", one) for one in first] == [re.sub(r"/lost/\S+", "", one) for one in second]
    links = [link_in(found[0]) for found in (first, second)]
    assert [re.sub(r"/lost/\S+?\"", "", browser(services).get(link).text) for link in links] == [re.sub(r"/lost/\S+?\"", "", browser(services).get(links[0]).text)] * 2
