"""A33 to A35: people who ask for data and people who decide, with a keyboard alone and without scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator

from gateway.access.commands import Command, perform
from gateway.access.examples import EXAMPLES
from gateway.access.parts import Role
from gateway.privacy.anonymising import APPROVED_KEPT
from gateway.store import requests
from tests.accounts.people import PASSWORD
from tests.browser.answering import answer_page
from tests.browser.keyboard import Keyboard
from tests.browser.three_custodians import (
    DATASETS,
    DESK,
    NAMES,
    ROUTES,
    ThreeCustodians,
    add_person,
    at_a_keyboard,
    three_custodians,
)
from tests.gateway.asking import Asking, applicant, written
from tests.gateway.asking import send as send_it
from tests.privacy.test_inventory import places_of, work

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("GATEWAY_TEST_PICTURES")
"""A folder for a picture of every page of these journeys, for people to look at."""
RESEARCHER, NAME = "rosa@university.example", "Rosa Marker-Name"
ROSA = Asking(name=NAME, email=RESEARCHER)
COLLEAGUE = ("Gil Next", "gil@university.example")
TITLE, SUMMARY = "Sleep and admissions in three places", "We will find out whether people who sleep badly are admitted to hospital more often."
SOON, LATER = "2027-01-01", "2028-12-31"
ANSWERS = {"project.title": TITLE, "project.lay_summary": SUMMARY}


@pytest.fixture
def place(tmp_path: Path, database_url: str | None) -> Iterator[ThreeCustodians]:
    with three_custodians(tmp_path, database_url) as found:
        yield found


@pytest.mark.parametrize(("database_url", "width"), [("sqlite", 360), ("postgresql", 1280)], indirect=["database_url"])
def test_A33_from_a_search_to_the_end_of_access_at_a_keyboard_without_scripts(chromium: Browser, place: ThreeCustodians, width: int) -> None:
    pictures = Path(PICTURES) if PICTURES else None
    with ExitStack() as stack:
        researcher, handler, decider, mailbox, anybody = (
            stack.enter_context(at_a_keyboard(chromium, width, pictures, who)) for who in ("researcher", "handler", "decider", "mailbox", "anybody")
        )
        search_and_collect(researcher, place)
        register(researcher, place)
        write(researcher, place)
        send(researcher, place)
        confirm_receipt(mailbox, place)
        note_reference(researcher)
        for desk, (_, address) in ((handler, DESK["handler"]), (decider, DESK["decider"])):
            sign_in(desk, place, address)
            open_request(desk)
        ask_back(handler)
        answer_back(researcher)
        decide(handler, decider)
        sign_and_open(handler, researcher)
        read_register(anybody, place)
        end(handler, researcher, anybody)


def search_and_collect(keys: Keyboard, place: ThreeCustodians) -> None:
    page = keys.page
    page.goto(place.address)
    keys.see("home")
    keys.type(page.locator("#home-q"), "sleep")
    keys.press(page.locator("main").get_by_role("button", name="Search"))
    keys.see("search")
    for number, title in enumerate(DATASETS.values(), 1):
        keys.press(page.locator("main button", has_text=title))
        assert page.get_by_role("link", name=f"Basket ({number})").is_visible()
    keys.press(page.get_by_role("link", name="Basket (3)"))
    keys.see("basket")
    assert page.locator("main section h2 a").all_inner_texts() == list(NAMES.values())
    keys.press(page.get_by_role("button", name="Start one request for all"))
    keys.see("sign-in")


def register(keys: Keyboard, place: ThreeCustodians) -> None:
    """From the sign-in page to an account, by the link in the letter, and back to the request."""
    page = keys.page
    keys.press(page.get_by_role("link", name="Make an account"))
    keys.type(page.get_by_label("Work e-mail address"), RESEARCHER)
    keys.press(page.get_by_role("button", name="Send the link"))
    keys.see("letter-sent")
    page.goto(place.address + place.in_letter(RESEARCHER, r"http://[^/\s]+(/register/\S+)"))
    keys.type(page.get_by_label("Your name"), NAME)
    keys.type(page.get_by_label("Organisation"), "Example University")
    keys.type(page.get_by_label("Password"), PASSWORD)
    keys.tick(page.get_by_label("I am 18 years or over"))
    keys.tick(page.get_by_label("I agree to the terms"))
    keys.see("account-details")
    keys.press(page.get_by_role("button", name="Make the account"))
    keys.see("account-made")
    keys.press(page.get_by_role("link", name="Ask for them"))


def write(keys: Keyboard, place: ThreeCustodians) -> None:
    page = keys.page
    refs = [one.row.record.ref for one in place.services.catalogue.listing()]
    wanted = [{"dataset": ref, "table": "people", "columns": "sleep, year", "reason": "To compare years"} for ref in refs]
    keys.see("choose-datasets")
    keys.press(page.get_by_role("button", name="Begin the request"))
    keys.see("tasks")
    keys.press(page.locator(".govuk-task-list__link").first)
    answered = 0
    for _ in range(30):
        if page.url.endswith("/check"):
            break
        answered += answer_page(keys, {**ANSWERS, "data.fields": wanted}, defaults=EXAMPLES)
        keys.see(page.url.split("#")[0].rsplit("/", 1)[-1].replace("?", "-"))
        keys.press(page.get_by_role("button", name="Continue"))
        assert page.locator(".govuk-error-summary").count() == 0, page.locator(".govuk-error-summary").inner_text()
    assert answered > 50, "the real bank asks more than that"
    keys.see("check")


def send(keys: Keyboard, place: ThreeCustodians) -> None:
    page = keys.page
    keys.press(page.get_by_role("button", name="Send the request"))
    assert page.get_by_text("One thing first").is_visible()
    keys.see("second-step-wanted")
    add_app(keys, place)
    assert page.get_by_role("heading", name="Check your answers").is_visible(), "back where the second step was wanted"
    keys.press(page.get_by_role("button", name="Send the request"))
    keys.see("sent")
    keys.press(page.get_by_role("link", name="Open the page of your request"))
    keys.see("status")


def add_app(keys: Keyboard, place: ThreeCustodians) -> None:
    """An authenticator app, from the page that asks for a second step to the recovery codes."""
    page = keys.page
    keys.press(page.get_by_role("button", name="Set up an authenticator app"))
    keys.see("scan")
    place.secrets[RESEARCHER] = page.locator(".app-secret").inner_text()
    keys.type(page.get_by_label("Code", exact=True), place.code(RESEARCHER))
    keys.press(page.get_by_role("button", name="Use this app"))
    keys.see("recovery-codes")
    keys.press(page.get_by_role("button", name="I have kept them"))


def part_of(keys: Keyboard, slug: str) -> Locator:
    return keys.page.locator(".app-part", has=keys.page.get_by_role("heading", name=NAMES[slug]))


def state_of(keys: Keyboard, slug: str) -> str:
    return part_of(keys, slug).locator(".govuk-tag").first.inner_text()


def confirm_receipt(keys: Keyboard, place: ThreeCustodians) -> None:
    """The mailbox reads the request with a code that it was sent, and says that it has it."""
    page, mailbox = keys.page, ROUTES["westhaven"][1]
    page.goto(place.address + place.in_letter(mailbox, r"http://[^/\s]+(/acknowledge/\S+)"))
    keys.see("letter-opened")
    keys.press(page.get_by_role("button", name="Send a code to the mailbox"))
    keys.type(page.get_by_label("Code", exact=True), place.in_letter(mailbox, r"is (\d{8})\."))
    keys.see("code")
    keys.press(page.get_by_role("button", name="Read the request"))
    keys.see("request")
    keys.press(page.get_by_role("button", name="Confirm that we have received it"))
    assert page.get_by_text("Receipt is confirmed.").is_visible()
    keys.see("confirmed")


def note_reference(keys: Keyboard) -> None:
    """The custodian with a system of its own: the applicant carries the answers over and notes what they are called there."""
    keys.page.reload()
    own = part_of(keys, "southmoor")
    assert own.get_by_role("link", name="Go to apply.southmoor.example").is_visible()
    keys.act(own, "Note the custodian’s reference", reference="SM-77")
    assert own.get_by_text("SM-77").is_visible()
    keys.see("reference-noted")


def sign_in(keys: Keyboard, place: ThreeCustodians, address: str) -> None:
    page = keys.page
    page.goto(f"{place.address}/sign-in")
    keys.type(page.get_by_label("E-mail address"), address)
    keys.type(page.get_by_label("Password"), PASSWORD)
    keys.press(page.get_by_role("button", name="Sign in"))
    keys.see("code")
    keys.type(page.get_by_label("Code", exact=True), place.code(address))
    keys.press(page.get_by_role("button", name="Continue"))
    keys.see("account")


def open_request(keys: Keyboard) -> None:
    """In the committee's inbox, from the account over what waits today."""
    page = keys.page
    keys.press(page.get_by_role("button", name=f"Workspace of {NAMES['northshire']}"))
    keys.see("today")
    keys.press(page.get_by_role("link", name="Requests", exact=True))
    keys.see("inbox")
    keys.press(page.get_by_role("link", name=TITLE))
    keys.see("request")


def ask_back(keys: Keyboard) -> None:
    todo = keys.page.locator("main")
    keys.act(todo, "Confirm receipt")
    keys.act(todo, "Ask the applicant", comment="Which years do you need, and why so many?", is_general="yes")
    assert keys.page.get_by_text("The applicant’s turn").is_visible()
    keys.see("asked")


def answer_back(keys: Keyboard) -> None:
    """In the form and in a message."""
    page = keys.page
    keys.press(page.get_by_role("link", name=NAME))
    keys.see("account-waits")
    keys.press(page.get_by_role("link", name=TITLE))
    keys.see("asked")
    keys.press(part_of(keys, "northshire").get_by_role("link", name="Change your answers"))
    keys.press(page.get_by_role("link", name="The data you need"))
    keys.type(page.locator("[name='data.period:from']"), "2018")
    keys.press(page.get_by_role("button", name="Save and come back"))
    keys.see("answered")
    keys.press(page.get_by_role("link", name="Send it back on the request’s page"))
    keys.act(part_of(keys, "northshire"), "Send it back", reply="From 2018 on; we changed the answer.")
    assert state_of(keys, "northshire") == "Being checked"
    keys.see("sent-back")


def decide(handler: Keyboard, decider: Keyboard) -> None:
    handler.page.reload()
    assert handler.page.locator(".app-timeline").get_by_text("From 2018 on; we changed the answer.").is_visible()
    handler.see("answered")
    handler.act(handler.page.locator("main"), "Accept for review")
    decider.page.reload()
    decider.act(decider.page.locator("main"), "Approve", access_until=LATER, access_mode="TRE")
    decider.see("approved")


def sign_and_open(handler: Keyboard, researcher: Keyboard) -> None:
    handler.page.reload()
    todo, own = handler.page.locator("main"), part_of(researcher, "northshire")
    handler.act(todo, "Name an agreement that you keep elsewhere", agreement="Data sharing agreement 2.1 of 3 March 2027")
    handler.act(todo, "Confirm our signature")
    researcher.page.reload()
    researcher.see("agreement-issued")
    researcher.act(own, "Confirm our signature")
    handler.page.reload()
    handler.act(todo, "Open access", access_mode="TRE", access_starts=SOON, access_ends=LATER)
    handler.see("open")
    researcher.page.reload()
    assert state_of(researcher, "northshire") == "Data available"
    researcher.see("data-available")


def read_register(keys: Keyboard, place: ThreeCustodians) -> None:
    page = keys.page
    page.goto(place.address)
    keys.press(page.get_by_role("link", name="Uses", exact=True))
    keys.see("uses")
    keys.press(page.get_by_role("link", name=TITLE))
    assert page.get_by_text(SUMMARY).is_visible()
    assert page.get_by_text(NAME).count() == 0, "nobody agreed to be named"
    keys.see("use")


def end(handler: Keyboard, researcher: Keyboard, anybody: Keyboard) -> None:
    handler.act(handler.page.locator("main"), "End access", reason="finished")
    handler.see("ended")
    researcher.page.reload()
    assert [state_of(researcher, slug) for slug in NAMES] == ["Access ended", "Being checked", "With the custodian’s own system"]
    researcher.see("ended")
    anybody.page.reload()
    anybody.see("use-ended")
    assert anybody.page.locator("main .govuk-tag").first.inner_text() == "Access ended"


def begun(place: ThreeCustodians, title: str) -> str:
    """The reference of a draft of Rosa's to the committee, in which nothing is missing."""
    services = place.services
    if RESEARCHER not in place.secrets:
        place.secrets[RESEARCHER] = add_person(services, NAME, RESEARCHER)
    ref = next(one.row.record.ref for one in services.catalogue.listing() if one.row.custodian and one.row.custodian.slug == "northshire")
    return written(services.store, services.sealer, dataset_refs=[ref], form=replace(ROSA, title=title), now=services.clock())


def sent(place: ThreeCustodians, reference: str) -> str:
    """The public id of the part that the committee has then."""
    services = place.services
    send_it(services.store, services.sealer, applicant(services.store, ROSA, now=services.clock()), reference, now=services.clock())
    with services.store.reading() as session:
        return next(row.part.public_id for row in requests.parts_of_custodian(session, "northshire") if row.request.reference == reference)


def open_access(place: ThreeCustodians, part: str) -> None:
    """What the committee does from arrival on, and the applicant's signature."""
    steps: list[tuple[str, Role, dict[str, object]]] = [
        ("acknowledge", "handler", {"delivery": "d"}), ("accept_for_review", "handler", {}), ("approve", "decider", {"access_until": LATER, "access_mode": "TRE"}),
        ("issue_agreement", "handler", {"agreement": "A 1"}), ("sign_agreement", "handler", {"side": "custodian"}), ("sign_agreement", "lead", {"side": "applicant", "signatory": "Example Signatory"}),
        ("activate", "handler", {"access_mode": "TRE", "access_starts": SOON, "access_ends": LATER}),
    ]
    for name, role, payload in steps:
        actor = "lead" if role == "lead" else role
        perform(place.services.store, place.services.sealer, part, Command(name=name, role=role, actor=actor, payload=payload), now=place.services.clock())


def test_A34_a_renewal_at_a_keyboard_takes_the_place_of_the_access_there_was(chromium: Browser, place: ThreeCustodians) -> None:
    open_access(place, sent(place, begun(place, TITLE)))
    with at_a_keyboard(chromium, 360, Path(PICTURES) if PICTURES else None, "renewing") as keys:
        page = keys.page
        sign_in(keys, place, RESEARCHER)
        keys.press(page.get_by_role("link", name=TITLE))
        earlier = page.url
        keys.act(part_of(keys, "northshire"), "Ask for a change, an extension or a renewal", kind="renewal")
        keys.see("renewal")
        keys.press(page.get_by_role("link", name="What you declare"))
        answer_page(keys, {}, defaults=EXAMPLES)
        keys.press(page.get_by_role("button", name="Continue"))
        keys.see("check")
        keys.press(page.get_by_role("button", name="Send the request"))
        assert page.get_by_role("heading", name="Request sent").is_visible()
        page.goto(earlier)
        assert state_of(keys, "northshire") == "Data available", "until the new part is open"
        with place.services.store.reading() as session:
            newer = next(row.part.public_id for row in requests.parts_of_custodian(session, "northshire") if row.part.state == "submitted")
        open_access(place, newer)
        page.reload()
        assert state_of(keys, "northshire") == "Access ended"
        assert page.get_by_text("A newer approval took its place.").is_visible()
        keys.see("superseded")


def test_A35_a_lead_who_closes_the_account_withdraws_and_no_name_is_left(chromium: Browser, place: ThreeCustodians) -> None:
    shared, left = begun(place, "Sleep and work"), sent(place, begun(place, TITLE))
    pictures = Path(PICTURES) if PICTURES else None
    with at_a_keyboard(chromium, 360, pictures, "leaving") as keys, at_a_keyboard(chromium, 360, pictures, "colleague") as colleague:
        page = keys.page
        sign_in(keys, place, RESEARCHER)
        join(keys, colleague, place, shared)
        handed = sent(place, shared)
        open_access(place, handed)
        page.goto(f"{place.address}/account")
        keys.press(page.get_by_role("link", name="Close your account"))
        keys.see("access-is-open")
        assert page.get_by_text("You have access to data of Northshire Health Data Committee.").is_visible()
        assert page.get_by_role("button", name="Close the account").count() == 0
        keys.press(page.get_by_role("link", name="Hand the request over"))
        hand_over(keys, colleague)
        keys.press(page.get_by_role("link", name=NAME))
        keys.press(page.get_by_role("link", name="Close your account"))
        keys.see("under-way")
        assert page.get_by_text("Withdrawn from Northshire Health Data Committee.").is_visible()
        keys.press(page.get_by_role("button", name="Close the account"))
        assert page.get_by_text("Tick the box to delete your account.").first.is_visible()
        keys.tick(page.get_by_label("Withdraw what is under way, and delete my account"))
        keys.press(page.get_by_role("button", name="Close the account"))
        assert page.get_by_role("link", name="Sign in", exact=True).is_visible()
        keys.see("left")
    with place.services.store.reading() as session:
        assert requests.state_of(session, requests.locked_by_public_id(session, left).id).state == "withdrawn"
    assert named(place) == {"table requests", "table snapshots"}, "what custodians decided on, until its time"
    with place.services.store.reading() as session:
        assert requests.part(session, requests.locked_by_public_id(session, handed).id).request.lead["email"] == COLLEAGUE[1]
    ended = Command(name="end", role="handler", actor="handler", payload={"reason": "finished"})
    perform(place.services.store, place.services.sealer, handed, ended, now=place.services.clock())
    work(place.services, place.services.clock() + APPROVED_KEPT + timedelta(days=1))
    assert named(place) == set()


def join(keys: Keyboard, colleague: Keyboard, place: ThreeCustodians, reference: str) -> None:
    """The lead invites a colleague to the draft, who comes by the letter."""
    page, other, (name, address) = keys.page, colleague.page, COLLEAGUE
    place.secrets[address] = add_person(place.services, name, address)
    page.goto(f"{place.address}/account/requests/{reference}/people")
    keys.type(page.get_by_label("E-mail address"), address)
    keys.select(page.get_by_label("What they do in the project"), "analyst")
    keys.see("inviting")
    keys.press(page.get_by_role("button", name="Send the invitation"))
    sign_in(colleague, place, address)
    other.goto(place.address + place.in_letter(address, r"http://[^/\s]+(/join/\S+)"))
    colleague.tick(other.get_by_label("I accept these terms for this request"))
    colleague.see("joining")
    colleague.press(other.get_by_role("button", name="Join"))


def hand_over(keys: Keyboard, colleague: Keyboard) -> None:
    page, other = keys.page, colleague.page
    keys.press(page.get_by_role("button", name="Ask to lead"))
    keys.see("asked-to-lead")
    other.goto(page.url)
    colleague.see("offered")
    colleague.press(other.get_by_role("button", name="Lead it"))
    assert other.get_by_text(f"{COLLEAGUE[0]}, Example, leads it").is_visible()


def named(place: ThreeCustodians) -> set[str]:
    """Every table and file that knows the researcher; letters that have left are with those who got them."""
    return {one for one in places_of(place.services, place.data, NAME, RESEARCHER) if not one.startswith("file outbox/")}
