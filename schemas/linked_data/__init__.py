"""Linked data: records as DCAT-AP 3, HealthDCAT-AP and schema.org, written and read."""

from __future__ import annotations

from schemas.linked_data.any_reader import read_linked_data
from schemas.linked_data.publication import (
    Catalogue,
    Entry,
    HealthSettings,
    Options,
    Page,
    Profile,
    Syntax,
    Unfilled,
    Written,
)
from schemas.linked_data.reader import LinkedReading, read_dcat
from schemas.linked_data.schema_org import SchemaOrg, write_schema_org
from schemas.linked_data.schema_org_reader import read_schema_org
from schemas.linked_data.syntax import Limits, Refused
from schemas.linked_data.vocabulary import describe_vocabulary
from schemas.linked_data.writer import write_catalogue, write_dataset

__all__ = [
    "Catalogue", "Entry", "HealthSettings", "Limits", "LinkedReading", "Options", "Page", "Profile", "Refused", "SchemaOrg", "Syntax", "Unfilled", "Written",
    "describe_vocabulary", "read_dcat", "read_linked_data", "read_schema_org", "write_catalogue", "write_dataset", "write_schema_org",
]  # fmt: skip
