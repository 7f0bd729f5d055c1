"""The one file of a form."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile

from gateway.uploads.checking import LARGEST_BYTES

SentFile = tuple[str, bytes]
"""Its name and bytes; both empty where none was chosen."""


async def sent_file(posted: FormData) -> SentFile:
    """Its name and bytes, of one that is too large a byte more than is taken; both empty where none was chosen."""
    file = posted.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return "", b""
    return file.filename, await file.read(LARGEST_BYTES + 1)
