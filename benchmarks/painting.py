"""How long pages of the demonstration take on a slow telephone, and how long they block it. ``python -m benchmarks.painting``

The processor is slowed four times, the line is 1.6 Mbit/s with 150 ms there and back, and nothing is kept from one visit to the next. Rounds are
taken in turns, the best visit of each page counts. Beside each page's largest paint stands its ratio to that of a bare text on the same line
(/robots.txt), which travels between machines as milliseconds do not, and the budget that its kind of page has. Results go to results/painting.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.browser.budgets import PAGES, Budget, Timed, slow_visit
from tests.browser.conftest import demonstrated
from tests.browser.test_demonstration_pages import addresses_of, resolved
from tests.chromium import CHROMIUM, started

RESULTS = Path(__file__).parent / "results" / "painting.json"
BARE = "/robots.txt"
ROUNDS = 5


def main() -> None:
    if not Path(CHROMIUM).exists():
        sys.exit("Chromium is not installed. GATEWAY_TEST_CHROMIUM names another browser.")
    visits: dict[str, list[Timed]] = {path: [] for path in (BARE, *PAGES)}
    with tempfile.TemporaryDirectory() as folder, demonstrated(Path(folder)) as site, started() as chromium:
        named = addresses_of(site)
        for _ in range(ROUNDS):
            for path, seen in visits.items():
                seen.append(slow_visit(chromium, site.address + resolved(path, named)))
    bare = min(one.paint for one in visits.pop(BARE))
    pages = {path: measured(seen, PAGES[path], bare) for path, seen in visits.items()}
    over = [path for path, found in pages.items() if not found["is_within_its_budget"]]
    result = {"at": datetime.now(UTC).date().isoformat(), "rounds": ROUNDS, "bare_paint_ms": round(bare), "pages": pages, "over_budget": over}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    for path, found in pages.items():
        print(f"{path:40} {json.dumps(found)}")
    print(f"Beyond their budgets: {', '.join(over) or 'none'}.")


def measured(visits: list[Timed], budget: Budget, bare: float) -> dict[str, Any]:
    paint, blocked = min(one.paint for one in visits), min(one.blocked for one in visits)
    return {
        "paint_ms": round(paint), "budget_paint_ms": budget.paint_ms, "paint_to_bare": round(paint / bare, 2), "blocked_ms": round(blocked),
        "budget_blocked_ms": budget.blocked_ms, "is_within_its_budget": paint <= budget.paint_ms and blocked <= budget.blocked_ms,
    }


if __name__ == "__main__":
    main()
