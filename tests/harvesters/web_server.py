"""A loopback web server for tests: a function answers each request; what was asked is kept."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harvesters.fetch import Fetcher, FetchPolicy


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: Callable[[BaseHTTPRequestHandler], None] | None = None
    """Writes the whole answer itself where set."""


def as_json(text: str | bytes, **headers: str) -> Answer:
    body = text.encode() if isinstance(text, str) else text
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body, headers={"Content-Type": "application/json", **named})


@dataclass
class WebServer:
    port: int
    asked: list[Asked]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.asked]


@contextmanager
def serving(answer: Callable[[Asked], Answer], *, tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            posted = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, posted)
            asked.append(request)
            reply = answer(request)
            if reply.raw is not None:
                self.close_connection = True
                reply.raw(self)
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304 and "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_POST = do_GET  # noqa: N815  # the base class looks for this name

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
            """Tests stay quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what several tests do."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield WebServer(server.server_address[1], asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


LOOPBACK = FetchPolicy(
    allow_http=True, allowed_ports=range(1, 65536), allowed_networks=("127.0.0.0/8", "::1/128"), min_interval_seconds=0,
    connect_seconds=2, silence_seconds=2, total_seconds=10,
)


def loopback_fetcher(**options: object) -> Fetcher:
    """A fetcher that may call loopback and does not really wait between tries."""
    settings: dict[str, object] = {"policy": LOOPBACK, "sleep": lambda _: None, "user_agent": "test/1 (+about)"}
    return Fetcher(**(settings | options))  # type: ignore[arg-type]
