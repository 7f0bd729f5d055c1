"""A search as it is kept: its address without the page, and what it asks in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from frontend.addresses import SearchAddress
from frontend.column_addresses import ColumnAddress
from frontend.views.columns import ColumnSearchView
from frontend.views.search import SearchView

KeptSearch = SearchAddress | ColumnAddress
LONGEST: Final = 4000
"""Characters of an address that is kept."""
NAME_AT_MOST: Final = 120


def read_kept(address: str) -> KeptSearch | None:
    """Never raises: None for what is not the address of a search. What cannot be read of its parameters is left out."""
    if len(address) > LONGEST:
        return None
    parts = urlsplit(address) if address.startswith(("/search", "/columns")) else None
    pairs = parse_qsl(parts.query) if parts else []
    if parts and parts.path == "/search":
        return replace(SearchAddress.read(pairs), page=1, expanded="", problems=())
    if parts and parts.path == "/columns":
        return replace(ColumnAddress.read(pairs), page=1, problems=())
    return None


def choices_in_words(address: KeptSearch, titles: Mapping[str, str]) -> tuple[str, ...]:
    """The filters, as the chips of the page say them. ``titles`` are those of the datasets that are named, by ref."""
    if isinstance(address, ColumnAddress):
        named = tuple((ref, titles.get(ref, ref)) for ref in address.values("dataset"))
        return tuple(link.words for link in ColumnSearchView(address=address, total=0, dataset_titles=named).chips)
    return tuple(link.words for link in SearchView(address=address, total=0, linkable_title=titles.get(address.linkable, "")).chips)


def in_words(address: KeptSearch, titles: Mapping[str, str]) -> str:
    """``Datasets for “asthma”; Nation: Wales``."""
    things = "Columns" if isinstance(address, ColumnAddress) else "Datasets"
    sought = f"{things} for “{address.q}”{' exactly' if address.exact else ''}" if address.q else ""
    words = [sought, *choices_in_words(address, titles)] if sought else [things, *choices_in_words(address, titles)]
    return "; ".join(words) if len(words) > 1 or sought else f"All {things.lower()}"


def named_datasets(address: KeptSearch) -> tuple[str, ...]:
    """Refs of the datasets that the search names."""
    return address.values("dataset") if isinstance(address, ColumnAddress) else tuple(filter(None, (address.linkable,)))


def newest_first(address: KeptSearch) -> KeptSearch:
    """As somebody who looks for news wants to see it. Columns have no such order."""
    return address.sorted_by("updated") if isinstance(address, SearchAddress) else address
