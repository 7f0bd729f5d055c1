"""Partner fields: what CRUK 1.0.0 and GWDM 2.1 add to the specification. They are kept under their own names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

PARTNER_SHAPES: Final = ("CRUK 1.0.0", "GWDM 2.1")
PARTNER_FIELD: Final = re.compile(
    r"/(?:(?:datasetFilters|projectGrants|otherDataTypes|icons|erd)(?:/.*)?|summary/(?:leadResearcher|leadResearchInstitute|funders)"
    r"|structuralMetadata/(?:tables/)?[0-9]+/size)",
    re.ASCII | re.DOTALL,
)


def is_partner_field(path: str) -> bool:
    return PARTNER_FIELD.fullmatch(path) is not None


def extensions(shape: str | None, carried: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Dotted name -> value of the partner fields among what was carried (JSON Pointer, value) beside a record of this shape."""
    if shape not in PARTNER_SHAPES:
        return {}
    return {path[1:].replace("/", "."): value for path, value in carried if is_partner_field(path)}
