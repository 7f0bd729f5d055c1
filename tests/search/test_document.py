"""Records as search documents."""

from __future__ import annotations

import pytest

from search.document import FACETS, FIELDS, Facts, search_document
from search.prepared import order_key
from tests.search.factories import record

FACTS = Facts("ref", "pid-1", 3, custodian_slug="trust", custodian_name="A Trust", aliases=("LOCAL 1", "https://doi.org/10.1/ABC"), request_status="open")


def test_a_record_without_statements_gives_only_what_is_known_beside_it() -> None:
    made = search_document(record(), Facts("ref", None, 1))
    assert {name for name, value in made.items() if value not in (False, 0)} == {"id", "version", "identifiers", "linkable"}


def test_facts_and_statements_become_fields() -> None:
    made = search_document(record(
        summary={"title": "A &amp; <b>B</b>", "populationSize": -1, "keywords": ["One", "tbc", "One"], "doiName": "10.2/X"},
        coverage={"spatial": ["GB-SCT"]},
        provenance={"origin": {"datasetType": [{"name": "Imaging types", "subTypes": ["CT"]}]}, "temporal": {"startDate": "2001-04-01", "endDate": "CONTINUOUS"}},
        accessibility={"access": {"accessRequestCost": ["Free"]}},
        structuralMetadata={"tables": [{"name": "T", "columns": [{"name": "a", "description": "first"}, {"name": 5}, {}]}]},
    ), FACTS)  # fmt: skip
    assert made["title"] == "A & B"
    assert "population" not in made
    assert made["keywords"] == ["One"]
    assert made["identifiers"] == ["ref", "pid-1", "10.2/x", "local 1", "10.1/abc"]
    assert (made["nation"], made["dtype"], made["subtype"], made["cost"], made["open"]) == (["Scotland"], ["Imaging types"], ["CT"], ["Free"], ["yes"])
    assert (made["year_start"], made.get("year_end"), made["is_continuing"]) == (2001, None, True)
    assert (made["columns"], made["column_descriptions"], made["column_count"]) == (["a", "5"], ["first", ""], 3)
    assert made["custodian_name"] == "A Trust"


def test_field_names_are_unique_and_facets_hold_what_the_search_page_asks_for() -> None:
    names = [field.name for field in FIELDS]
    assert len(names) == len(set(names))
    page = {"open", "nation", "region", "custodian", "network", "dtype", "subtype", "model", "vocab", "env", "lead", "cost", "material"}
    assert page <= set(FACETS)


@pytest.mark.parametrize(("sort", "values"), [
    ("population", [10**9, 20, 3, 0, None]), ("start", [1700, 1999, 2020, None]), ("quality", [99.5, 99, 0.0, None]),
    ("updated", ["2025-06-01T00:00:00+00:00", "2025-06-01T00:00:00+01:00", "1999-01-01T00:00:00", None]),
    ("title", ["\u00c1bc", "abd", "B", None]),
])  # fmt: skip
def test_ordering_keys_sort_as_their_values(sort: str, values: list[object]) -> None:
    keys = [order_key(sort, value, "id") for value in values]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
