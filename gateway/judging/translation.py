"""Descriptions from one published version into another, with a report of everything chosen, lost or missing on the way."""

from __future__ import annotations

from gateway.errors import BadRequest, NotFound, Unprocessable
from harvesters.document_values import opened
from harvesters.source import Content
from schemas.document import Unreadable
from schemas.writing import WRITERS, NotConforming, Written, translate


def target_named(name: str) -> str:
    """``4.0.0`` and ``hdruk 4.0.0`` are HDRUK 4.0.0. Raises :class:`NotFound` naming what can be written."""
    wanted = name.strip().upper().replace("-", " ")
    for target in WRITERS:
        if wanted in (target.upper(), target.upper().removeprefix("HDRUK ")):
            return target
    raise NotFound(f"Descriptions cannot be written as {name!r}.", hint=f"Choose one of {', '.join(WRITERS)}.")


def translated(body: bytes, target: str, *, is_strict: bool = False) -> Written:
    """A document's bytes in the shape ``target``.

    Raises :class:`NotFound` for an unknown target, :class:`BadRequest` for what is no record, and in the strict way
    :class:`Unprocessable` where the result would not conform, with every reason.
    """
    name = target_named(target)
    try:
        return translate(opened(Content(body)).value, name, mode="strict" if is_strict else "faithful")
    except Unreadable as error:
        raise BadRequest(error.message, hint=error.hint) from error
    except NotConforming as error:
        fields = {entry.to_path or entry.from_path or "/": entry.message for entry in error.entries}
        raise Unprocessable(str(error), hint="Leave strict out to get it all the same, with what is wrong.", fields=fields) from error
