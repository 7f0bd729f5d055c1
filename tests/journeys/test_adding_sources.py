"""Sources are added and changed on pages: tried out first, switched on by a person, and never past the address guard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import html5lib
import pytest
from starlette.testclient import TestClient

from frontend.source_words import CHOICES, KIND_WORDS
from gateway.accounts.setup import grant
from gateway.models import Source
from gateway.sources.options import options_of, policy_options
from gateway.store import audit, custodians, dry_runs, runs, sources
from gateway.wiring import Services, due_jobs
from harvesters.registry import ADDABLE
from tests.accounts.people import browser, hidden, member
from tests.journeys.endpoints import Endpoint, serving
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

NEW = "/w/alpha/sources/new/federation"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LONDON = {"every": "day", "time": "04:30", "weekday": "1", "cron": "", "timezone": "Europe/London"}


@pytest.fixture
def services(tmp_path: Path, database_url: str | None) -> Iterator[Services]:
    built = make_services(tmp_path / "data", database_url, worker=False)
    try:
        for slug in ("alpha", "beta"):
            with built.store.transaction() as tx:
                custodians.add(tx.session, name=f"Custodian {slug.title()}", slug=slug, now=built.clock())
        yield built
    finally:
        built.close()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as started:
        started.hold(document(1))
        yield started


def person(services: Services, address: str, role: str, custodian: str | None) -> TestClient:
    client = member(services, address, name=role.replace("_", " ").title(), has_app=True)
    grant(services.store, address=address, role=role, custodian=custodian, granted_by="operator", now=services.clock())
    client.get("/account")
    return client


@pytest.fixture
def team(services: Services) -> TestClient:
    return person(services, "admin@alpha.example", "team_admin", "alpha")


@pytest.fixture
def office(services: Services) -> TestClient:
    return person(services, "admin@gateway.example", "admin", None)


def fields(base_url: str, **other: str) -> dict[str, str]:
    paths = {"option.base_url": base_url, "option.list_path": "/list", "option.detail_path": "/detail/{id}", "option.auth": "NO_AUTH"}
    return {"name": "Feed", **LONDON, **paths, **other}


def as_shown(page: str) -> dict[str, str]:
    """What a browser would post of the form as it stands."""
    document = html5lib.parse(page, namespaceHTMLElements=False)
    form = next(form for form in document.iter("form") if form.find(".//*[@id='timezone']") is not None)
    found: dict[str, str] = {}
    for field in (one for one in form.iter() if one.tag in ("input", "textarea", "select")):
        name, kind = field.get("name", ""), field.get("type")
        if field.tag == "select":
            chosen = [one for one in field.iter("option") if "selected" in one.attrib] or list(field.iter("option"))
            found[name] = chosen[0].get("value", "")
        elif field.tag == "textarea":
            found[name] = field.text or ""
        elif kind not in ("radio", "checkbox") or "checked" in field.attrib:
            found[name] = field.get("value", "")
    return found


def post(client: TestClient, page: str, typed: dict[str, str]) -> tuple[int, str, str]:
    """The form as it stands with this typed into it: status, text and address of the answer."""
    answer = client.post(page, data={**as_shown(client.get(page).text), **typed})
    return answer.status_code, answer.text, answer.url.path


def press(client: TestClient, page: str, path: str) -> int:
    return client.post(path, data={"csrf": hidden(client.get(page).text, "csrf")}).status_code


def work(services: Services) -> None:
    """What the worker would do now for sources."""
    due = due_jobs(services)
    for name in ("dry-run", "harvest"):
        for ids in due[name]:
            services.jobs.bodies[name](**ids)
    services.catalogue.index_pending()


def held(services: Services, slug: str = "feed") -> Source:
    with services.store.reading() as session:
        return sources.by_slug(session, slug)


def test_c2_a_team_administrator_adds_a_source_and_switches_it_on_after_its_dry_run(
    services: Services, endpoint: Endpoint, team: TestClient, office: TestClient
) -> None:
    """The source lies where only an administrator of the gateway lets it be read: until then the guard holds."""
    assert f'href="{NEW}"' in team.get("/w/alpha/sources/new").text
    opened = {"policy.allow_http": "yes", "policy.allowed_networks": "127.0.0.0/8", "policy.allowed_ports": str(urlsplit(endpoint.base_url).port)}
    status, text, path = post(team, NEW, fields(endpoint.base_url, **opened))
    assert (status, path) == (200, "/sources/feed/dry-runs/1")
    assert "It begins in a moment." in text
    assert held(services).state == "unconfirmed"
    assert not held(services).policy["allow_http"], "what only administrators choose was typed, and is not heeded"
    work(services)
    failed = team.get(path)
    assert "must begin with https" in failed.text
    assert "The source could not be read." in failed.text
    assert "A run would" not in failed.text
    waiting = team.get("/sources/feed").text
    assert "It runs once it is switched on." in waiting
    assert "due" not in waiting.partition("<h2")[2], "no time is promised"
    assert "Switch it on" not in failed.text
    assert endpoint.requests == []
    assert press(team, failed.url.path, "/sources/feed/resume") == 409

    quick = {"policy.min_interval_seconds": "0", "policy.attempts": "1"}
    assert post(office, "/sources/feed/settings", opened | quick)[2] == "/sources/feed/dry-runs/2"
    work(services)
    told = team.get("/sources/feed/dry-runs/2")
    assert "A run would add 1, change 0, remove 0 and leave 0." in told.text
    assert "Switch it on" in told.text
    assert "Switch it on" not in browser(services).get(told.url.path).text
    services.jobs.bodies["dry-run"](slug="feed")
    with services.store.reading() as session:
        feed = sources.by_slug(session, "feed")
        assert runs.count(session, feed.id) == 0
        assert [row.state for row in dry_runs.of_source(session, feed.id)] == ["succeeded", "failed"], "a second bell changes nothing"
    assert press(team, told.url.path, "/sources/feed/resume") == 200
    assert held(services).state == "active"
    work(services)
    work(services)
    assert [one.row.record.title for one in services.catalogue.listing()] == ["Study of sleep number 1"]
    assert press(team, "/sources/feed", "/sources/feed/dry-runs") == 200
    work(services)
    assert "leave 1." in team.get("/sources/feed/dry-runs/3").text
    assert held(services).state == "active"
    assert "Every day at 04:30 (Europe/London)" in team.get("/sources/feed").text


def test_c2_where_an_operator_opened_an_address_a_team_leads_the_source_nowhere_else(
    services: Services, endpoint: Endpoint, team: TestClient, office: TestClient
) -> None:
    port = urlsplit(endpoint.base_url).port
    opened = {"policy.allow_http": "yes", "policy.allowed_networks": "127.0.0.0/8", "policy.allowed_ports": str(port)}
    assert post(office, "/admin/sources/new/federation", fields(endpoint.base_url, custodian="alpha", **opened))[0] == 200
    for elsewhere in (f"http://localhost:{port}", f"http://127.0.0.1:{(port or 0) + 1}", f"https://127.0.0.1:{port}"):
        status, text, _ = post(team, "/sources/feed/settings", {"option.base_url": elsewhere})
        assert (status, "Only they can lead it to another server" in text) == (422, True)
    assert post(team, "/sources/feed/settings", {"option.list_path": "/other"})[0] == 200, "on the same server they may"
    assert held(services).configuration["list_path"] == "/other"
    assert held(services).policy["allowed_ports"] == [port]


def test_c2_a_secret_is_never_shown_and_never_follows_an_address(services: Services, team: TestClient) -> None:
    typed = fields("https://metadata.example.org", **{"option.auth": "BEARER"})
    status, text, _ = post(team, NEW, typed)
    assert (status, 'href="#option.secret"' in text) == (422, True)
    post(team, NEW, {**typed, "option.secret": "s3cret-token"})
    sealed = held(services).secret
    assert sealed is not None
    assert services.sealer.open(sealed) == "s3cret-token"
    page = team.get("/sources/feed/settings").text
    assert "s3cret-token" not in page
    assert "Leave this empty to keep it" in page
    assert post(team, "/sources/feed/settings", {"option.list_path": "/other"})[0] == 200
    assert held(services).secret == sealed
    status, text, _ = post(team, "/sources/feed/settings", {"option.base_url": "https://elsewhere.example.org"})
    assert (status, "Enter it once more" in text) == (422, True)
    status, text, _ = post(team, "/sources/feed/settings", {"option.base_url": "nowhere", "option.secret": "another-token"})
    assert (status, "another-token" in text) == (422, False)
    moved = {"option.base_url": "https://elsewhere.example.org", "option.secret": "another-token"}
    assert post(team, "/sources/feed/settings", moved)[0] == 200
    assert services.sealer.open(held(services).secret or "") == "another-token"
    assert post(team, "/sources/feed/settings", {"option.auth": "NO_AUTH"})[0] == 200
    assert held(services).secret is None


def test_c2_a_change_of_where_it_is_read_is_tried_out_and_a_change_of_when_is_not(services: Services, tmp_path: Path, team: TestClient, office: TestClient) -> None:
    write_documents(tmp_path / "alpha", [document(1)])
    write_documents(tmp_path / "moved", [document(1), document(2)])
    add_files(services, tmp_path / "alpha", name="Feed", custodian="alpha")
    form = team.get("/sources/feed/settings").text
    assert "option.path" not in form, "files on the gateway's machine are none of a team's business"
    status, _, path = post(team, "/sources/feed/settings", {"name": "Our feed", "every": "week", "weekday": "3", "option.path": "/etc"})
    assert (status, path) == (200, "/sources/feed")
    now = held(services)
    assert (now.name, now.schedule, now.state, now.configuration["path"]) == ("Our feed", "0 2 * * 3", "active", str(tmp_path / "alpha"))
    assert now.next_due_at is not None
    assert post(office, "/sources/feed/settings", {"option.path": str(tmp_path / "moved")})[2] == "/sources/feed/dry-runs/1"
    assert held(services).state == "unconfirmed"
    assert press(office, "/sources/feed", "/sources/feed/run") == 409
    work(services)
    assert "A run would add 2" in office.get("/sources/feed/dry-runs/1").text
    with services.store.reading() as session:
        seen = [(row.action, row.actor) for row in audit.rows(session, "organisation/alpha") if row.object == "source/feed"]
    assert [action for action, _ in seen] == ["source.changed", "source.changed", "source.created"]
    assert len({actor for _, actor in seen}) == 3, "the system, the team's administrator, the gateway's"


@on_sqlite
@pytest.mark.parametrize(("where", "typed", "sentence"), [
    ("option.base_url", {"option.base_url": "metadata.example.org"}, "Address must begin with https://."),
    ("option.base_url", {"option.base_url": ""}, "Address is needed."),
    ("option.base_url", {"option.base_url": "https://user@metadata.example.org"}, "Address must not hold a query"),
    ("option.base_url", {"option.base_url": "file:///etc/passwd"}, "Address must begin with https://."),
    ("option.detail_path", {"option.detail_path": "/one"}, "must hold {id} once"),
    ("option.client_id", {"option.auth": "OAUTH2", "option.secret": "x"}, "“Client”"),
    ("option.auth", {"option.auth": "MAGIC"}, "Signing in must be"),
    ("name", {"name": "  "}, "Enter a name"),
    ("time", {"time": "half past"}, "Enter the time as hours and minutes"),
    ("cron", {"every": "cron", "cron": "* * * * *"}, "more often than every five minutes"),
    ("cron", {"every": "cron", "cron": "often"}, "is not a schedule"),
    ("every", {"every": "sometimes"}, "Choose how often"),
    ("timezone", {"timezone": "Mars/Olympus"}, "is not a time zone"),
])
def test_c2_what_is_wrong_stands_beside_its_field(services: Services, team: TestClient, where: str, typed: dict[str, str], sentence: str) -> None:
    status, text, _ = post(team, NEW, fields("https://metadata.example.org", **typed))
    assert status == 422
    assert f'href="#{where}"' in text
    assert sentence in text.replace("&#39;", "'")
    assert re.search(rf'id="{re.escape(where)}-error"', text)
    with services.store.reading() as session:
        assert sources.listing(session) == []


def test_c2_all_that_is_wrong_is_told_at_once_and_what_was_typed_is_kept(services: Services, team: TestClient) -> None:
    status, text, _ = post(team, NEW, fields("metadata.example.org", name="", time="never"))
    assert status == 422
    assert [f'href="#{name}"' in text for name in ("name", "option.base_url", "time")] == [True] * 3
    assert 'value="metadata.example.org"' in text
    post(team, NEW, fields("https://metadata.example.org"))
    status, text, _ = post(team, NEW, fields("https://metadata.example.org"))
    assert (status, "Choose another name" in text) == (422, True)


def test_c2_others_find_nothing_there(services: Services, tmp_path: Path, team: TestClient, office: TestClient) -> None:
    write_documents(tmp_path / "beta", [document(1)])
    add_files(services, tmp_path / "beta", name="Theirs", custodian="beta")
    add_files(services, tmp_path / "beta", name="Everybody's", custodian=None)
    editor = person(services, "editor@alpha.example", "metadata_editor", "alpha")
    other = person(services, "admin@beta.example", "team_admin", "beta")
    token = {"csrf": hidden(team.get(NEW).text, "csrf")}
    for path in ("/sources/theirs/settings", "/sources/everybodys/settings", "/admin/sources/new/federation", "/w/beta/sources/new/federation", "/w/alpha/sources/new/carrier-pigeon", "/w/alpha/sources/new/push", "/w/alpha/sources/new/files", "/w/alpha/sources/new/scan-report"):
        assert team.get(path).status_code == 404, path
        assert team.post(path, data={**token, **fields("https://metadata.example.org"), "option.path": "/etc"}).status_code == 404, path
    for client in (editor, other):
        assert client.get(NEW).status_code == 404
        assert client.post(NEW, data=fields("https://metadata.example.org")).status_code == 404
    assert "Add a source" not in editor.get("/w/alpha/sources").text
    assert browser(services).get(NEW).url.path == "/sign-in"
    assert team.post(NEW, data=fields("https://metadata.example.org")).status_code == 403, "without the form's token"
    assert office.get("/admin/sources/new/files").status_code == 200
    status, text, _ = post(office, "/admin/sources/new/files", {"name": "Feed", "custodian": "nobody", "option.path": str(tmp_path)})
    assert (status, 'href="#custodian"' in text) == (422, True)
    with services.store.reading() as session:
        assert len(sources.listing(session)) == 2


def test_c2_a_network_that_is_none_is_refused(services: Services, office: TestClient) -> None:
    typed = fields("https://metadata.example.org", **{"policy.allowed_networks": "10.0.0.0/8\nintranet", "policy.allowed_ports": "0"})
    status, text, _ = post(office, "/admin/sources/new/federation", typed)
    assert status == 422
    assert ("must be networks such as 10.20.0.0/16" in text, 'href="#policy.allowed_ports"' in text) == (True, True)


@on_sqlite
@pytest.mark.parametrize("kind", ADDABLE)
def test_c2_every_kind_says_what_it_asks_in_words(services: Services, office: TestClient, kind: str) -> None:
    options = options_of(kind) + policy_options()
    assert [option.name for option in options if option.label == option.name or not option.hint] == []
    assert [value for option in options for value in option.choices if value not in CHOICES] == []
    page = office.get(f"/admin/sources/new/{kind}").text
    assert KIND_WORDS[kind].needs in page
    assert f'id="kind-{kind}"' in office.get("/help/custodians").text
    assert [option.name for option in options_of(kind) if f'name="option.{option.name}"' not in page] == []


def test_c3_a_run_is_compared_with_the_run_before(services: Services, tmp_path: Path) -> None:
    folder, client = tmp_path / "alpha", browser(services)
    write_documents(folder, [document(1), document(2), document(3)])
    slug = add_files(services, folder, name="Feed", custodian="alpha")
    first = harvest(services, slug)
    assert "There is no earlier run" in client.get(f"/sources/feed/runs/{first.id}/compare").text
    assert "Compare with the run before" not in client.get(f"/sources/feed/runs/{first.id}").text
    write_documents(folder, [document(2, title=None), document(4)])
    second = harvest(services, slug)
    assert f'href="/sources/feed/runs/{second.id}/compare"' in client.get(f"/sources/feed/runs/{second.id}").text
    shown = client.get(f"/sources/feed/runs/{second.id}/compare").text
    assert "4 records that fared otherwise" in shown
    rows = {document(number)["identifier"]: "" for number in (1, 2, 3, 4)}
    for row in re.findall(r"<tr.*?</tr>", shown, re.DOTALL):
        rows |= {one: re.sub(r"<[^>]+>", " ", row) for one in rows if one in row}
    assert re.search(r"Added.*No change, or not met", rows[document(1)["identifier"]], re.DOTALL)
    assert re.search(r"Added.*Held back", rows[document(2)["identifier"]], re.DOTALL)
    assert re.search(r"No change, or not met.*Added", rows[document(4)["identifier"]], re.DOTALL)
    assert "2 fewer" in shown
    assert client.get(f"/sources/feed/runs/{second.id + 100}/compare").status_code == 404
