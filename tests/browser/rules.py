"""What every page must keep in a browser, and how much it may weigh."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
KILOBYTE = 1024
SMALL, MIDDLE, LARGE = 12 * KILOBYTE, 20 * KILOBYTE, 24 * KILOBYTE


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def assert_fits(page: Page) -> None:
    """320 pixels wide, and twice as large in 640."""
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(OVERFLOW) <= 1
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 640, "height": 640})
    assert page.evaluate(OVERFLOW) <= 1
