"""Which version a document is: by its declaration, corrected by marks that only some versions carry."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.detect import detect
from schemas.document import Unreadable
from schemas.validate import check
from schemas.versions import VERSIONS
from tests.schemas.documents import (
    flat_documents,
    gateway_model_documents,
    modern_documents,
    official_examples,
    sectioned_documents,
)
from tests.schemas.official import FILES
from tests.schemas.test_equivalence import valid_documents

TWO: dict[str, Any] = {"summary": {"title": "Births", "publisher": {"name": "Register"}}}
THREE: dict[str, Any] = {"summary": {"title": "Births", "dataCustodian": {"name": "Register"}}}


def merged(base: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {**base, **{name: {**base.get(name, {}), **part} if isinstance(part, dict) else part for name, part in parts.items()}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"required": {"gatewayId": "1"}, "summary": {"publisher": {"publisherName": "x"}}}, "GWDM 1.0"),
        ({"required": {"gatewayId": "1"}, "summary": {"funders": "x"}}, "GWDM 2.1"),
        ({"required": {"gatewayId": "1"}, "summary": {}, "icons": []}, "GWDM 2.1"),
        ({"required": {"gatewayId": "1"}, "summary": {"inPipeline": "Available"}}, "GWDM 2.0"),
        ({"required": {"gatewayId": "1"}, "summary": {}, "coverage": {"followUp": None}}, "GWDM 2.0"),
        ({"required": {"gatewayId": "1"}, "summary": {}}, "GWDM 1.0"),
        ({"required": {"gatewayId": "1", "version": "1.0.0"}, "summary": {}}, "GWDM 1.1"),
        ({"domainType": "DataModel", "title": "x"}, "HDRUK 1.1.7"),
        ({"title": "x", "publisher": "ALLIANCE > y"}, "HDRUK 1.1.7"),
        (merged(TWO, revisions={"1.0.0": "a"}), "HDRUK 2.0.1"),
        (merged(TWO, structuralMetadata={"dataClasses": []}), "HDRUK 2.0.1"),
        (merged(TWO, provenance={"temporal": {"publishingFrequency": None}}), "HDRUK 2.1.3"),
        (merged(TWO, summary={**TWO["summary"], "populationSize": 1}), "HDRUK 2.2.1"),
        (merged(TWO, tissuesSampleCollection=[]), "HDRUK 2.2.1"),
        (merged(TWO, accessibility={"access": {"accessServiceCategory": []}}), "HDRUK 2.2.1"),
        (merged(THREE, provenance={"origin": {"datasetType": [{"name": "Omics"}]}}), "HDRUK 4.0.0"),
        (merged(THREE, summary={**THREE["summary"], "datasetAliases": "x"}), "HDRUK 4.0.0"),
        (merged(THREE, provenance={"origin": {"datasetType": ["Omics"]}}), "HDRUK 3.0.0"),
        (merged(THREE, provenance={"origin": {"datasetSubType": []}}), "HDRUK 3.0.0"),
        (merged(THREE, summary={**THREE["summary"], "alternateIdentifiers": "x"}), "HDRUK 3.0.0"),
        (merged(THREE, projectGrants=[]), "CRUK 1.0.0"),
    ],
)  # fmt: skip
def test_decisive_marks(document: dict[str, Any], expected: str) -> None:
    assert detect(document).name == expected


@pytest.mark.parametrize("declared", ["2.1.0", "https://example.org/dataset/2.1.0/dataset.schema.json", {"version": "2.1.0"}])
def test_a_declaration_is_a_number_an_address_or_an_object(declared: Any) -> None:
    found = detect({**TWO, "@schema": declared})
    assert (found.name, found.declared) == ("HDRUK 2.1.0", "2.1.0")


def test_a_decisive_mark_beats_the_declaration_and_the_contradiction_is_found() -> None:
    document = merged(THREE, provenance={"origin": {"datasetType": [{"name": "Omics", "subTypes": None}]}})
    document["@schema"] = "2.1.0"
    assert detect(document).name == "HDRUK 4.0.0"
    assert "DOC-04" in {finding.rule for finding in check(document)}


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, {"name": "x"}, {"items": []}, {"@context": "https://schema.org/"}])
def test_what_is_no_record_is_refused_in_words(odd: Any) -> None:
    with pytest.raises(Unreadable) as refusal:
        detect(odd)
    assert refusal.value.message.endswith(".")
    assert refusal.value.hint


# Documents of the first that lack every field by which it differs are documents of the second too.
ALIKE = {
    ("HDRUK 2.0.0", "HDRUK 2.0.1"), ("HDRUK 2.0.0", "HDRUK 2.0.2"), ("HDRUK 2.0.0", "HDRUK 2.1.0"), ("HDRUK 2.0.1", "HDRUK 2.0.2"),
    ("HDRUK 2.0.1", "HDRUK 2.1.0"), ("HDRUK 2.0.2", "HDRUK 2.1.0"), ("HDRUK 2.1.2", "HDRUK 2.1.3"), ("HDRUK 2.2.0", "HDRUK 2.2.1"),
    ("HDRUK 3.0.0", "HDRUK 4.0.0"), ("GWDM 1.2", "GWDM 1.1"),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in FILES if name != "GMI list"])
def test_documents_of_every_version_are_recognised_with_and_without_their_declaration(name: str) -> None:
    for document in valid_documents(name):
        found = detect(document)
        assert found.name == name or (name, found.name) in ALIKE, found
        if found.name != name:
            assert VERSIONS[found.name].validator.is_valid(document)
        assert detect(document, name.split(" ")[1]).name == name


def test_a_version_that_fits_just_as_well_is_named() -> None:
    document = next(one for one in valid_documents("HDRUK 2.2.0") if detect(one).name == "HDRUK 2.2.1")
    assert detect(document).equally == ("HDRUK 2.2.0",)
    assert "DOC-05" in {finding.rule for finding in check(document)}


def test_real_documents_are_recognised() -> None:
    assert {detect(real.content).name for real in flat_documents()} == {"HDRUK 1.1.7"}
    extracts = [real for real in sectioned_documents() if "/v2/" in real.name]
    assert {detect(real.content).version[:3] for real in extracts} == {"2.0"}
    for real in (*modern_documents(), *(one for one in official_examples() if one.name.startswith("hdruk/"))):
        if "4.1.0" not in real.name:
            number = next(number for number in ("3.0.0", "4.0.0", "3p0p0", "300", "400", "2.1.2", "2.2.0") if number in real.name)
            plain = {"3p0p0": "3.0.0", "300": "3.0.0", "400": "4.0.0"}.get(number, number)
            assert detect(real.content).version[0] == plain[0], real.name
    assert {detect(real.content).model for real in gateway_model_documents()} == {"GWDM"}
