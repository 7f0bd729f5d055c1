"""Why a text is no JSON document: what stands where, and how to mend it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

HINTS: Final = (
    ("Expecting property name", "Remove a comma before a closing brace, and write names in double quotes."),
    ("Illegal trailing comma", "Remove the comma before the closing bracket."),
    ("Expecting ',' delimiter", "Look for a missing comma or bracket, or for a quotation mark within a text that lacks its backslash."),
    ("Expecting ':' delimiter", "Put a colon between a name and its value."),
    ("Expecting value", "Give a value: a text in double quotes, a number, true, false, null, a list or an object."),
    ("Extra data", "Something stands after the end of the record. Send one record; several belong into a list, or each into a line of its own (.jsonl)."),
    ("Unterminated string", "Close the quotation mark. If the text ends here, the document was cut off."),
    ("Invalid control character", "Write line breaks and tabs within texts as \\n and \\t."),
    ("Invalid \\", "Write a backslash within a text as two backslashes."),
)
# Texts are passed over whole, so that what looks like a number within one is none.
TOKEN: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN|-?[0-9][0-9.eE+-]*', re.DOTALL)


def syntax(error: json.JSONDecodeError) -> tuple[str, str]:
    """Message and hint about a text that breaks the grammar of JSON."""
    if error.doc.lstrip()[:1] == "<":
        return "This is not JSON: it is a web page or XML.", "Check the address or the export; a page like this is often a login or an error page."
    message = f"This is not JSON: {error.msg}, in line {error.lineno}, column {error.colno}."
    if error.pos >= len(error.doc.rstrip()):
        return message, "The document ends too early: it was cut off, or a closing bracket is missing."
    known = (hint for start, hint in HINTS if error.msg.startswith(start))
    return message, next(known, "Check it with a JSON validator.")


def place(text: str, is_wrong: Callable[[str], bool]) -> str:
    """``in line 3, column 7``: where the first such number or word stands outside texts; empty where none does."""
    for found in TOKEN.finditer(text):
        if not found.group().startswith('"') and is_wrong(found.group()):
            line = text.count("\n", 0, found.start()) + 1
            return f"in line {line}, column {found.start() - text.rfind(chr(10), 0, found.start())}"
    return ""
