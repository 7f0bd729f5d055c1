"""Rebuilds killed before each request that changes something: ``python -m tests.search.killed_rebuilds KIND FOLDER``.

Each runs in a process of its own, which kills itself, on the real client and server. After each the index must answer whole. Prints,
for each rebuild, which request it died before (the last one lives) and what the index held then, as JSON lines.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from elastic_transport import Urllib3HttpNode

from search.elastic import ElasticEngine
from search.engine import IndexLocked, Query
from tests.search.factories import document, elastic_engine

OLD, NEW = 8, 12
MOST = 60
READING = ("/_count", "/_refresh", "/_search")


def rebuild(engine: ElasticEngine, die_before: int) -> None:
    """Never returns: ends by the kill, or with 0 where the rebuild makes fewer changes."""
    changes = 0
    perform = Urllib3HttpNode.perform_request

    def counted(node: Urllib3HttpNode, method: str, target: str, *rest: Any, **options: Any) -> Any:
        nonlocal changes
        changes += method not in ("GET", "HEAD") and not target.partition("?")[0].endswith(READING)
        if changes == die_before:
            print(json.dumps({"request": f"{method} {target}"}), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        return perform(node, method, target, *rest, **options)

    while True:
        Urllib3HttpNode.perform_request = counted  # type: ignore[method-assign]  # this process only, and it ends here
        changes = 0
        try:
            engine.rebuild([document(f"d{number}", "A new study") for number in range(NEW)])
            os._exit(0)
        except IndexLocked:
            time.sleep(0.05)


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    keeper = elastic_engine(kind, folder)
    for die_before in range(1, MOST):
        _start_anew(keeper)
        keeper.close()
        child = os.fork()
        if child == 0:
            rebuild(elastic_engine(kind, folder, lease_seconds=0.4), die_before)
        _, status = os.waitpid(child, 0)
        while True:
            try:
                written = keeper.index([document("written", "Written after the kill", version=2)])
                break
            except IndexLocked:
                time.sleep(0.05)
        titles = sorted({hit.stored["title"] for hit in keeper.search(Query(limit=50)).hits})
        print(json.dumps({"killed": os.WIFSIGNALED(status), "held": len(keeper.versions()), "titles": titles, "written": written}), flush=True)
        if not os.WIFSIGNALED(status):
            return


def _start_anew(keeper: ElasticEngine) -> None:
    """As soon as the lease of a killed rebuild has run out."""
    while True:
        try:
            keeper.rebuild([document(f"d{number}", "An old study") for number in range(OLD)], force=True)
            return
        except IndexLocked:
            time.sleep(0.05)


if __name__ == "__main__":
    main()
