"""What people come for, from the front door to the end: finding, narrowing, collecting, asking, confirming."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gateway.access.triage import triage
from gateway.accounts.demonstration import entrances, settle
from gateway.models import Record
from gateway.store import custodians
from tests.browser.conftest import Site
from tests.browser.rules import assert_accessible

pytestmark = pytest.mark.browser


def asked_for_three(page: Page, site: Site) -> None:
    """Put a dataset of a custodian with a mailbox, one with its own system and one without a route into the basket."""
    for slug in custodians_by_channel(site).values():
        page.goto(f"{site.address}/custodians/{slug}")
        page.locator("#holds ~ ul a").first.click()
        page.get_by_role("button", name="Add to basket").click()
        page.get_by_role("button", name="Remove from basket").wait_for()


def custodians_by_channel(site: Site) -> dict[str, str]:
    found: dict[str, str] = {}
    for custodian in site.servers.custodians:
        found.setdefault(custodian.route["channel"], custodian.slug)
    return {channel: found[channel] for channel in ("mailbox", "webhook", "none")}


def sign_in(page: Page, site: Site) -> None:
    """As the researcher of the demonstration, by the link that is printed at start."""
    settle(site.services.store, site.services.sealer, custodian=None, now=site.services.clock())
    path = next(path for who, path in entrances(site.services.store, now=site.services.clock()) if who == "Researcher")
    page.goto(site.address + path)
    page.get_by_role("button").last.click()
    page.get_by_role("heading", name="Your requests").wait_for()


def begin(page: Page, site: Site) -> None:
    """A draft of everything in the basket, its empty questions filled with the examples of the demonstration."""
    page.goto(site.address + "/requests/new")
    page.get_by_role("button", name="Begin the request").click()
    page.get_by_role("button", name="Fill in example answers").click()
    page.get_by_text("Ready").first.wait_for()


def send(page: Page) -> None:
    page.get_by_role("button", name="Check and send").click()
    for promise in page.locator("[name=promise]").all():
        promise.check()
    page.get_by_role("button", name="Send the request").click()
    assert page.get_by_role("heading", name="Request sent").is_visible()


def code_of(site: Site, sent_before: int) -> str:
    """From the mail to the mailbox, which the worker sends within a second or two."""
    for _ in range(100):
        found = [code[1] for mail in site.mails()[sent_before:] if (code := re.search(r"is (\d{8})\.", mail))]
        if found:
            return found[-1]
        time.sleep(0.1)
    raise AssertionError("no code was mailed")


def wait_for(page: Page, words: str, times: int = 1) -> None:
    """Reload until the words stand there so many times; the worker delivers within a second or two."""
    for _ in range(100):
        if page.get_by_text(words, exact=False).count() >= times:
            return
        time.sleep(0.1)
        page.reload()
    raise AssertionError(f"{words!r} never stood on the page:\n{page.locator('main').inner_text()}")


@pytest.mark.parametrize("javascript", [True, False])
def test_columns_are_found_narrowed_and_followed_to_their_row(visit: Callable[..., Page], javascript: bool) -> None:
    page = visit("/columns", java_script_enabled=javascript)
    page.locator("#q").fill("date")
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url("**q=date**")
    page.locator("h1", has_text="date").wait_for()
    before = page.locator("[data-count]").inner_text()
    count = page.locator("label[for=f-custodian-1] span").last.inner_text()
    page.locator("#f-custodian-1").check()
    if not javascript:
        page.get_by_role("button", name="Apply filters").click()
    page.wait_for_url("**custodian=**")
    expect(page.locator("[data-count]")).to_have_text(re.compile(rf"^{count} columns?$"))
    page.get_by_role("link", name="Clear all filters").click()
    expect(page.locator("[data-count]")).to_have_text(before)
    page.locator("main tbody th a").first.click()
    page.wait_for_url("**/datasets/**/columns?**#**")
    assert page.locator("tr:target").count() == 1


@pytest.mark.parametrize("path", ["/search?q=care", "/columns?q=date"])
def test_a_filter_by_keyboard_keeps_the_focus_and_back_takes_it_away(visit: Callable[..., Page], path: str) -> None:
    page = visit(path)
    before, box = page.locator("[data-count]").inner_text(), page.locator("#f-custodian-1")
    box.focus()
    page.keyboard.press("Space")
    page.wait_for_url("**custodian=**")
    page.locator(".app-chips").wait_for()
    assert page.evaluate("document.activeElement.id") == "f-custodian-1"
    assert box.is_visible()
    narrowed = page.locator("[data-count]").inner_text()
    page.go_back()
    expect(page.locator("[data-count]")).to_have_text(before)
    expect(box).not_to_be_checked()
    page.go_forward()
    expect(page.locator("[data-count]")).to_have_text(narrowed)
    expect(box).to_be_checked()


@pytest.mark.parametrize("javascript", [True, False])
def test_from_a_search_to_a_request_in_three_parts(visit: Callable[..., Page], site: Site, javascript: bool) -> None:
    page = visit("/", answers=(422,), java_script_enabled=javascript)
    page.locator("#home-q").fill("asthma")
    page.get_by_role("button", name="Search").click()
    before = page.locator("[data-count]").inner_text()
    page.wait_for_load_state()
    page.locator("#f-dtype-1").check()
    if not javascript:
        page.get_by_role("button", name="Apply filters").click()
    page.wait_for_url("**dtype=**")
    page.locator(".app-chips").wait_for()
    assert page.locator(".app-chips li").count() == 2
    page.get_by_role("link", name="Clear all filters").click()
    expect(page.locator("[data-count]")).to_have_text(before)
    asked_for_three(page, site)
    page.get_by_role("link", name="Basket (3)").click()
    assert page.locator("main section h2 a").count() == 3
    sign_in(page, site)
    begin(page, site)
    page.get_by_role("link", name="The project").click()
    page.get_by_label("Title of the project").fill("x" * 151)
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_text("150 characters or fewer. You have 151.").first.is_visible()
    if javascript:
        assert "govuk-error-summary" in page.evaluate("document.activeElement.className")
        assert_accessible(page)
    page.get_by_label("Title of the project").fill("Breathing in spring")
    page.get_by_role("button", name="Save and come back").click()
    send(page)
    page.reload()
    page.get_by_role("link", name="Open the page of your request").click()
    wait_for(page, "The request was delivered", 2)
    assert page.get_by_text("No confirmed address is known for this custodian yet").is_visible()
    assert page.locator(".app-part").count() == 3
    if javascript:
        assert_accessible(page)
    assert page.get_by_role("link", name="Basket", exact=True).is_visible(), "the basket is empty again"


def test_what_is_typed_is_saved_within_twenty_seconds(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/")
    asked_for_three(page, site)
    sign_in(page, site)
    page.goto(site.address + "/requests/new")
    page.get_by_role("button", name="Begin the request").click()
    page.clock.install()
    page.get_by_role("link", name="The project").click()
    page.get_by_label("Your aims and questions").fill("Marker of what was typed")
    page.clock.fast_forward(20_000)
    page.get_by_text("Saved.", exact=True).wait_for()
    assert page.locator('[data-words="project.aims"]').inner_text() == "5 of 400 words"
    page.reload()
    assert page.get_by_label("Your aims and questions").input_value() == "Marker of what was typed"


def test_the_custodian_confirms_by_its_button_and_the_applicant_sees_it(visit: Callable[..., Page], site: Site) -> None:
    slug = custodians_by_channel(site)["mailbox"]
    page = visit(f"/custodians/{slug}")
    page.locator("#holds ~ ul a").first.click()
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("button", name="Remove from basket").wait_for()
    sign_in(page, site)
    begin(page, site)
    sent_before = len(site.mails())
    send(page)
    page.get_by_role("link", name="Open the page of your request").click()
    wait_for(page, "The request was delivered")
    message = next(mail for mail in reversed(site.mails()[sent_before:]) if "/acknowledge/" in mail)
    assert "Demonstration researcher" not in message
    assert "treatment" not in message
    link = re.search(r"/acknowledge/[\w-]+", message.replace("=\n", ""))
    assert link is not None
    desk = visit(link[0])
    assert desk.get_by_role("button", name="Confirm that we have received it").count() == 0, "the link alone shows nothing"
    desk.get_by_role("button", name="Send a code to the mailbox").click()
    desk.get_by_label("Code").fill(code_of(site, sent_before))
    desk.get_by_role("button", name="Read the request").click()
    assert_accessible(desk)
    page.reload()
    assert page.get_by_text("confirmed that it has the request").count() == 0, "opening the link changes nothing"
    desk.get_by_role("button", name="Confirm that we have received it").click()
    assert desk.get_by_text("Receipt is confirmed.").is_visible()
    page.reload()
    assert page.get_by_text("The custodian confirmed that it has the request").is_visible()
    desk.goto(site.address + link[0])
    assert desk.get_by_text("Receipt was confirmed").is_visible()


def test_triage_holds_the_parts_without_a_route(site: Site) -> None:
    with site.services.store.reading() as session:
        names = {custodians.by_slug(session, slug).name for slug in [custodians_by_channel(site)["none"]]}
    assert {part.custodian for part in triage(site.services.store)} <= names


def test_going_back_restores_filters_and_count(visit: Callable[..., Page]) -> None:
    page = visit("/search")
    before = page.locator("[data-count]").inner_text()
    page.locator("#f-nation-1").check()
    page.wait_for_url("**nation=**")
    expect(page.locator("[data-count]")).not_to_have_text(before)
    page.go_back()
    expect(page.locator("[data-count]")).to_have_text(before)
    assert not page.locator("#f-nation-1").is_checked()


def test_a_basket_entry_of_a_withdrawn_dataset_is_marked_not_dropped(visit: Callable[..., Page], site: Site) -> None:
    page = visit("/custodians/opcrd")
    page.locator("#holds ~ ul a").last.click()
    title = page.locator("h1").inner_text()
    page.get_by_role("button", name="Add to basket").click()
    page.get_by_role("button", name="Remove from basket").wait_for()
    ref = page.url.rsplit("/", 1)[-1].split("-")[0]
    with site.services.store.transaction() as tx:
        tx.session.query(Record).filter_by(ref=ref).one().state = "removed"
    try:
        page.goto(site.address + "/basket")
        assert page.get_by_text("It has been withdrawn.").is_visible()
        gone = visit(f"/datasets/{ref}", status=410)
        assert gone.get_by_text(title).first.is_visible()
    finally:
        with site.services.store.transaction() as tx:
            tx.session.query(Record).filter_by(ref=ref).one().state = "live"
