"""A long list of descriptions in one JSON document -> its elements, one after another, without the whole in memory.

Of an object, the list is the first of the members that may hold one. A document without a list gives one value that says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final

import ijson
from ijson.common import IncompleteJSONError, JSONError

from harvesters.parsing.document import Document, Unparsable, Value

BOM: Final = b"\xef\xbb\xbf"
DEPTH: Final = 64


def elements(document: Document, *, members: Sequence[str]) -> Iterator[Value]:
    """``{"element": …}`` for each, in order; ``{"is_list": False}`` for a document that is no list of descriptions.

    Raises :class:`Unparsable` (bad-json, too-deep).
    """
    try:
        with document.open() as opened:
            prefix = _place(_after_mark(opened), members)
        if prefix is None:
            yield {"is_list": False}
            return
        with document.open() as opened:
            for element in ijson.items(_after_mark(opened), prefix, use_float=True):
                yield {"element": element}
    except (IncompleteJSONError, JSONError, UnicodeDecodeError) as problem:
        raise Unparsable("bad-json", f"The file is not valid JSON ({_first_line(problem)}).") from None


def _place(opened: BinaryIO, members: Sequence[str]) -> str | None:
    """Where the elements stand, in the terms of the reader."""
    depth = 0
    for prefix, event, _ in ijson.parse(opened, use_float=True):
        if event == "start_array" and (prefix == "" or prefix in members):
            return f"{prefix}.item" if prefix else "item"
        depth += {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}.get(event, 0)
        if depth > DEPTH:
            raise Unparsable("too-deep", "The file is nested too deeply.")
    return None


def _after_mark(opened: BinaryIO) -> BinaryIO:
    if opened.read(len(BOM)) != BOM:
        opened.seek(0)
    return opened


def _first_line(problem: Any) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:200]
