"""What a request says the dataset must be like (RFC 9110, section 13): strong tags over the content hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import PreconditionFailed
from gateway.models import Record
from gateway.store.records import VISIBLE
from schemas.difference import differences

LONGEST_DIFF: Final = 200


def tag(content_hash: str | None) -> str | None:
    return f'"{content_hash}"' if content_hash else None


def tag_of(record: Record | None) -> str | None:
    """The entity tag of what is shown of a record now; None where nothing is."""
    return tag(record.content_hash) if record is not None and record.state in VISIBLE else None


@dataclass(frozen=True, slots=True)
class Preconditions:
    """``if_match`` holds tags as sent, ``("*",)`` for any; None where the header is absent."""

    if_match: tuple[str, ...] | None = None
    must_be_new: bool = False

    def check(self, record: Record | None, current: Mapping[str, Any] | None, sent: Mapping[str, Any] | None) -> None:
        """Raises :class:`PreconditionFailed` with the current tag and how what is held differs from what was sent."""
        now = tag_of(record)
        if self.must_be_new and now is not None:
            raise PreconditionFailed(
                "The dataset exists already.", hint="Leave If-None-Match out, or name the state to replace in If-Match.",
                extra=_told(now, current, sent),
            )
        if self.if_match is None or (now is not None and (now in self.if_match or self.if_match == ("*",))):
            return
        said = "It was changed since: the state you name is not the current one." if now else "There is no such dataset any more, or not yet."
        raise PreconditionFailed(said, hint="Read it again, merge, and send it with the new ETag.", extra=_told(now, current, sent))


def read_preconditions(if_match: str | None, if_none_match: str | None) -> Preconditions:
    tags = tuple(one.strip() for one in if_match.split(",")) if if_match is not None else None
    return Preconditions(tags, (if_none_match or "").strip() == "*")


def field_diff(current: Mapping[str, Any] | None, sent: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    changes = differences(current or {}, sent or {})
    return [{"path": one.path, "current": one.before, "sent": one.after} for one, _ in zip(changes, range(LONGEST_DIFF), strict=False)]


def _told(now: str | None, current: Mapping[str, Any] | None, sent: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"etag": now, "diff": field_diff(current, sent) if sent is not None and now is not None else []}
