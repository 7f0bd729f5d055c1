"""The graph of one dataset as a document of the pipeline: text in N-Triples, without characters that cannot be kept."""

from __future__ import annotations

import re
from typing import Final

from harvesters.safe_text import is_safe, without_unsafe_text
from schemas.foreign.linked import NTRIPLES, as_document

__all__ = ["NTRIPLES", "parsed_graph"]

ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)", re.DOTALL)


def parsed_graph(body: bytes) -> tuple[dict[str, str], list[str]]:
    """The JSON value that stands for a graph, and where characters had to be left out of it."""
    value = as_document(body)
    graph = value["graph"]
    plain, _ = without_unsafe_text(ESCAPE.sub(_safe_escape, graph))
    return ({**value, "graph": plain}, ["/graph"]) if plain != graph else (value, [])


def _safe_escape(found: re.Match[str]) -> str:
    number = int(found[1] or found[2] or "20", 16)
    return found.group() if number <= 0x10FFFF and is_safe(chr(number)) else ""
