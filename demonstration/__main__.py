"""``python -m demonstration``: run the demonstration custodians until interrupted, and say where they are."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading

from demonstration.endpoint import LIST_PATH
from demonstration.server import DemonstrationServers


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demonstration", description=__doc__)
    parser.add_argument("--port", type=int, default=8101, help="first port; 0 lets the system choose (8101)")
    with DemonstrationServers(base_port=parser.parse_args().port) as servers:
        for custodian in servers.custodians:
            access = custodian.auth if custodian.secret is None else f"{custodian.auth} {custodian.secret}"
            address = custodian.start_url or custodian.base_url + LIST_PATH
            sys.stdout.write(f"{address}  {custodian.datasets} datasets  {access}  {custodian.name}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
