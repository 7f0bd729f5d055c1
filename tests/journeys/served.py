"""A gateway that really listens on a loopback port, for clients that open connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from gateway.app import create_app
from gateway.wiring import Services
from tests.journeys.gateways import make_services


@contextmanager
def listening(data_dir: Path, database_url: str | None = None, **settings: Any) -> Iterator[tuple[Services, str]]:
    """Services, and the address at which they answer. Its jobs run only when the test runs them."""
    socket = uvicorn.Config("unused", host="127.0.0.1", port=0, log_level="critical").bind_socket()
    port = socket.getsockname()[1]
    services = make_services(data_dir, database_url, worker=False, port=port, **settings)
    server = uvicorn.Server(uvicorn.Config(create_app(services=services), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    try:
        give_up = time.monotonic() + 30
        while not server.started:
            assert time.monotonic() < give_up, "the server did not start"
            time.sleep(0.02)
        yield services, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        socket.close()
