"""What each kind of page may cost a reader, and how a slow telephone sees one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from tests.browser.rules import KILOBYTE

SLOWER = 4
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
"""The processor and the line of a telephone on a bad day: bytes a second, and milliseconds there and back."""
WATCH = """window.seen = {paint: 0, moved: 0, tasks: []};
const watch = (type, tell) => new PerformanceObserver((list) => list.getEntries().forEach(tell)).observe({type, buffered: true});
watch("largest-contentful-paint", (one) => { seen.paint = one.startTime; });
watch("longtask", (one) => { seen.tasks.push([one.startTime, one.duration]); });
watch("layout-shift", (one) => { if (!one.hadRecentInput) seen.moved += one.value; });"""
SEEN = """() => { const drawn = performance.getEntriesByName("first-contentful-paint")[0].startTime;
const blocked = seen.tasks.reduce((sum, [start, took]) => sum + (start >= drawn ? Math.max(0, took - 50) : 0), 0);
return {paint: seen.paint, blocked, moved: seen.moved}; }"""
"""Blocked is what tasks take beyond 50 ms, once something is drawn that a reader would like to use."""


@dataclass(frozen=True)
class Budget:
    requests: int
    elements: int
    scripts_bytes: int
    paint_ms: float
    blocked_ms: float
    moved: float
    """The two times are measured by benchmarks/painting.py: they are the machine's as much as the page's."""


@dataclass(frozen=True)
class Timed:
    """Milliseconds to the largest paint, and those of tasks that block; the share of the window that moved by itself."""

    paint: float
    blocked: float
    moved: float


CONTENT = Budget(requests=3, elements=1_500, scripts_bytes=2 * KILOBYTE, paint_ms=1_200, blocked_ms=0, moved=0.01)
SEARCH = Budget(requests=4, elements=2_500, scripts_bytes=14 * KILOBYTE, paint_ms=1_500, blocked_ms=50, moved=0.02)
NATIONS = Budget(requests=3, elements=1_500, scripts_bytes=2 * KILOBYTE, paint_ms=1_500, blocked_ms=0, moved=0.01)
STYLES_BYTES = 12 * KILOBYTE
PAGES: dict[str, Budget] = {
    "/": CONTENT,
    "/search": SEARCH,
    "/search?q=health": SEARCH,
    "/search?view=table": SEARCH,
    "/search?view=compact": SEARCH,
    "/search?q=zebrafish&nation=Wales": SEARCH,
    "/columns": SEARCH,
    "/columns?q=status": SEARCH,
    "/columns?q=status%2C+date&view=matrix": SEARCH,
    "{compare}": CONTENT,
    "{dataset}": CONTENT,
    "{dataset}/columns": CONTENT,
    "{dataset}/quality": CONTENT,
    "/nations": NATIONS,
    "/nations/england": NATIONS,
    "/help/searching": CONTENT,
}


@contextmanager
def opened(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    try:
        yield context.new_page()
    finally:
        context.close()


def slow_visit(chromium: Browser, address: str) -> Timed:
    with opened(chromium) as page:
        page.add_init_script(WATCH)
        tools = page.context.new_cdp_session(page)
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        tools.send("Network.emulateNetworkConditions", LINE)
        page.goto(address, wait_until="networkidle")
        page.wait_for_function("seen.paint > 0")
        return Timed(**page.evaluate(SEEN))
