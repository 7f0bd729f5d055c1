"""Codes of diseases that are typed instead of their names, and what they mean. The codes themselves stand in codes.txt, edited by people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("codes.txt")
ICD_10: Final = "ICD-10"
_COLUMNS: Final = 4
_PART: Final = re.compile(r"([A-Z]\d\d)\d{1,2}")
"""A code of ICD-10 below one of three characters, without its dot."""
_PARTS: Final = (*"0123456789",)


@dataclass(frozen=True, slots=True)
class Code:
    """``words`` are searched beside the code itself."""

    system: str
    code: str
    name: str
    words: tuple[str, ...]


@cache
def codes() -> dict[str, Code]:
    """By the code without its dot."""
    return {one.code.replace(".", ""): one for one in _read(FILE.read_text(encoding="utf-8").splitlines())}


def meant_by(word: str) -> Code | None:
    """What a typed word is as a code, in its own spelling; None where it is none of those known."""
    typed = word.upper().strip(",;")
    bare = typed.replace(".", "")
    if bare in codes():
        return codes()[bare]
    part = _PART.fullmatch(bare)
    of = codes().get(part[1]) if part else None
    return replace(of, code=typed) if of else None


def rules() -> Iterator[str]:
    """The codes as lines of a vocabulary: each also finds what it means."""
    for one in codes().values():
        yield f"{one.code} > {' = '.join(one.words)}"
        if one.system == ICD_10 and "." not in one.code:
            yield from (f"{one.code}.{digit} > {one.code} = {' = '.join(one.words)}" for digit in _PARTS)


def _read(lines: Iterable[str]) -> Iterator[Code]:
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        cells = [cell.strip() for cell in text.split("|")]
        if len(cells) != _COLUMNS or not all(cells[:3]):
            raise ValueError(f"Line {number} of the codes cannot be read: {text!r}. Write system | code | name | words.")
        system, code, name, words = cells
        yield Code(system, code, name, tuple(word.strip() for word in words.split(",") if word.strip()) or (name,))
