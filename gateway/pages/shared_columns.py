"""In how many datasets there is a column of each of some names, however they are spelt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.catalogue.published import Catalogue
from search.batches import batches
from search.engine import EVERY_VALUE, Query
from search.variable import name_key

NAMES_AT_ONCE: Final = 1_000
"""Servers take so many values in one question."""


def datasets_by_name(catalogue: Catalogue, names: Iterable[str]) -> Mapping[str, int]:
    """By search/variable.py's key of the name. Raises :class:`Unavailable`."""
    keys = dict.fromkeys(key for name in names if (key := name_key(name)))
    found: dict[str, int] = {}
    for some in batches(keys, NAMES_AT_ONCE):
        asked = Query(filters={"name": tuple(some)}, facets=("first_name",), facet_values=EVERY_VALUE, limit=0, highlight=False)
        (facet,) = catalogue.search_variables(asked).facets
        found |= {value.value: value.count for value in facet.values}
    return found
