"""What a kept search finds as a whole, which of its filters fit nothing in the catalogue any more, and why a dataset matched."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from frontend import words
from frontend.addresses import FACET_PARAMETERS
from frontend.column_addresses import ColumnAddress
from frontend.custodian_text import excerpt, plain
from frontend.kept_search import KeptSearch
from gateway.catalogue.published import Catalogue
from gateway.catalogue.searching import datasets_with_columns, every_hit, query_of
from search.engine import Hit, Page, Query

AT_ONCE: Final = 500
LOOKED_THROUGH: Final = 500
"""So many of the results that changed last are looked through for why they matched."""
FILTERS_LOOKED_AT: Final = 50
NAMED: Final = 3
LONGEST_PIECE: Final = 60


def found(catalogue: Catalogue, address: KeptSearch) -> list[str]:
    """The refs of every dataset that it finds; of a search for columns, of every dataset that holds some. Raises :class:`Unavailable`."""
    if isinstance(address, ColumnAddress):
        return datasets_with_columns(catalogue, address)
    query = _whole(catalogue, address)
    return list(dict.fromkeys(hit.id for hit in every_hit(catalogue.search, query, catalogue.search(query))))


def count(catalogue: Catalogue, address: KeptSearch) -> int:
    """How many datasets that would be. Raises :class:`Unavailable`."""
    if isinstance(address, ColumnAddress):
        return len(datasets_with_columns(catalogue, address))
    return catalogue.search(replace(_whole(catalogue, address), limit=0)).total


def vanished(catalogue: Catalogue, address: KeptSearch) -> list[str]:
    """Filters that no dataset of the catalogue fits, in words. Raises :class:`Unavailable`."""
    chosen = [(name, value) for name, values in address.chosen for value in values][:FILTERS_LOOKED_AT]
    if isinstance(address, ColumnAddress):
        refs = catalogue.titles(address.values("dataset"))
        gone = [(name, value) for name, value in chosen if (value not in refs if name == "dataset" else not _columns_with(catalogue, name, value))]
        return [f"{words.COLUMN_FACETS[name]}: {value}" for name, value in gone]
    lost = [f"{words.FACETS[name]}: {value}" for name, value in chosen if not _datasets_with(catalogue, FACET_PARAMETERS[name], value)]
    is_lost = address.linkable and not catalogue.titles([address.linkable])
    return [*lost, f"Can be linked with: {address.linkable}"] if is_lost else lost


def reasons(catalogue: Catalogue, address: KeptSearch, refs: Collection[str]) -> dict[str, str]:
    """Dataset -> where the words of the search were found in it. Datasets of which that is not known are left out: those that fit the
    filters of a search without words, and those beyond what is looked through. Raises :class:`Unavailable`."""
    if isinstance(address, ColumnAddress):
        return {ref: _columns_found(_columns_of(catalogue, address, ref)) for ref in refs}
    if not address.q or not refs:
        return {}
    wanted, told = set(refs), dict[str, str]()
    for hit in _latest(catalogue, replace(_whole(catalogue, address), highlight=True, limit=100)):
        if hit.id in wanted and hit.matched_in:
            told[hit.id] = _matched_in(hit)
        if len(told) == len(wanted):
            break
    return told


def _whole(catalogue: Catalogue, address: KeptSearch) -> Query:
    """Those that changed last come first, which is where news are."""
    assert not isinstance(address, ColumnAddress)
    return replace(query_of(catalogue, address), sort="updated", facets=(), highlight=False, offset=0, limit=AT_ONCE)


def _latest(catalogue: Catalogue, query: Query) -> Iterator[Hit]:
    for place, hit in enumerate(every_hit(catalogue.search, query, catalogue.search(query))):
        if place == LOOKED_THROUGH:
            return
        yield hit


def _datasets_with(catalogue: Catalogue, facet: str, value: str) -> bool:
    return catalogue.search(Query(filters={facet: (value,)}, limit=0, highlight=False)).total > 0


def _columns_with(catalogue: Catalogue, facet: str, value: str) -> bool:
    return catalogue.search_variables(Query(filters={facet: (value,)}, limit=0, highlight=False)).total > 0


def _columns_of(catalogue: Catalogue, address: ColumnAddress, ref: str) -> Page:
    query = address.as_query()
    within = {**query.filters, "dataset": (ref,)}
    return catalogue.search_variables(replace(query, filters=within, facets=(), highlight=False, offset=0, limit=NAMED))


def _columns_found(page: Page) -> str:
    names = [name for hit in page.hits if (name := plain(hit.stored.get("name")))]
    return words.counted(page.total, "column") + _named(names, page.total)


def _matched_in(hit: Hit) -> str:
    """As the card on the page of results says it."""
    told = []
    for field, pieces in hit.matched_in.items():
        word = words.MATCHED_FIELDS.get(field, field.replace("_", " "))
        many = hit.matched_columns if field == "columns" else len(pieces)
        what = words.counted(many, word) if word == "column" and many else word
        told.append(what + _named(pieces, many))
    return f"matched in {', '.join(told)}"


def _named(pieces: Collection[str], many: int) -> str:
    shown = [excerpt(piece, LONGEST_PIECE) for piece in [*pieces][:NAMED]]
    return f" ({', '.join(shown)}{', …' if many > len(shown) else ''})" if shown else ""
