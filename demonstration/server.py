"""The demonstration custodians as HTTP servers, one loopback port each."""

from __future__ import annotations

import errno
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self

from demonstration.endpoint import DETAIL_PATH, JSON, LIST_PATH, REQUESTS_PATH, Endpoint, Reply, Request, said
from demonstration.holdings import Holding, holdings
from demonstration.spoken import STARTS

LARGEST_BODY_BYTES = 5_000_000
LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class DemonstrationCustodian:
    """A custodian whose endpoint is running.

    ``auth`` is ``NO_AUTH``, ``BEARER`` or ``API_KEY``; ``header`` names the key's header where it is not the usual
    ``apikey``. ``route`` holds ``channel`` (``mailbox``, ``webhook``, ``committee``, ``portal`` or ``none``) and, but for ``none``, ``target``.
    ``datasets`` is how many records its list names. ``protocol`` is what it is to be harvested by (``federation`` where it
    speaks no other), and ``start_url`` where another protocol than that begins. ``form`` is what it asks of those who want its data, beyond
    what everybody asks; None where that is all.
    """

    slug: str
    name: str
    category: str
    nations: tuple[str, ...]
    description: str
    contact: str
    route: Mapping[str, str]
    webhook_secret: str | None
    base_url: str
    list_path: str
    detail_path: str
    auth: str
    secret: str | None
    header: str | None
    fails_on_demand: bool
    datasets: int
    protocol: str
    start_url: str | None
    form: Mapping[str, Any] | None


class DemonstrationServers:
    """All custodians at once, in threads of this process.

    Ports are counted from ``base_port``, past those that are taken; 0 lets the system choose. ``start`` raises
    ``OSError`` where the host cannot be listened on.
    """

    def __init__(self, base_port: int = 8101, host: str = "127.0.0.1") -> None:
        self._base_port = base_port
        self._host = host
        self._servers: list[ThreadingHTTPServer] = []
        self.custodians: tuple[DemonstrationCustodian, ...] = ()
        """Those that are running: empty before ``start`` and after ``stop``."""

    def start(self) -> None:
        port = self._base_port
        try:
            for holding in holdings():
                server = _listen(self._host, port)
                port = server.server_port + 1 if self._base_port else 0
                self.custodians += (self._serve(server, holding),)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers.clear()
        self.custodians = ()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self, server: ThreadingHTTPServer, holding: Holding) -> DemonstrationCustodian:
        base_url = f"http://{self._host}:{server.server_port}"
        server.RequestHandlerClass = partial(_Handler, Endpoint(holding, base_url))
        serve = partial(server.serve_forever, poll_interval=0.05)
        threading.Thread(target=serve, name=holding.facts["slug"], daemon=True).start()
        self._servers.append(server)
        return _described(holding, base_url)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demonstration"
    sys_version = ""
    timeout = 30

    def __init__(self, endpoint: Endpoint, *arguments: Any) -> None:
        self._endpoint = endpoint
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._send(self._endpoint.answer(self._request(b"")))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= LARGEST_BODY_BYTES):
            return self._send(said(413, "A body of at most 5 MB with its length is expected."))
        return self._send(self._endpoint.answer(self._request(self.rfile.read(int(length)))))

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  the name is inherited
        """Quiet: the harvest says what it read."""

    def _request(self, body: bytes) -> Request:
        path, _, query = self.path.partition("?")
        is_local = ip_address(self.client_address[0]).is_loopback
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, path, query, headers, body, is_local)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        for name, value in ({"Content-Type": JSON} | reply.headers).items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(reply.body)


def _listen(host: str, port: int) -> ThreadingHTTPServer:
    while True:
        try:
            return _Server((host, port), _Handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not 0 < port < LAST_PORT:
                raise
            port += 1


def _described(holding: Holding, base_url: str) -> DemonstrationCustodian:
    facts = holding.facts
    protocol = facts.get("protocol", "federation")
    route = dict(facts["route"])
    if route["channel"] == "webhook":
        route["target"] = base_url + REQUESTS_PATH
    return DemonstrationCustodian(
        slug=facts["slug"],
        name=facts["name"],
        category=facts["category"],
        nations=tuple(facts["nations"]),
        description=facts["description"],
        contact=facts["contact"],
        route=route,
        webhook_secret=facts.get("webhook_secret"),
        base_url=base_url,
        list_path=LIST_PATH,
        detail_path=DETAIL_PATH,
        auth=facts["auth"],
        secret=facts.get("secret"),
        header=facts.get("header"),
        fails_on_demand=facts["fails_on_demand"],
        datasets=len(holding.documents),
        protocol=protocol,
        start_url=base_url + STARTS[protocol] if protocol in STARTS else None,
        form=facts.get("form"),
    )
