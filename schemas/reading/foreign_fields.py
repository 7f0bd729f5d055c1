"""Tables of fields for shapes of other catalogues: several names may stand for one field, and the first one stated is read."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.enumerations import FREQUENCY, FREQUENCY_ALSO, LANGUAGE, match
from schemas.linked_data.terms import EU, FREQUENCIES, language_code
from schemas.reader import Convert, NotHere, Reading, Value, excerpt, pointer
from schemas.reading.converters import date

ABSTRACT_LIMIT: Final = 500
ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.[0-9]{4,9}/\S+)", re.ASCII | re.IGNORECASE)
ADDRESS: Final = re.compile(r"https?://\S+", re.ASCII | re.IGNORECASE)
NAMES: Final = ("display_name", "title", "name", "value", "label", "text")
ISO_639_2: Final = {
    "eng": "en", "cym": "cy", "wel": "cy", "gle": "ga", "gla": "gd", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de",
    "nld": "nl", "dut": "nl", "spa": "es", "ita": "it", "por": "pt", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi",
    "pol": "pl", "jpn": "ja", "zho": "zh", "chi": "zh", "rus": "ru",
}  # fmt: skip
LANGUAGE_NAMES: Final = {"english": "en", "welsh": "cy", "french": "fr", "german": "de", "dutch": "nl", "spanish": "es"}
FREQUENCY_IRIS: Final = {address: name for name, address in FREQUENCIES.items()}


@dataclass(frozen=True, slots=True)
class Field:
    """``names`` are members of the foreign document, dotted where nested, in the order in which they are preferred."""

    target: str
    names: tuple[str, ...]
    convert: Convert


def apply(reading: Reading, table: Iterable[Field], places: Mapping[str, tuple[str, Value]] | None = None) -> None:
    """``places`` adds members that stand elsewhere in the document: name -> (dotted source, value)."""
    for field in table:
        for name in field.names if pointer(field.target) not in reading.paths else ():
            source, value = _stated(reading, name, places or {})
            if value in (None, "", [], {}):
                continue
            reading.put(field.target, source, value, field.convert)
            if pointer(field.target) in reading.paths:
                break


def _stated(reading: Reading, name: str, places: Mapping[str, tuple[str, Value]]) -> tuple[str, Value]:
    value = reading.value(name)
    if value in (None, "", [], {}) and name in places:
        return places[name]
    return name, value


# converters


def text_of(value: Value) -> str | None:
    """A text, or the name of an object that has one."""
    if isinstance(value, Mapping):
        value = next((value[name] for name in NAMES if isinstance(value.get(name), str) and value[name].strip()), None)
    return value.strip() if isinstance(value, str) and value.strip() else None


def decoded(reading: Reading, source: str, text: str) -> str:
    """Text whose characters were written as HTML entities, once or twice (``&amp;lt;``)."""
    found = text
    for _ in range(2):
        found = ENTITY.sub(lambda entity: html.unescape(entity.group()), found)
    if found != text:
        reading.note("reshaped", source, text, "Characters written as HTML entities were read as what they stand for.")
    return found


def plain_text(reading: Reading, source: str, value: Value) -> str:
    text = text_of(_only(value))
    if text is None:
        raise NotHere("A text is due here.")
    return decoded(reading, source, text)


def _only(value: Value) -> Value:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def version(reading: Reading, source: str, value: Value) -> str:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else plain_text(reading, source, value)


def plain_texts(reading: Reading, source: str, value: Value) -> list[str] | None:
    """Texts, or the names of objects, each once; what has none is carried."""
    found: list[str] = []
    members = value if isinstance(value, list) else [value]
    for number, member in enumerate(members):
        place = f"{source}.{number}" if isinstance(value, list) else source
        text = text_of(member)
        if text is not None:
            found.append(decoded(reading, place, text))
        elif member not in (None, "", {}) and not (isinstance(member, str) and not member.strip()):
            reading.carry(place, member, "A text is due here.")
    return list(dict.fromkeys(found)) or None


def split_plain_texts(reading: Reading, source: str, value: Value) -> list[str] | None:
    """As :func:`plain_texts`; a single text with commas or semicolons is split."""
    if isinstance(value, str) and re.search(r"[;,]", value):
        reading.note("split", source, value, "Text was split at its commas.")
        value = [part for part in re.split(r"\s*[;,]\s*", value) if part]
    return plain_texts(reading, source, value)


def doi(_: Reading, __: str, value: Value) -> str:
    found = DOI.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise NotHere("Only a DOI can stand here.")
    return found.group(1).lower()


def any_address(_: Reading, __: str, value: Value) -> list[str]:
    members = value if isinstance(value, list) else [value]
    found = [member.strip() for member in members if isinstance(member, str) and ADDRESS.fullmatch(member.strip())]
    if not found or len(found) < len(members):
        raise NotHere("Only web addresses can stand here.")
    return found


def languages(reading: Reading, source: str, value: Value) -> list[str] | None:
    """Two-letter codes, from codes, IRIs of code lists or names."""
    found: list[str] = []
    members = value if isinstance(value, list) else [value]
    for number, member in enumerate(members):
        code = _language(member)
        if code is None:
            reading.carry(f"{source}.{number}" if isinstance(value, list) else source, member, "No language is known by this.")
        else:
            found.append(code)
    return list(dict.fromkeys(found)) or None


def _language(member: Value) -> str | None:
    candidates = [member.get(name) for name in ("name", "display_name")] if isinstance(member, Mapping) else [member]
    for text in candidates:
        if isinstance(text, str):
            short = text.strip().lower()
            code = language_code(text.strip()) or ISO_639_2.get(short) or LANGUAGE_NAMES.get(short) or re.split(r"[-_]", short)[0]
            code = ISO_639_2.get(code, code)
            if code in LANGUAGE:
                return code
    return None


def frequency(_: Reading, __: str, value: Value) -> str:
    text = text_of(_only(value)) or ""
    member = value.get("name") if isinstance(value, Mapping) else text
    known = FREQUENCY_IRIS.get(str(member)) or FREQUENCY_IRIS.get(f"{EU}frequency/{text.upper()}")
    found = known or match(text, FREQUENCY, {**FREQUENCY_ALSO, "annually": "Annual", "yearly": "Annual", "never": "Static"})
    if found is None:
        raise NotHere("The list of values does not know it.")
    return found


def whole_number(_: Reading, __: str, value: Value) -> int:
    """A number, or digits in a text, with commas or not: these catalogues keep numbers as texts."""
    text = value.strip().replace(",", "") if isinstance(value, str) else ""
    if re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
        return int(text)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise NotHere("A whole number is due here.")


def day(reading: Reading, source: str, value: Value) -> str | None:
    return date(reading, source, text_of(value) or value)


# fields that differ in more than a name


def describe(reading: Reading, source: str, value: Value) -> None:
    """A description is the abstract where it is short enough; else its first paragraph is, marked as derived."""
    text = text_of(value)
    if text is None:
        if value not in (None, "", {}, []):
            reading.carry(source, value, "A text is due here.")
        return
    text = decoded(reading, source, text)
    if len(text) <= ABSTRACT_LIMIT:
        _set(reading, "summary.abstract", source, text)
        return
    _set(reading, "documentation.description", source, text)
    if "abstract" not in reading.canonical.get("summary", {}):
        _set(reading, "summary.abstract", source, first_paragraph(text))
        reading.note("narrowed", source, text, "The abstract was derived: the beginning of the description.")


def describe_all(reading: Reading, source: str, texts: list[str]) -> None:
    """The first text is the abstract, or its beginning is; where there is more to say, all together are the description."""
    said = [decoded(reading, source, text) for text in dict.fromkeys(texts)]
    if not said:
        return
    if len(said) > 1 or len(said[0]) > ABSTRACT_LIMIT:
        _set(reading, "documentation.description", source, "\n\n".join(said))
    _set(reading, "summary.abstract", source, first_paragraph(said[0]))
    if len(said[0]) > ABSTRACT_LIMIT:
        reading.note("narrowed", source, said[0], "The abstract was derived: the beginning of the description.")


def in_best_language(entries: Iterable[tuple[str, Value]]) -> list[tuple[str, str]]:
    """Texts with their places: British English first, English, no language, then as they came."""

    def rank(entry: tuple[str, Value]) -> int:
        given = entry[1].get("lang") if isinstance(entry[1], Mapping) else None
        language = given.lower() if isinstance(given, str) else ""
        return 0 if language == "en-gb" else 1 if language.split("-")[0] in ("en", "eng") else 2 if not language else 3

    found = [(place, text) for place, member in sorted(entries, key=rank) if (text := _text_or_name(member))]
    return list({text: (place, text) for place, text in reversed(found)}.values())[::-1]


def _text_or_name(member: Value) -> str | None:
    return text_of(member.get("text")) if isinstance(member, Mapping) and "text" in member else text_of(member)


def first_paragraph(text: str) -> str:
    """At most 500 characters, ending where a paragraph, a sentence or a word does."""
    start = re.split(r"\n\s*\n|\r\n\s*\r\n", text.strip(), maxsplit=1)[0].strip()
    if len(start) <= ABSTRACT_LIMIT:
        return start
    cut = start[: ABSTRACT_LIMIT - 1]
    sentence = max(cut.rfind(". "), cut.rfind(".\n"))
    return cut[: sentence + 1] if sentence > ABSTRACT_LIMIT // 3 else f"{cut.rpartition(' ')[0] or cut}…"


def _set(reading: Reading, target: str, source: str, value: Value) -> None:
    reading.put(target, source, value, lambda _, __, given: given)


def set_value(reading: Reading, target: str, source: str, value: Value) -> None:
    """Place a value that is of the right kind already, if there is one."""
    if value not in (None, "", [], {}):
        _set(reading, target, source, value)


def json_in(text: Any) -> Any:
    """The list or object that a text holds as JSON; anything else as it is."""
    if not isinstance(text, str) or text.strip()[:1] not in ("[", "{"):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def related(reading: Reading, target: str, source: str, found: list[dict[str, str]]) -> None:
    set_value(reading, target, source, [dict(pairs) for pairs in dict.fromkeys(tuple(one.items()) for one in found)])


def carry_member(reading: Reading, source: str, value: Value, message: str = "No field takes this.") -> None:
    if value not in (None, "", [], {}):
        reading.carry(source, value, message)


__all__ = [
    "ABSTRACT_LIMIT", "ADDRESS", "DOI", "Field", "any_address", "apply", "carry_member", "day", "decoded", "describe", "describe_all", "doi",
    "excerpt", "first_paragraph", "frequency", "in_best_language", "json_in", "languages", "plain_text", "plain_texts", "related", "set_value",
    "split_plain_texts", "text_of", "version", "whole_number",
]  # fmt: skip
