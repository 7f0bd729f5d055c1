"""A clamd on loopback that speaks INSTREAM as its manual says, knows one virus, and misbehaves when told to."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.uploads.made import EICAR


@dataclass
class ClamdServer:
    """``mood``: ``well``, ``slow`` (never answers), ``crashing`` (hangs up in the middle), ``confused`` (answers with an error). ``known`` are
    the signatures that it finds."""

    url: str = ""
    mood: str = "well"
    known: list[bytes] = field(default_factory=lambda: [EICAR])
    scanned: list[bytes] = field(default_factory=list)
    leave: threading.Event = field(default_factory=threading.Event)


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    state: ClamdServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no matter."""


class _ServerAtAPath(_Server):
    address_family = socket.AF_UNIX


class _Conversation(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        state = self.server.state
        if state.mood == "slow":
            state.leave.wait()
            return
        if self._exactly(10) != b"zINSTREAM\0":
            self.request.sendall(b"UNKNOWN COMMAND\0")
            return
        body = b""
        while length := struct.unpack("!I", self._exactly(4))[0]:
            if state.mood == "crashing":
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            body += self._exactly(length)
        state.scanned.append(body)
        self.request.sendall(self._verdict(state, body))

    def _verdict(self, state: ClamdServer, body: bytes) -> bytes:
        if state.mood == "confused":
            return b"INSTREAM size limit exceeded. ERROR\0"
        return b"stream: Test-Signature FOUND\0" if any(one in body for one in state.known) else b"stream: OK\0"

    def _exactly(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            piece = self.request.recv(count - len(received))
            if not piece:
                raise ConnectionError
            received += piece
        return received


@contextmanager
def clamd(*, socket_path: Path | None = None) -> Iterator[ClamdServer]:
    """On a free port, or at a path."""
    state = ClamdServer()
    server = _ServerAtAPath(str(socket_path), _Conversation) if socket_path else _Server(("127.0.0.1", 0), _Conversation)  # type: ignore[arg-type]
    server.state = state
    state.url = f"clamd://{socket_path}" if socket_path else f"clamd://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.leave.set()
        server.shutdown()
        server.server_close()
        thread.join()
