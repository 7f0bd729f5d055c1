"""Readable names of fields, and the order in which a person reads them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from schemas.reader import is_index

SECTIONS: Final = (
    "identifier", "version", "revisions", "issued", "modified", "summary", "documentation", "coverage", "provenance",
    "accessibility", "enrichmentAndLinkage", "observations", "structuralMetadata", "demographicFrequency", "omics",
)  # fmt: skip
POSITIONS: Final = {"": -1, **{name: number for number, name in enumerate(SECTIONS)}}
NAMES: Final = {
    "doiName": "DOI", "accessRights": "Access rights", "dataCustodian": "Custodian", "publisher": "Custodian",
    "populationSize": "Number of people", "datasetAliases": "Other names", "alternateIdentifiers": "Other names",
    "spatial": "Area covered", "typicalAgeRangeMin": "Lowest age", "typicalAgeRangeMax": "Highest age",
    "typicalAgeRange": "Age range", "memberOf": "Membership", "contactPoint": "Contact", "pid": "Identifier",
    "vocabularyEncodingScheme": "Coding systems", "conformsTo": "Data models", "inPipeline": "Can be applied for",
}  # fmt: skip


@lru_cache(maxsize=4096)
def field_name(path: str) -> str:
    """``/summary/dataCustodian/contactPoint/0`` -> ``Custodian: contact, item 1``."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    named = [step for step in steps if step and not is_index(step)]
    if not named:
        return "Document"
    number = next((int(step) + 1 for step in reversed(steps) if is_index(step)), None)
    words = _words(named[-1])
    if len(named) > 1 and named[-2] in ("dataCustodian", "publisher", "revisions", "observations", "tables", "columns"):
        words = f"{_words(named[-2])}: {words[0].lower()}{words[1:]}"
    return f"{words}, item {number}" if number is not None else words


@lru_cache(maxsize=4096)
def field_position(path: str) -> tuple[int, str]:
    """For sorting: sections in the order of the specification, unknown ones last."""
    section = path[1:].partition("/")[0]
    return POSITIONS.get(section, len(SECTIONS)), section


def _words(name: str) -> str:
    if name in NAMES:
        return NAMES[name]
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    return spaced[:1].upper() + spaced[1:]
