"""How words are made comparable, the same for documents and queries, whatever the engine.

Hyphens, slashes and ampersands separate words; what they joined is also one word (``COVID-19`` gives ``covid``, ``19`` and
``covid19``), so that the hyphenated, the spaced and the joined spelling find each other.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import Final

ANALYSIS_VERSION: Final = 3
"""Raise it whenever this module changes what is indexed: indexes made before are then rebuilt."""
PYTHON_WORD: Final = re.compile(r"[^\W_]+")
"""A run of letters and digits; the engine's tokenizer (search/analysis.py) takes words apart alike."""
_STOP_WORDS: Final = (
    "a about all an and any are as at be been being between but by can could do does for from had has have how i in into is it "
    "its may me my of on or our should so some such than that the their them then there these they this those to us was we "
    "were what when where which while who whose will with within would you your"
)
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
"""Words that say nothing about a subject. They are left out of a query unless it has no other words."""
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
_NO_PART_OF_WORDS: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]")
"""Invisible characters, and accents that Unicode has no letter for: both would part a word in two."""
_APOSTROPHE: Final = re.compile(r"['’ʼ`]\b(?<=\w.)")
_JOINER: Final = re.compile(r"[-‐‑–/&.]")
_COMPOUND: Final = re.compile(r"[^\W_]+(?:[-‐‑–/&.][^\W_]+){1,4}")
_CODE: Final = re.compile(r"[A-Za-z][0-9]{2}\.[0-9]{1,2}")
"""A code of a disease, such as E11.9, which is written E119 too."""
_NAME_LENGTH: Final = 200
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=[A-Za-z])(?=\d{2})")
_RUN_TOGETHER: Final = re.compile(r"\b[A-Z]?[a-z]{2,}[A-Z][A-Za-z]*\b")
"""Names written as one word with inner capitals, such as LinkedCare or CareUK; their parts are words too."""
_LETTERS_DIGITS: Final = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_JOINED_AT_MOST: Final = 30


def typed_text(text: str, longest: int) -> str:
    """What was typed, without halves of characters, which no index takes, and no longer than so many characters."""
    return text[:longest].encode("utf-8", "ignore").decode()


def plain_text(text: str) -> str:
    """Text without HTML mark-up, entities decoded (twice, as they occur doubly escaped) and blanks collapsed."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub(" ", text)
    return " ".join(text.split())


def normalise(text: str) -> str:
    """Unicode NFKC, without invisible characters, loose accents and inner apostrophes. Case and accents are left to :func:`fold`."""
    if not text.isascii():
        text = _NO_PART_OF_WORDS.sub("", unicodedata.normalize("NFKC", text))
    return _APOSTROPHE.sub("", text) if "'" in text or not text.isascii() else text


def fold(text: str) -> str:
    """Lower case without accents."""
    text = normalise(text)
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", "".join(part for part in parts if not unicodedata.combining(part)))


def title_key(text: str) -> str:
    """A title as nothing but its folded words: equal for titles that differ in case, accents, blanks and punctuation."""
    return " ".join(PYTHON_WORD.findall(fold(plain_text(text))))


def joined_words(text: str) -> list[str]:
    """What the compounds in a text are as one word: ``COVID-19 and A&E`` gives covid19 and ae."""
    found: dict[str, None] = {}
    end = 0
    for joiner in _JOINER.finditer(text):
        start = joiner.start()
        if start < end:
            continue
        while start > end and text[start - 1].isalnum():
            start -= 1
        compound = _COMPOUND.match(text, start)
        if compound:
            end = compound.end()
            found[_joined(compound[0]) or ""] = None
    found.pop("", None)
    return list(found)


def _joined(compound: str) -> str | None:
    parts = PYTHON_WORD.findall(compound)
    joined = "".join(parts)
    if len(joined) > _JOINED_AT_MOST or joined.isdigit():
        return None
    if "." in compound and any(len(part) > 1 for part in parts) and not _CODE.fullmatch(compound):
        return None
    if "/" in compound and any(len(part) > 3 for part in parts):
        return None
    return joined.lower()


def indexed_text(text: str) -> str:
    """What an engine analyses: the normalised text, and behind it the compounds as one word and run-together names in their parts."""
    return _indexed_short(text) if len(text) <= _NAME_LENGTH else _indexed(text)


def _indexed(text: str) -> str:
    text = normalise(text)
    joined = joined_words(text)
    if len(text) <= _NAME_LENGTH:
        joined += [_CAMEL.sub(" ", word) for word in dict.fromkeys(_RUN_TOGETHER.findall(text))]
    return f"{text} … {' '.join(joined)}" if joined else text


_indexed_short: Final = lru_cache(maxsize=4096)(_indexed)
"""Values of closed lists, places and keywords come again with every other record."""


def indexed_name(name: str) -> str:
    """A name of a column or table as words: ``smokingStatus_2019`` gives smoking, status and 2019."""
    return _CAMEL.sub(" ", normalise(name))


def parts_of(word: str) -> tuple[str, ...]:
    """The parts of one typed word: ``covid19`` and ``covid-19`` both give covid and 19."""
    found = PYTHON_WORD.findall(fold(word))
    return tuple(part for piece in found for part in _LETTERS_DIGITS.split(piece))


def words_of(text: str) -> list[str]:
    """Folded words in order, hyphens and the like separating."""
    return PYTHON_WORD.findall(fold(text))
