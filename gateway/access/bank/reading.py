"""An answer as it will be kept, made of what somebody typed: Unicode NFC, no control characters, within the question's limits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from gateway.access.addresses import is_address
from gateway.access.bank.identifiers import holds_rows, warnings
from gateway.access.bank.questions import Column, Question, Type

MAX_CHARACTERS: Final = 300
MAX_LONG: Final = 10_000
MAX_ROWS: Final = 100
_DIRECTION_MARKS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[./ -](\d{1,2})[./ -](\d{4})")
_ORCID: Final = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")


class Unanswerable(ValueError):
    """What was typed is no answer to the question; the text says what to type."""


def read(question: Question, typed: object) -> Any:
    """The answer; None where nothing was typed. Raises :class:`Unanswerable`.

    ``typed`` is text, a list of texts, or rows of named texts, as the question's type wants it. Rows without any text are left out.
    """
    if typed is None or typed in ("", [], {}):
        return None
    if question.is_rows:
        return _rows(question, typed)
    if question.columns:
        return _row(question.columns, typed) or None
    return _READERS[question.type](question, typed)


def suspicions(question: Question, answer: Any) -> tuple[str, ...]:
    """What in a free text may identify a patient."""
    if question.names_people or question.type not in ("text", "long", "list"):
        return ()
    texts = answer if isinstance(answer, list) else [answer]
    plain = "\n".join(" ".join(map(str, one.values())) if isinstance(one, Mapping) else str(one) for one in texts)
    return warnings(plain)


def word_count(text: str) -> int:
    return len(text.split())


def clean(text: object, *, one_line: bool, limit: int) -> str:
    if not isinstance(text, str):
        raise Unanswerable("Type it as text.")
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if any(_is_control(sign) and not (sign in "\n\t" and not one_line) for sign in plain):
        raise Unanswerable("It holds characters that cannot be shown. Type it again without them." if not one_line or "\n" not in plain else "Keep it on one line.")
    if len(plain) > limit:
        raise Unanswerable(f"Use {limit:,} characters or fewer. You have {len(plain):,}.")
    return plain


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or sign in _DIRECTION_MARKS


def _text(question: Question, typed: object) -> str | None:
    return clean(typed, one_line=True, limit=question.characters or MAX_CHARACTERS) or None


def _long(question: Question, typed: object) -> str | None:
    text = clean(typed, one_line=False, limit=MAX_LONG)
    if question.words is not None and word_count(text) > question.words:
        raise Unanswerable(f"Use {question.words:,} words or fewer. You have {word_count(text):,}.")
    if holds_rows(text):
        raise Unanswerable("This looks like rows of data. Describe the data in words; never put records of people here.")
    return text or None


def _choice(question: Question, typed: object) -> str:
    if not isinstance(typed, str) or typed not in question.choices:
        raise Unanswerable("Choose one of the answers.")
    return typed


def _multi(question: Question, typed: object) -> list[str] | None:
    found = [typed] if isinstance(typed, str) else typed
    if not isinstance(found, list) or any(one not in question.choices for one in found):
        raise Unanswerable("Choose from the answers.")
    return [one for one in question.choices if one in found] or None


def day(typed: object) -> str:
    """ISO 8601, from that or from day, month and year. Raises :class:`Unanswerable`."""
    text = typed.strip() if isinstance(typed, str) else ""
    if (found := _DAY_FIRST.fullmatch(text)) is not None:
        text = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Unanswerable("Give a date as year, month and day: 2027-12-31.") from None


def _period(_: Question, typed: object) -> dict[str, str] | None:
    if not isinstance(typed, Mapping):
        raise Unanswerable("Give a beginning and an end.")
    ends = {name: str(typed.get(name) or "").strip() for name in ("from", "to")}
    if not any(ends.values()):
        return None
    if not ends["from"]:
        raise Unanswerable("Say when it begins.")
    found = {name: text if _YEAR.fullmatch(text) else day(text) for name, text in ends.items() if text}
    if "to" in found and found["to"] < found["from"][: len(found["to"])]:
        raise Unanswerable("It ends before it begins.")
    return found


def _number(_: Question, typed: object) -> int:
    text = str(typed).strip().replace(",", "")
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise Unanswerable("Give a whole number.")
    return int(text)


def _email(_: Question, typed: object) -> str | None:
    text = clean(typed, one_line=True, limit=MAX_CHARACTERS)
    if text and not is_address(text):
        raise Unanswerable("Enter an e-mail address in the form name@organisation.ac.uk.")
    return text or None


def _orcid(_: Question, typed: object) -> str:
    found = _ORCID.fullmatch(typed.strip()) if isinstance(typed, str) else None
    if found is None or not _has_check_digit(found[1].replace("-", "")):
        raise Unanswerable("Give the sixteen digits of an ORCID iD, as 0000-0002-1825-0097.")
    return found[1]


def _has_check_digit(digits: str) -> bool:
    """ISO 7064 MOD 11-2."""
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return digits[-1] == "0123456789X"[(12 - total % 11) % 11]


def _lines(_: Question, typed: object) -> list[str] | None:
    """Of a list without columns: one entry on each line."""
    lines = typed.splitlines() if isinstance(typed, str) else typed
    if not isinstance(lines, list) or len(lines) > MAX_ROWS:
        raise Unanswerable(f"Give at most {MAX_ROWS} lines.")
    return [line for one in lines if (line := clean(one, one_line=True, limit=MAX_CHARACTERS))] or None


def _tick(_: Question, typed: object) -> str:
    if typed != "yes":
        raise Unanswerable("Tick the box, or leave it.")
    return "yes"


def _files(_: Question, typed: object) -> list[str]:
    """Ids of files that are attached to the request."""
    found = [typed] if isinstance(typed, str) else typed
    if not isinstance(found, list) or any(not isinstance(one, str) for one in found):
        raise Unanswerable("Attach a file.")
    return found


def _rows(question: Question, typed: object) -> list[dict[str, str]] | None:
    if typed == "none":
        if question.none_words:
            return []
        raise Unanswerable("Give at least one.")
    if not isinstance(typed, list) or len(typed) > MAX_ROWS:
        raise Unanswerable(f"Give at most {MAX_ROWS} rows.")
    found = []
    for number, row in enumerate(typed, 1):
        try:
            if kept := _row(question.columns, row):
                found.append(kept)
        except Unanswerable as error:
            raise Unanswerable(f"Row {number}: {error}") from None
    return found or None


def _row(columns: tuple[Column, ...], typed: object) -> dict[str, str]:
    if not isinstance(typed, Mapping):
        raise Unanswerable("Fill in the fields.")
    cells = {column.name: cell for column in columns if (cell := _cell(column, typed.get(column.name) or ""))}
    if cells:
        for column in columns:
            if column.is_required and column.name not in cells:
                raise Unanswerable(f"{column.label} is missing.")
    return cells


def _cell(column: Column, typed: object) -> str:
    text = clean(typed, one_line=True, limit=column.characters)
    if not text:
        return ""
    if column.choices and text not in column.choices:
        raise Unanswerable(f"{column.label}: choose one of the answers.")
    if column.kind == "date":
        return day(text)
    if column.kind == "email" and not is_address(text):
        raise Unanswerable(f"{column.label}: enter it in the form name@organisation.ac.uk.")
    return text


_READERS: Final[Mapping[Type, Callable[[Question, object], Any]]] = {
    "text": _text, "long": _long, "choice": _choice, "multi": _multi, "yes_no": _choice, "date": lambda _, typed: day(typed), "period": _period,
    "number": _number, "email": _email, "orcid": _orcid, "country": _text, "countries": _lines, "file": _files, "files": _files, "list": _lines,
    "tick": _tick,
}
