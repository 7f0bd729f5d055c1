"""The list that a custodian's federation endpoint serves.

The published pattern of ``persistentId`` takes any text, and its ``latest`` is forbidden by the pattern beside it (P13, P15).
"""

from __future__ import annotations

from typing import Final

from schemas.versions.hdruk_2_0 import URI
from schemas.versions.vocabulary import (
    DATE_TIME,
    SEMANTIC_VERSION,
    STRING,
    Required,
    Schema,
    choice,
    listing,
    one_of,
    open_record,
    record,
    text,
)

_MODELS: Final = "https://raw.githubusercontent.com/HDRUK/schemata-2/master/hdr_schemata/models/"
SCHEMA_ADDRESSES: Final = tuple(
    f"{_MODELS}{model}/schema.json"
    for model in ("HDRUK/2.0.2", "HDRUK/2.1.0", "HDRUK/2.1.2", "HDRUK/2.1.3", "HDRUK/2.2.0", "GWDM/1.0", "GWDM/1.1")
)
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}


def federation_list() -> Schema:
    item = open_record(
        **{"@schema": Required(one_of(choice(("2.0.2",)), choice(SCHEMA_ADDRESSES)))},
        type=Required(choice(("dataset",))), persistentId=Required(STRING), name=Required(text(1, 80)),
        description=Required(text(1, 255)), version=Required(SEMANTIC_VERSION), self=Required(URI),
        issued=Required(DATE_TIME), modified=Required(DATE_TIME), source=Required(STRING),
    )  # fmt: skip
    document = open_record(
        query=record(q=STRING, total=Required(COUNT), limit=COUNT, offset=COUNT), items=Required(listing(item))
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Federated metadata catalogue: list of datasets", **document}
