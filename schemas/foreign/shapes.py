"""Which shapes of other catalogues are read, and by what they are recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.foreign import ckan, datacite, dublin_core, linked


@dataclass(frozen=True, slots=True)
class Shape:
    """``identities`` gives the document's own identifier first, then other names of the same dataset."""

    model: str
    version: str
    evidence: str
    recognises: Callable[[Mapping[str, Any]], bool]
    identities: Callable[[Mapping[str, Any]], tuple[str, ...]]
    without_volatile: Callable[[Mapping[str, Any]], dict[str, Any]] = dict


SHAPES: Final = (
    Shape("DCAT", "3", "a graph of one dataset", linked.is_graph, linked.graph_identities, linked.graph_without_volatile),
    Shape("schema.org", "Dataset", "an object of schema.org", linked.is_schema_org, linked.schema_org_identities, linked.schema_org_without_volatile),
    Shape("DCAT-US", "1.1", "the context of a DCAT-US catalogue", linked.is_dcat_us, linked.dcat_us_identities, linked.dcat_us_without_volatile),
    Shape("CKAN", "2", "members of a CKAN package", ckan.is_package, ckan.identities, ckan.without_volatile),
    Shape("DataCite", "4", "members of a DataCite description", datacite.is_datacite, datacite.identities, datacite.without_volatile),
    Shape("Dublin Core", "1.1", "elements of simple Dublin Core", dublin_core.is_dublin_core, dublin_core.identities),
)


def shape_of(document: Any) -> Shape | None:
    if not isinstance(document, Mapping) or "summary" in document or "required" in document:
        return None
    return next((shape for shape in SHAPES if shape.recognises(document)), None)


def identities(document: Any) -> tuple[str, ...]:
    shape = shape_of(document)
    return shape.identities(document) if shape else ()


def without_volatile(document: Any) -> Any:
    """The document without what changes in such shapes although nobody changed it."""
    shape = shape_of(document)
    return shape.without_volatile(document) if shape else document
