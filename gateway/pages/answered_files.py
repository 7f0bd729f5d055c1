"""Files of a request that was sent, as its pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from frontend.views.requests import AnsweredFile
from gateway.access.files import PartFile
from gateway.uploads.keeping import FileRules

GONE: Final = "It is no longer kept."


def answered_files(found: Iterable[PartFile], rules: FileRules, *, base: str | None) -> dict[str, tuple[AnsweredFile, ...]]:
    """By key of the question. ``base`` as for :func:`answered_file`."""
    shown: dict[str, tuple[AnsweredFile, ...]] = {}
    for one in found:
        shown[one.question] = (*shown.get(one.question, ()), answered_file(one, rules, base=base))
    return shown


def answered_file(one: PartFile, rules: FileRules, *, base: str | None) -> AnsweredFile:
    """``base`` is the address that a file's id is put behind, None where nobody may open it."""
    told = "" if rules.allow(one.state) else GONE if one.state == "gone" else rules.words(one.state)
    return AnsweredFile(name=one.name, size_bytes=one.size_bytes, href=f"{base}/{one.id}" if base and not told else None, told=told)
