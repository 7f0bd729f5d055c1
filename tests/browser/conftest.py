"""The demonstration as a whole: custodians on loopback ports, really harvested, and the gateway over them in a browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page

from demonstration.server import DemonstrationServers
from gateway.app import create_app
from gateway.settings import Settings
from gateway.sources.demonstration import register
from gateway.wiring import Services, build


@dataclass(frozen=True)
class Site:
    """``address`` has no slash at the end."""

    address: str
    services: Services
    data: Path
    servers: DemonstrationServers

    def mails(self) -> list[str]:
        """What landed in the folder of outgoing messages, oldest first."""
        return [path.read_text() for path in sorted((self.data / "outbox").glob("*"), key=lambda path: path.stat().st_mtime)]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demonstrated(tmp_path_factory.mktemp("demonstration")) as shown:
        yield shown


@contextmanager
def demonstrated(data: Path) -> Iterator[Site]:
    with DemonstrationServers(base_port=0) as servers, server_socket() as (socket, port):
        settings = Settings(
            data_dir=data, port=port, tick_seconds=0.05, allow_networks=["127.0.0.0/8"], _env_file=None,  # type: ignore[call-arg]
        )
        services = build(settings)
        services.store.upgrade()
        services.catalogue.ensure_index()
        register(services.store, services.sealer, servers.custodians, now=services.clock())
        services.harvesting.queue_due()
        for run_id in services.harvesting.claimable():
            services.harvesting.run(run_id)
        services.catalogue.index_pending()
        with running(uvicorn.Server(uvicorn.Config(create_app(services=services), log_level="warning")), socket):
            yield Site(f"http://127.0.0.1:{port}", services, data, servers)


@contextmanager
def server_socket() -> Iterator[tuple[Any, int]]:
    config = uvicorn.Config("unused", host="127.0.0.1", port=0, log_level="critical")
    socket = config.bind_socket()
    try:
        yield socket, socket.getsockname()[1]
    finally:
        socket.close()


@contextmanager
def running(server: uvicorn.Server, socket: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    assert server.started
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


TELL_OF_BREACHES = """document.addEventListener("securitypolicyviolation", (one) => console.error(
  `breach of the content policy: ${one.effectiveDirective} ${one.blockedURI}`), true);"""
"""Beside what the browser itself writes to its console."""


@pytest.fixture
def noise() -> list[str]:
    """What a browser complained of in this test; a test that means it empties the list."""
    return []


@pytest.fixture
def visit(chromium: Browser, site: Site, noise: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a path in a fresh browser. Script errors, breaches of the content policy and foreign requests fail the test."""
    contexts: list[Any] = []

    def go(path: str, *, status: int = 200, answers: tuple[int, ...] = (), **options: Any) -> Page:
        """``answers`` are further statuses that the journey from there is meant to meet."""
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        context.add_init_script(TELL_OF_BREACHES)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text) if _is_noise(message, (status, *answers)) else None)
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((site.address, "data:")) else noise.append(asked.url))
        answer = page.goto(site.address + path)
        assert answer is not None
        assert answer.status == status, f"{path} answered {answer.status}"
        return page

    yield go
    for context in contexts:
        context.close()
    assert noise == []


def _is_noise(message: Any, expected: tuple[int, ...]) -> bool:
    """The browser reports an error status as an error of its own; those that are meant are none."""
    is_meant = any(status >= 400 and f"status of {status}" in message.text for status in expected)
    return message.type == "error" and not is_meant
