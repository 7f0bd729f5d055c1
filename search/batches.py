"""Documents in pieces, and of several versions of one the highest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from search.engine import SearchDocument

T = TypeVar("T")


def batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    following = iter(values)
    while batch := list(islice(following, size)):
        yield batch


def newest(documents: Iterable[SearchDocument]) -> list[SearchDocument]:
    found: dict[str, SearchDocument] = {}
    for document in documents:
        known = found.get(document["id"])
        if known is None or document["version"] >= known["version"]:
            found[document["id"]] = document
    return list(found.values())
