"""What a query means. Nothing typed is ever an error: what is not understood is plain text.

Words, ``"phrases"``, ``prefix*``, ``-excluded``, ``+required``, ``AND`` ``OR`` ``NOT`` in capitals, parentheses and
``field:value``. Words side by side are wished for, not demanded; where AND or OR is used, they are demanded, and taken as they
stand (other words for them are not looked for). Parentheses without an operator are punctuation, as in titles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from search.language import parts_of
from search.query_fields import DATASETS, Language

LONGEST: Final = 1000
DEEPEST: Final = 12
MOST_WORDS: Final = 48


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words side by side, as typed. ``all_needed`` demands each of them."""

    words: tuple[str, ...]
    all_needed: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prefix:
    word: str


@dataclass(frozen=True, slots=True)
class In:
    """A value looked for in one text field."""

    field: str
    node: Words | Phrase | Prefix


@dataclass(frozen=True, slots=True)
class Facet:
    """Documents with a value of the facet that holds all of the words."""

    facet: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    value: str


@dataclass(frozen=True, slots=True)
class Year:
    bound: str
    year: int


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class Required:
    node: Node


@dataclass(frozen=True, slots=True)
class Group:
    """``all`` demands each part, ``any`` one of them; ``loose`` wishes for them (Required and Not and filters excepted)."""

    kind: str
    parts: tuple[Node, ...]


Node = Words | Phrase | Prefix | In | Facet | Identifier | Year | Not | Required | Group
FILTERS: Final = (In, Facet, Identifier, Year)

_TOKEN: Final = re.compile(r'\s+|(?P<quote>["“”«»„])|(?P<open>\()|(?P<close>\))|(?P<word>[^\s"“”«»„()]+)')
_CLOSING: Final = re.compile(r'["“”«»„]')
_FIELDED: Final = re.compile(r"([A-Za-z]+):(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    signs: str = ""
    name: str = ""


def parse(text: str, language: Language = DATASETS) -> Group:
    """The meaning of a typed query. An empty one gives a group without parts."""
    tokens = _tokens(text[:LONGEST], language)
    is_strict = any(token.kind in ("and", "or") for token in tokens)
    node = _Parser(tokens, language, is_strict=is_strict).disjunction()
    return node if isinstance(node, Group) else Group("all" if is_strict else "loose", (node,) if node else ())


def plain_words(node: Node) -> list[str]:
    """The plain words of a query, in order: those that may be misspelt."""
    if isinstance(node, Words):
        return list(node.words)
    if isinstance(node, Required):
        return plain_words(node.node)
    if isinstance(node, Group):
        return [word for part in node.parts for word in plain_words(part)]
    return []


def _tokens(text: str, language: Language) -> list[_Token]:
    found: list[_Token] = []
    position = words = 0
    signs = name = ""
    while position < len(text) and words < MOST_WORDS:
        match = _TOKEN.match(text, position)
        assert match, "every character is part of a token"
        position = match.end()
        if match["quote"]:
            end = _CLOSING.search(text, position)
            if end is None:
                continue
            found.append(_Token("phrase", text[position : end.start()], signs, name))
            words += len(found[-1].text.split())
            position = end.end()
        elif match["open"] or match["close"]:
            found.append(_Token("open" if match["open"] else "close", match[0], signs))
        elif match["word"]:
            adjoins = position < len(text) and _CLOSING.match(text, position) is not None
            signs, name, rest = _word(match["word"], language, before_quote=adjoins)
            if not rest:
                continue
            found.append(_Token(_kind(rest, signs, name), rest, signs, name))
            words += 1
        signs = name = ""
    return _paired(found)


def _word(text: str, language: Language, *, before_quote: bool) -> tuple[str, str, str]:
    """(signs, field name, rest). The rest is empty where signs and name belong to the phrase or parenthesis that follows."""
    sign = text[0] if text[0] in "+-−" and len(text) > 1 else ""
    if text in ("+", "-", "−"):
        return ("-" if before_quote and text != "+" else ""), "", "" if before_quote else text
    body = text[len(sign) :]
    fielded = _FIELDED.fullmatch(body)
    name = fielded[1].lower() if fielded else ""
    if fielded and name in language.names and (fielded[2] or before_quote):
        return ("-" if sign == "−" else sign), name, fielded[2]
    return ("-" if sign == "−" else sign), "", body


def _kind(text: str, signs: str, name: str) -> str:
    return {"AND": "and", "OR": "or", "NOT": "not"}.get(text, "word") if not signs and not name else "word"


def _paired(tokens: list[_Token]) -> list[_Token]:
    """Without parentheses that join nothing, have no partner or stand too deep."""
    is_used = any(token.kind in ("and", "or", "not") or (token.kind == "open" and token.signs) for token in tokens)
    if not is_used:
        return [token for token in tokens if token.kind not in ("open", "close")]
    waiting: list[int] = []
    partnered: set[int] = set()
    for place, token in enumerate(tokens):
        if token.kind == "open":
            waiting.append(place)
        elif token.kind == "close" and waiting:
            start = waiting.pop()
            if len(waiting) < DEEPEST:
                partnered |= {start, place}
    return [token for place, token in enumerate(tokens) if token.kind not in ("open", "close") or place in partnered]


@dataclass(slots=True)
class _Parser:
    tokens: list[_Token]
    language: Language
    is_strict: bool
    place: int = field(default=0)

    def disjunction(self) -> Node | None:
        parts = [self.conjunction()]
        while self._peek() == "or":
            self.place += 1
            parts.append(self.conjunction())
        found = tuple(part for part in parts if part)
        if len(found) < 2:
            return found[0] if found else None
        return Group("any", found)

    def conjunction(self) -> Node | None:
        parts: list[Node] = []
        while self._peek() not in ("", "or", "close"):
            if self._peek() == "and":
                self.place += 1
                continue
            part = self.operand()
            if part:
                parts.append(part)
        return _gathered(parts, is_strict=self.is_strict)

    def operand(self) -> Node | None:
        token = self.tokens[self.place]
        self.place += 1
        if token.kind == "not":
            following = self._peek()
            if following in ("", "or", "close", "and", "not"):
                return None
            inner = self.operand()
            return Not(inner) if inner and not isinstance(inner, Not) else inner
        if token.kind == "open":
            inner = self.disjunction()
            self.place += 1
            return _signed(inner, token.signs)
        return _signed(_leaf(token, self.language), token.signs)

    def _peek(self) -> str:
        return self.tokens[self.place].kind if self.place < len(self.tokens) else ""


def _signed(node: Node | None, signs: str) -> Node | None:
    if node is None or not signs:
        return node
    return Not(node) if signs == "-" else Required(node)


def _leaf(token: _Token, language: Language) -> Node | None:
    if token.name in language.years:
        text = token.text.strip()
        return Year(language.years[token.name], int(text)) if re.fullmatch(r"[0-9]{4}", text) else _text(token)
    if token.name in language.identifiers:
        return Identifier(token.text)
    if token.name in language.facet_fields:
        words = tuple(parts_of(token.text))
        return Facet(language.facet_fields[token.name], words) if words else None
    inner = _text(token)
    return In(language.text_fields[token.name], inner) if inner and token.name else inner


def _text(token: _Token) -> Words | Phrase | Prefix | None:
    if not parts_of(token.text):
        return None
    if token.kind == "phrase":
        return Phrase(tuple(token.text.split()))
    stem = token.text.rstrip("*")
    if stem != token.text and len(parts_of(stem)) == 1 and len(stem) > 1:
        return Prefix(parts_of(stem)[0])
    return Words((token.text,))


def _gathered(parts: list[Node], *, is_strict: bool) -> Node | None:
    """The plain words become one run of words."""
    words = tuple(word for part in parts if isinstance(part, Words) for word in part.words)
    found: list[Node] = [Words(words, is_strict)] if words else []
    found += [part for part in parts if not isinstance(part, Words)]
    if len(found) == 1:
        return found[0]
    return Group("all" if is_strict else "loose", tuple(found)) if found else None
