"""A replay: a run that reads the documents kept of a source again, and makes no request (1.2)."""

from __future__ import annotations

from collections.abc import Callable

from gateway.harvesting.attempt import Attempt
from gateway.models import Raw
from gateway.store import replays
from gateway.store.files import Files
from harvesters.source import Content
from harvesters.stored import StoredDocument, StoredSource


def replayed(attempt: Attempt) -> StoredSource | None:
    """None for any other run. A document whose bytes are no longer kept is left out."""
    if attempt.run.trigger != "replay":
        return None
    with attempt.store.reading() as session:
        found = replays.documents(session, attempt.source.id)
    kept = (one for one in found if attempt.files.path(one.raw.sha256).exists())
    return StoredSource([StoredDocument(one.local_id, one.hint, one.raw.declared, _reader(attempt.files, one.raw)) for one in kept])


def note_replayed(attempt: Attempt) -> None:
    """All that could be read again was, so none of it calls for a replay any more."""
    with attempt.store.transaction() as tx:
        replays.mark_as_read(tx.session, attempt.source.id)


def _reader(files: Files, raw: Raw) -> Callable[[], Content]:
    return lambda: Content(
        files.get(raw.sha256), media_type=raw.media_type, charset=raw.charset, url=raw.url, status=raw.status, etag=raw.etag,
        last_modified=raw.last_modified, locator=raw.locator,
    )
