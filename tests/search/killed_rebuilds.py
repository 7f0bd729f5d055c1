"""Rebuilds killed before each request that changes something: ``python -m tests.search.killed_rebuilds KIND FOLDER``.

Each runs in a process of its own, which kills itself, on the real client and server. After each the index must answer whole. Prints,
for each rebuild, which request it died before (the last one lives), whether it had swapped by then, and what the index held, as JSON lines.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from elastic_transport import Urllib3HttpNode
from elasticsearch import NotFoundError

from search.elastic import ElasticEngine
from search.elastic.connection import connect
from search.elastic.generations import Generations
from search.elastic.lease import DOCUMENT
from search.engine import Query
from tests.search.factories import document, elastic_engine

OLD, NEW = 8, 12
MOST = 60
READING = ("/_count", "/_refresh", "/_search")


def rebuild(engine: ElasticEngine, die_before: int) -> None:
    """Never returns: ends by the kill, or with 0 where the rebuild makes fewer changes."""
    changes, swaps = 0, 0
    perform = Urllib3HttpNode.perform_request

    def counted(node: Urllib3HttpNode, method: str, target: str, *rest: Any, **options: Any) -> Any:
        nonlocal changes, swaps
        changes += method not in ("GET", "HEAD") and not target.partition("?")[0].endswith(READING)
        if changes == die_before:
            print(json.dumps({"request": f"{method} {target}", "swapped": swaps > 1}), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        answer = perform(node, method, target, *rest, **options)
        swaps += target.startswith("/_aliases")  # the first one says what the new index is for
        return answer

    Urllib3HttpNode.perform_request = counted  # type: ignore[method-assign]  # this process only, and it ends here
    try:
        engine.rebuild([document(f"d{number}", "A new study") for number in range(NEW)])
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def main() -> None:
    kind, folder = sys.argv[1], Path(sys.argv[2])
    keeper = elastic_engine(kind, folder)
    for die_before in range(1, MOST):
        _start_anew(keeper)
        keeper.close()
        child = os.fork()
        if child == 0:
            rebuild(elastic_engine(kind, folder), die_before)
        _, status = os.waitpid(child, 0)
        written = keeper.index([document("written", "Written after the kill", version=2)])
        titles = sorted({hit.stored["title"] for hit in keeper.search(Query(limit=50)).hits})
        print(json.dumps({"killed": os.WIFSIGNALED(status), "held": len(keeper.versions()), "titles": titles, "written": written}), flush=True)
        if not os.WIFSIGNALED(status):
            return


def _start_anew(keeper: ElasticEngine) -> None:
    """With the old studies, as if the lease of a killed rebuild had run out. (A lease so short that it does would be renewed more or
    less often, as the machine is slow or fast.)"""
    client = connect(keeper.address)
    with suppress(NotFoundError):
        client.delete(index=Generations(client, keeper.address.name).lease, id=DOCUMENT)
    client.close()
    keeper.rebuild([document(f"d{number}", "An old study") for number in range(OLD)], force=True)


if __name__ == "__main__":
    main()
