"""What one value of a submitted document becomes in the canonical record; what does not fit raises NotHere, or is carried."""

from __future__ import annotations

import re
from typing import Final

from schemas.enumerations import match, split_by_longest
from schemas.reader import Convert, NotHere, Reading, Value
from schemas.rules.codes import is_place

ISO_DATE: Final = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)


def one_text(reading: Reading, source: str, value: Value) -> str | None:
    """A text; a list of one text is that text."""
    if isinstance(value, list):
        members = [member for member in value if member is not None and member != ""]
        if len(members) > 1:
            raise NotHere("Several values stand where one is due.", kind="ambiguous")
        if not members:
            return None
        reading.note("reshaped", source, value, "A list of one value was read as that value.")
        value = members[0]
    if not isinstance(value, str):
        raise NotHere("A text is due here.")
    return value if value.strip() else None


def whole_number(_: Reading, __: str, value: Value) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotHere("A whole number is due here; the text or other value is not converted.")
    return value


def date(reading: Reading, source: str, value: Value) -> str | None:
    text = one_text(reading, source, value)
    if text is not None and not ISO_DATE.fullmatch(text):
        raise NotHere("Not a date of the form 2024-12-31; it is not interpreted.", rule="T22")
    return text


def end_date(reading: Reading, source: str, value: Value) -> str | None:
    text = one_text(reading, source, value)
    return text if text == "CONTINUOUS" else date(reading, source, value)


def one_of_list(allowed: tuple[str, ...], also: dict[str, str] | None = None) -> Convert:
    """One value of a closed list."""

    def convert(reading: Reading, source: str, value: Value) -> str | None:
        text = one_text(reading, source, value)
        if text is None:
            return None
        found = match(text, allowed, also)
        if found is None:
            raise NotHere("The list of values does not know it.", rule="3.3")
        _note_renamed(reading, source, text, found)
        return found

    return convert


def some_of_list(allowed: tuple[str, ...], also: dict[str, str] | None = None) -> Convert:
    """Values of a closed list, given as a list or as comma text. What the list does not know is carried."""

    def convert(reading: Reading, source: str, value: Value) -> list[str] | None:
        members = value if isinstance(value, list) else [value]
        found: list[str] = []
        for number, member in enumerate(members):
            if member is None or member == "":
                continue
            place = f"{source}.{number}" if isinstance(value, list) else source
            found += _matched(reading, place, member, allowed, also)
        if isinstance(value, str) and found:
            reading.note("split" if len(found) > 1 else "reshaped", source, value, "Comma text was read as a list.", rule="T24")
        if not found and value != []:
            return None
        return list(dict.fromkeys(found))

    return convert


def _matched(
    reading: Reading, place: str, member: Value, allowed: tuple[str, ...], also: dict[str, str] | None
) -> list[str]:
    if not isinstance(member, str):
        reading.carry(place, member, "A text is due here.")
        return []
    found, rest = split_by_longest(member, allowed, also)
    for part in rest:
        reading.carry(place, part, "The list of values does not know it.", rule="3.3")
    for value in found if len(found) == 1 else ():
        _note_renamed(reading, place, member, value)
    return found


def _note_renamed(reading: Reading, source: str, before: str, after: str) -> None:
    if before.casefold() != after.casefold():
        reading.note("narrowed", source, before, f"Read as {after!r}.")


def texts(reading: Reading, source: str, value: Value) -> list[str] | None:
    """A list of texts; a single text is a list of one. Nothing is split."""
    members = value if isinstance(value, list) else [value]
    kept: list[str] = []
    for number, member in enumerate(members):
        if isinstance(member, str) and member.strip():
            kept.append(member)
        elif member is not None and member != "":
            place = f"{source}.{number}" if isinstance(value, list) else source
            reading.carry(place, member, "A text is due here.")
    if not isinstance(value, list) and kept:
        reading.note("reshaped", source, value, "A text was read as a list of one.")
    return kept if kept or value == [] else None


def split_texts(reading: Reading, source: str, value: Value) -> list[str] | None:
    """As :func:`texts`, and comma text is split: keywords, formats, languages, country codes."""
    if not isinstance(value, str):
        return texts(reading, source, value)
    parts = [part.strip() for part in re.split(r";,;|,", value) if part.strip()]
    if len(parts) > 1:
        reading.note("split", source, value, "Comma text was split at its commas.")
        return parts
    return texts(reading, source, value)


def places(reading: Reading, source: str, value: Value) -> list[str] | None:
    """Names and codes of places. Comma text is split only where every part is a known one; else it is one description."""
    if not isinstance(value, str) or ";,;" in value or is_place(value):
        return gateway_texts(reading, source, value)
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if len(parts) > 1 and all(map(is_place, parts)):
        reading.note("split", source, value, "Every part between the commas is the name or code of a place.")
        return parts
    return texts(reading, source, value)


def gateway_texts(reading: Reading, source: str, value: Value) -> list[str] | None:
    """Texts that may be glued by ``;,;``."""
    if isinstance(value, str) and ";,;" in value:
        reading.note("split", source, value, "Text was split at its delimiters.", rule="T5")
        return [part.strip() for part in value.split(";,;") if part.strip()] or None
    return texts(reading, source, value)


def addresses(reading: Reading, source: str, value: Value) -> list[str] | None:
    """A list of addresses; text that is nothing but several addresses is split where the next scheme begins."""
    if isinstance(value, str) and ";,;" not in value:
        parts = [part.strip(" ,;\n\t") for part in re.split(r"[,;\s]+(?=https?://)", value)]
        if len(parts) > 1 and all(_is_address(part) for part in parts):
            reading.note("split", source, value, "Addresses were split where the next one begins.")
            return parts
    return gateway_texts(reading, source, value)


def _is_address(text: str) -> bool:
    """One address and nothing beside it; a sentence that holds addresses is none."""
    return text.startswith(("http://", "https://")) and len(text.split(None, 1)) == 1
