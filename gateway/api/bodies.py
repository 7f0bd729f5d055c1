"""Bodies that programs send: read within a limit, small ones whole, large ones into a file."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from email.message import Message
from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, Request

from gateway.errors import TooLarge

ONE_DATASET_BYTES: Final = 5 * 1024 * 1024
MANY_DATASETS_BYTES: Final = 64 * 1024 * 1024


def _within(limit_bytes: int) -> Callable[[Request], Awaitable[bytes]]:
    async def read(request: Request) -> bytes:
        return b"".join([chunk async for chunk in _chunks(request, limit_bytes)])

    return read


DatasetBody = Annotated[bytes, Depends(_within(ONE_DATASET_BYTES))]
"""Of at most 5 MB. Raises :class:`TooLarge` as soon as it is more."""


ArgumentsBody = Annotated[bytes, Depends(_within(64 * 1024))]
"""A form of short arguments."""


async def spooled(request: Request) -> AsyncIterator[Path]:
    """A body of at most 64 MB, in a file that is gone when the request is over."""
    with tempfile.TemporaryDirectory(prefix="gateway-push-") as folder:
        path = Path(folder) / "body"
        with path.open("wb") as file:
            async for chunk in _chunks(request, MANY_DATASETS_BYTES):
                file.write(chunk)
        yield path


SpooledBody = Annotated[Path, Depends(spooled)]


async def _chunks(request: Request, limit_bytes: int) -> AsyncIterator[bytes]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit_bytes:
            raise TooLarge(f"At most {limit_bytes // 2**20} MB are read here.", hint="Many datasets go in one call: datasets:bulk.")
        yield chunk


def media_type_of(request: Request) -> tuple[str, str | None]:
    """The media type in lower case, and its charset if it names one."""
    header = Message()
    header["content-type"] = request.headers.get("content-type") or "application/json"
    charset = header.get_content_charset()
    return header.get_content_type(), charset
