"""Which objects of a JSON-LD document describe datasets, by the words of schema.org, and what hangs on them.

A dataset that is only mentioned (``isPartOf``, ``isBasedOn``) is a link, not a description.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urljoin

from harvesters.parsing.document import Unparsable
from schemas.linked_data.schema_org_reader import plain, types

HOLDERS: Final = ("@graph", "dataset", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "hasPart")
DEPTH: Final = 12
NESTING: Final = 5
WORK_LIMIT: Final = 500_000
VIEWS: Final = frozenset({"PartialCollectionView", "PagedCollection", "hydra:PartialCollectionView", "hydra:PagedCollection"})
NEXT: Final = ("hydra:next", "next", "hydra:nextPage", "nextPage")
TOTAL: Final = ("hydra:totalItems", "totalItems")
Json = Mapping[str, Any]


class SchemaOrgDocument:
    """``base`` is the address that relative ones are resolved against."""

    def __init__(self, value: Any, base: str) -> None:
        self._value = value
        self._base = base
        self._left = WORK_LIMIT
        self._nodes: dict[str, Json] = {}
        for node in self._all(value, DEPTH):
            name = node.get("@id")
            if isinstance(name, str) and len(node) > 1:
                self._nodes.setdefault(self.absolute(name), node)

    def absolute(self, address: str) -> str:
        try:
            return urljoin(self._base, address.strip())
        except ValueError:
            return address

    def datasets(self) -> Iterator[tuple[str | None, dict[str, Any]]]:
        """Address and object of each dataset, in document order, one with the same address once."""
        met: set[str] = set()
        for node in self._found(self._value, DEPTH):
            name = node.get("@id")
            address = self.absolute(name) if isinstance(name, str) and name.strip() else None
            if address is not None and address in met:
                continue
            met |= {address} if address else set()
            yield address, self._whole(node, NESTING, (address,))

    def following(self) -> list[str]:
        """Where the next page of a Hydra collection is."""
        found = []
        for node in self._all(self._value, DEPTH):
            if VIEWS & set(types(node)):
                named = next((node[name] for name in NEXT if name in node), None)
                named = named.get("@id") if isinstance(named, Mapping) else named
                found += [self.absolute(named)] if isinstance(named, str) else []
        return list(dict.fromkeys(found))

    def total(self) -> int | None:
        totals = {node[name] for node in self._all(self._value, DEPTH) for name in TOTAL if isinstance(node.get(name), int)}
        return totals.pop() if len(totals) == 1 else None

    def is_catalogue(self) -> bool:
        return any("DataCatalog" in types(plain(node)) for node in self._all(self._value, DEPTH))

    def _all(self, value: Any, depth: int) -> Iterator[Json]:
        self._spend()
        if depth == 0:
            return
        if isinstance(value, list):
            for one in value:
                yield from self._all(one, depth)
        elif isinstance(value, Mapping):
            yield value
            for name, inner in value.items():
                if name != "@context" and isinstance(inner, list | Mapping):
                    yield from self._all(inner, depth - 1)

    def _found(self, value: Any, depth: int) -> Iterator[Json]:
        self._spend()
        if depth == 0:
            return
        if isinstance(value, list):
            for one in value:
                yield from self._found(one, depth)
        elif isinstance(value, Mapping):
            node = plain(value)
            is_dataset = "Dataset" in types(node)
            if is_dataset and set(node) - {"@id", "@type", "type", "@context"}:
                yield value
            for name in ("@graph", "hasPart") if is_dataset else HOLDERS:
                yield from self._found(node.get(name), depth - 1)

    def _whole(self, node: Json, nesting: int, above: tuple[str | None, ...]) -> dict[str, Any]:
        """The object with what it names by address put in its place, where the document describes that elsewhere."""
        whole = {name: self._value_of(name, inner, nesting, above) for name, inner in node.items() if name != "@context"}
        if isinstance(whole.get("@id"), str):
            whole["@id"] = self.absolute(whole["@id"])
        return whole

    def _value_of(self, name: str, value: Any, nesting: int, above: tuple[str | None, ...]) -> Any:
        self._spend()
        if isinstance(value, list):
            return [self._value_of(name, one, nesting, above) for one in value]
        if not isinstance(value, Mapping) or nesting == 0:
            return value
        address = self.absolute(value["@id"]) if isinstance(value.get("@id"), str) else None
        described = self._nodes.get(address) if address and len(value) == 1 and address not in above else None
        is_other_dataset = described is not None and {"Dataset", "DataCatalog"} & set(types(plain(described)))
        return self._whole(described if described is not None and not is_other_dataset else value, nesting - 1, (*above, address))

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Unparsable("too-large", "The document has too many parts, or parts that name each other over and over.")
