"""What may stand before a colon in a query (``field:value``), for each kind of search document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final


@dataclass(frozen=True, eq=False)
class Language:
    """What may stand before a colon: for a search in one text field -> the field, for a filter by facet -> the facet, for an identifier,
    and for a bound of years -> the bound."""

    text_fields: Mapping[str, str]
    facet_fields: Mapping[str, str]
    identifiers: frozenset[str] = frozenset({"id", "pid", "doi", "identifier"})
    years: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset({*self.text_fields, *self.facet_fields, *self.identifiers, *self.years})


DATASETS: Final = Language(
    text_fields={
        "title": "title", "name": "title", "abstract": "abstract", "summary": "abstract", "description": "description",
        "keyword": "keywords", "keywords": "keywords", "tag": "keywords", "alias": "aliases", "custodian": "custodian_name",
        "publisher": "custodian_name", "column": "structure", "columns": "structure", "variable": "structure",
        "table": "structure", "tables": "structure",
    },
    facet_fields={
        "type": "dtype", "dtype": "dtype", "kind": "dtype", "subtype": "subtype", "nation": "nation", "country": "nation",
        "region": "region", "place": "place", "network": "network", "category": "category", "model": "model", "standard": "model",
        "vocab": "vocab", "vocabulary": "vocab", "coding": "vocab", "env": "env", "access": "env", "lead": "lead", "cost": "cost",
        "material": "material", "sample": "material", "purpose": "purpose", "format": "format", "language": "language",
        "collection": "collection", "limitation": "limitation", "assay": "assay", "open": "open",
    },
    years={"from": "from", "since": "from", "to": "to", "until": "to"},
)  # fmt: skip
VARIABLES: Final = Language(
    text_fields={
        "name": "name", "column": "name", "columns": "name", "variable": "name", "description": "description", "value": "values",
        "values": "values", "table": "table", "tables": "table", "title": "dataset_title", "dataset": "dataset_title",
        "custodian": "custodian_name", "publisher": "custodian_name",
    },
    facet_fields={"type": "type", "vocab": "vocab", "vocabulary": "vocab", "coding": "vocab", "sensitive": "sensitive"},
)  # fmt: skip
