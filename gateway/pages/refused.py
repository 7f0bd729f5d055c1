"""What a refused document would have changed: read again from what was kept."""

from __future__ import annotations

from typing import Any, Final

from frontend.views.dataset import Change
from gateway.models import Raw, Version
from harvesters.pipeline import Outcome, outcomes
from harvesters.source import Content
from harvesters.stored import NothingHeld, StoredDocument, StoredSource
from schemas.difference import differences
from schemas.words import field_name

CHANGES_SHOWN: Final = 50
LONGEST_VALUE: Final = 300


def refused_changes(good: Version | None, raw: Raw | None, body: bytes | None, local_id: str) -> tuple[Change, ...]:
    """The last good version against what was refused, field by field; nothing where one of both is not there."""
    if good is None or raw is None or body is None:
        return ()
    content = Content(body, media_type=raw.media_type, charset=raw.charset, url=raw.url, locator=raw.locator)
    source = StoredSource([StoredDocument(local_id, None, raw.declared, lambda: content)])
    found = outcomes(source, NothingHeld(), custodian_known=True, wanted="audit", today=raw.fetched_at.date())
    refused = next((one.record for one in found if isinstance(one, Outcome)), None)
    if refused is None:
        return ()
    told = zip(differences(good.canonical, refused.as_json()), range(CHANGES_SHOWN), strict=False)
    return tuple(Change(field_name(one.path), _text(one.before), _text(one.after)) for one, _ in told)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
