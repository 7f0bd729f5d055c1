"""What a page may cost a reader, on the running demonstration: requests, elements, bytes of scripts and styles, and how much it moves on a slow
telephone. How long it takes there is measured by benchmarks/painting.py."""

from __future__ import annotations

from collections import Counter

import brotli
import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser.budgets import PAGES, STYLES_BYTES, opened, slow_visit
from tests.browser.conftest import Site
from tests.browser.test_demonstration_pages import addresses, resolved

__all__ = ["addresses"]
pytestmark = pytest.mark.browser
CAME_OVER_THE_LINE = """[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
.filter((one) => one.transferSize > 0 && !one.name.includes("icon")).map((one) => one.name)"""


def answers_of(page: Page, address: str) -> list[Response]:
    """What the page fetched; its icon is not counted."""
    fetched: list[Response] = []

    def keep(answer: Response) -> None:
        fetched.append(answer)

    page.on("response", keep)
    page.goto(address, wait_until="networkidle")
    return [answer for answer in fetched if "icon" not in answer.url and not answer.url.startswith("data:")]


@pytest.mark.parametrize("path", PAGES)
def test_page_is_within_its_requests_elements_and_bytes(chromium: Browser, site: Site, addresses: dict[str, str], path: str) -> None:
    budget, address = PAGES[path], site.address + resolved(path, addresses)
    with opened(chromium) as page:
        first = answers_of(page, address)
        assert len(first) <= budget.requests, [answer.url for answer in first]
        weights = Counter[str]()
        for answer in first:
            weights[answer.request.resource_type] += len(brotli.compress(answer.body()))
        assert set(weights) <= {"document", "stylesheet", "script"}, "no font, no picture, nothing else"
        assert weights["stylesheet"] <= STYLES_BYTES
        assert weights["script"] <= budget.scripts_bytes
        assert page.locator("*").count() <= budget.elements
        page.goto(address, wait_until="networkidle")
        assert page.evaluate(CAME_OVER_THE_LINE) == [address]


@pytest.mark.parametrize("path", PAGES)
def test_page_stands_still_on_a_slow_telephone(chromium: Browser, site: Site, addresses: dict[str, str], path: str) -> None:
    assert slow_visit(chromium, site.address + resolved(path, addresses)).moved <= PAGES[path].moved
