"""In how many datasets there is a column of each of some names, however they are spelt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.catalogue.published import Catalogue
from search.engine import Query
from search.variable import name_key

EVERY: Final = 65_000
NAMES_AT_ONCE: Final = 1_000


def datasets_by_name(catalogue: Catalogue, names: Iterable[str]) -> Mapping[str, int]:
    """By search/variable.py's key of the name. Raises :class:`Unavailable`."""
    keys = tuple(dict.fromkeys(key for name in names if (key := name_key(name))))[:NAMES_AT_ONCE]
    if not keys:
        return {}
    asked = Query(filters={"name": keys}, facets=("first_name",), facet_values=EVERY, limit=0, highlight=False)
    (facet,) = catalogue.search_variables(asked).facets
    return {value.value: value.count for value in facet.values}
