"""Serves the sample pages over loopback, with the security headers: ``python -m tests.frontend.site [port]``."""

from __future__ import annotations

import mimetypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from frontend.render import SECURITY_HEADERS, STATIC_PREFIX, page, static_folder
from tests.frontend.samples import PAGES


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith(STATIC_PREFIX):
            return self._file(path.removeprefix(STATIC_PREFIX))
        view = PAGES.get(path, PAGES["/errors/404"])
        return self._answer(view.status, "text/html; charset=utf-8", page(view).encode())

    def _file(self, name: str) -> None:
        path = static_folder() / name
        if "/" in name or not path.is_file():
            return self._answer(404, "text/plain", b"No such file")
        return self._answer(200, mimetypes.guess_type(name)[0] or "application/octet-stream", path.read_bytes())

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in SECURITY_HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """The address of a running server of the sample pages, without a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


if __name__ == "__main__":
    with serving(int(sys.argv[1]) if len(sys.argv) > 1 else 8080) as address:
        print(f"Serving the sample pages at {address}")
        input("Press Enter to stop\n")
