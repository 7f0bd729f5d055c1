"""Plain text in UTF-8. It may describe data; it is no place for records of people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from gateway.access.bank.identifiers import holds_rows, warnings
from harvesters.parsing.document import Document, Unparsable, Value

_MARKUP: Final = re.compile(r"\s*(?:<[!?a-z]|\{\\rtf|%!ps|#!)", re.IGNORECASE)


def inspect(document: Document) -> Iterator[Value]:
    try:
        text = document.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unparsable("wrong-kind", "This is no plain text in UTF-8. Save it as text in UTF-8.") from None
    if any(unicodedata.category(sign) == "Cc" and sign not in "\n\r\t\f" for sign in set(text)):
        raise Unparsable("wrong-kind", "This is no plain text: it holds signs that text does not have.")
    if not text.strip():
        raise Unparsable("empty", "The file is empty.")
    if _MARKUP.match(text):
        raise Unparsable("wrong-kind", "This is a web page, a program or another kind of document under the name of a text.")
    if holds_rows(text.replace("\r\n", "\n").replace("\r", "\n")):
        raise Unparsable("rows", "This looks like rows of data. Describe the data in words; never send records of people.")
    yield {"warnings": list(warnings(text))}
