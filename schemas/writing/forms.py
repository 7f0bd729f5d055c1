"""How a source wrote what a writer would write otherwise: comma text, null, an older spelling, a list of one.

Beside the record and the carried values this is all that is needed to give a document back in its own version exactly.
A form holds as long as its value in the record is the one that was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from schemas.reader import is_index

Value = Any


class _Absent:
    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Form:
    """``path`` is a JSON Pointer into the document; ``written`` is what the writer makes of the record there, ``original``
    what stood there. ``ABSENT`` where nothing stands.
    """

    path: str
    written: Value
    original: Value


def forms_of(written: Mapping[str, Any], original: Mapping[str, Any]) -> tuple[Form, ...]:
    """Every place where a document as written from the record is not the one that was read."""
    return tuple(_differing(written, original, ""))


def apply_forms(document: dict[str, Any], forms: Sequence[Form]) -> dict[str, Any]:
    """The document in its source's own forms, wherever the writer still says what it said when they were noted."""
    for form in forms:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in form.path.split("/")[1:]]
        document = _replaced(document, steps, form)
    return document


def _differing(written: Value, original: Value, path: str) -> Iterator[Form]:
    if isinstance(written, Mapping) and isinstance(original, Mapping):
        for name in [*original, *(name for name in written if name not in original)]:
            step = name.replace("~", "~0").replace("/", "~1")
            yield from _differing(written.get(name, ABSENT), original.get(name, ABSENT), f"{path}/{step}")
    elif isinstance(written, list) and isinstance(original, list) and len(written) == len(original):
        for number, (ours, theirs) in enumerate(zip(written, original, strict=True)):
            yield from _differing(ours, theirs, f"{path}/{number}")
    elif not _is_equal(written, original):
        yield Form(path, written, original)


def _replaced(value: Value, steps: list[str], form: Form) -> Value:
    if not steps:
        return form.original if _is_equal(value, form.written) else value
    head, tail = steps[0], steps[1:]
    if isinstance(value, dict):
        inner = _replaced(value.get(head, ABSENT), tail, form)
        return {name: one for name, one in {**value, head: inner}.items() if one is not ABSENT}
    if isinstance(value, list) and is_index(head) and int(head) < len(value):
        return [_replaced(one, tail, form) if number == int(head) else one for number, one in enumerate(value)]
    return value


def _is_equal(one: Value, other: Value) -> bool:
    """JSON equality: 1 is not true."""
    return bool(one == other) and repr(one) == repr(other) if isinstance(one, int | float | bool) else bool(one == other)
