"""Every page in a real browser: accessible by the automatic rules, fits 320 pixels, keeps the content policy."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.frontend.samples import PAGES
from tests.frontend.site import serving

pytestmark = pytest.mark.browser

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TILES = """(() => { const maps = [...document.querySelectorAll(".app-tiles")];
const boxes = maps.flatMap((map) => [...map.querySelectorAll("rect")]).map((one) => one.getBoundingClientRect());
const texts = maps.flatMap((map) => [...map.querySelectorAll("text")].map((one) => parseFloat(getComputedStyle(one).fontSize) * map.getBoundingClientRect().width / map.viewBox.baseVal.width));
return [boxes.map((box) => [box.width, box.height]), texts]; })()"""
"""The width and height of each tile, and the size of each text as it is drawn."""
SPACING = (
    "const sheet = new CSSStyleSheet(); sheet.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
    "p{margin-bottom:2em!important}'); document.adoptedStyleSheets = [sheet]"
)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    noise: list[str] = []
    contexts: list[Any] = []

    def go(path: str, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, **options)
        contexts.append(context)
        page = context.new_page()
        expected = "Failed to load resource" if PAGES[path].status >= 400 else None
        page.on("console", lambda m: noise.append(m.text) if m.type == "error" and not (expected and expected in m.text) else None)
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith((site, "data:")) else noise.append(r.url))
        page.goto(site + path)
        return page

    yield go
    for context in contexts:
        assert context.cookies() == []
        context.close()
    assert noise == []


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_fits_320_pixels(visit: Callable[..., Page], path: str) -> None:
    page = visit(path)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate(OVERFLOW) <= 1
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    page.set_viewport_size({"width": 640, "height": 640})
    assert page.evaluate(OVERFLOW) <= 1


@pytest.mark.parametrize("path", ["/search/words", "/datasets/7kq2m-primary-care-events", "/requests"])
def test_wider_text_spacing_fits(visit: Callable[..., Page], path: str) -> None:
    page = visit(path)
    page.set_viewport_size({"width": 320, "height": 640})
    page.evaluate(SPACING)
    assert page.evaluate(OVERFLOW) <= 1


def test_small_targets_are_absent(visit: Callable[..., Page]) -> None:
    page = visit("/search/words")
    small = page.evaluate(
        "[...document.querySelectorAll('nav a, button, select, .app-chips a, label.app-box')].filter(e => e.checkVisibility())"
        ".map(e => [e.textContent.trim(), e.getBoundingClientRect()]).filter(([, b]) => b.height < 24 && b.width > 2).map(([t, b]) => t + b.height)"
    )
    assert small == []


def test_facets_fold_on_small_screens_and_stand_open_on_wide_ones(visit: Callable[..., Page]) -> None:
    page = visit("/search/words")
    assert page.locator("#f-nation-1").is_visible()
    page.set_viewport_size({"width": 360, "height": 640})
    assert not page.locator("#f-nation-1").is_visible()
    page.locator("#facets > summary").click()
    assert page.locator("#f-nation-1").is_visible()


def test_filtering_by_keyboard_keeps_the_focus_and_changes_the_address(visit: Callable[..., Page]) -> None:
    page = visit("/search")
    page.locator("#f-nation-2").focus()
    with page.expect_response(lambda answer: "nation=" in answer.url):
        page.keyboard.press("Space")
    page.wait_for_url("**/search?*nation=*")
    assert page.evaluate("document.activeElement.id") == "f-nation-2"
    page.wait_for_function("document.querySelector('#announcements').textContent == document.querySelector('[data-count]').textContent.trim()")


def test_first_stops_are_skip_link_name_and_navigation(visit: Callable[..., Page]) -> None:
    page = visit("/")
    stops = []
    for _ in range(3):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.textContent.trim()"))
    assert stops == ["Skip to main content", "Alliance Gateway", "Datasets"]


def test_error_summary_takes_the_focus(visit: Callable[..., Page]) -> None:
    page = visit("/requests")
    assert "govuk-error-summary" in page.evaluate("document.activeElement.className")


def test_running_run_asks_again_and_the_finished_page_does_not(visit: Callable[..., Page]) -> None:
    page = visit("/sources/vale/runs/401")
    with page.expect_response("**/sources/vale/runs/401", timeout=6000) as answer:
        pass
    assert answer.value.ok
    assert visit("/sources/vale/runs/400").locator("[hx-trigger]").count() == 0


def test_shortcut_leads_to_the_search_box(visit: Callable[..., Page]) -> None:
    page = visit("/datasets/7kq2m-primary-care-events")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "header-q"


def test_the_link_of_a_column_and_the_address_of_a_search_can_be_copied(visit: Callable[..., Page]) -> None:
    may_copy = {"permissions": ["clipboard-read", "clipboard-write"]}
    page = visit("/datasets/7kq2m-primary-care-events/columns", **may_copy)
    row = page.locator("tbody tr").first
    row.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{page.url}#{row.get_attribute('id')}"
    page = visit("/search", **may_copy)
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#this-search").inner_text()


@pytest.mark.parametrize("path", ["/", "/search/words", "/datasets/7kq2m-primary-care-events", "/requests/new"])
def test_pages_are_complete_without_javascript(visit: Callable[..., Page], path: str) -> None:
    page = visit(path, java_script_enabled=False)
    assert page.locator("h1").is_visible()
    assert page.locator("main form button, header form button").first.is_visible()
    assert page.locator("[data-copy]:visible").count() == 0


def test_controls_and_pictures_remain_under_forced_colours(visit: Callable[..., Page]) -> None:
    page = visit("/datasets/7kq2m-primary-care-events", forced_colors="active")
    same = page.evaluate(
        "[...document.querySelectorAll('.app-ink, .app-good')].filter(e => getComputedStyle(e).fill === getComputedStyle(document.body).backgroundColor).length"
    )
    assert same == 0


@pytest.mark.parametrize(("path", "width"), [(path, width) for path in ("/search/words", "/", "/nations", "/datasets/7kq2m-primary-care-events") for width in (320, 1280)])
def test_tiles_of_a_map_are_large_enough_to_press_and_to_read(visit: Callable[..., Page], path: str, width: int) -> None:
    page = visit(path)
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('#facets, #on-a-map').forEach((one) => { one.open = true; })")
    tiles, texts = page.evaluate(TILES)
    assert len(tiles) == 13
    assert min(min(tile) for tile in tiles) >= 44
    assert min(texts) >= 11


def test_a_map_keeps_its_outlines_and_numbers_under_forced_colours(visit: Callable[..., Page]) -> None:
    page = visit("/search/words", forced_colors="active")
    drawn = page.evaluate("""[...document.querySelectorAll('.app-tiles rect')].map((one) => getComputedStyle(one).stroke)
        .concat([...document.querySelectorAll('.app-tiles text')].map((one) => getComputedStyle(one).fill))""")
    assert len(drawn) > 13
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") not in drawn
    assert "none" not in drawn
