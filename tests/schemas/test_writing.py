"""Writing a record in any published shape: the numbered rules of translation, each by its number."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas import enumerations as values
from schemas import older_values as older
from schemas.record import Dataset
from schemas.translate import read
from schemas.versions import VERSIONS
from schemas.writing import WRITERS, NotConforming, UnknownTarget, Written, translate, write
from schemas.writing.federation import federation_list, list_item

TWO = ("HDRUK 2.0.2", "HDRUK 2.1.0", "HDRUK 2.1.2", "HDRUK 2.1.3", "HDRUK 2.2.0", "HDRUK 2.2.1")
LATE_TWO = TWO[2:]
MODERN = ("HDRUK 4.0.0", "HDRUK 3.0.0", "CRUK 1.0.0")
GATEWAY = ("GWDM 2.0", "GWDM 2.1")


def record(**sections: Any) -> Dataset:
    return Dataset.from_json({"summary": {"title": "Births", "dataCustodian": {"name": "Register"}}} | sections)


def document(**sections: Any) -> dict[str, Any]:
    """A record of 4.0.0."""
    summary = {"title": "Births", "dataCustodian": {"name": "Register"}, "datasetAliases": None}
    return {**sections, "summary": {**summary, **sections.get("summary", {})}}


def two(**sections: Any) -> dict[str, Any]:
    """A record of 2.2.1."""
    summary = {"title": "Births", "publisher": {"name": "Register"}, "populationSize": 7}
    access: dict[str, Any] = {"access": {"accessServiceCategory": []}}
    return {"accessibility": access, **sections, "summary": {**summary, **sections.get("summary", {})}}


def at(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value.get(step) if isinstance(value, dict) else None
    return value


def kinds(written: Written, path: str) -> list[str]:
    return [entry.kind for entry in written.report if entry.from_path == path]


def there_and_back(canonical: Dataset, target: str) -> dict[str, Any]:
    """canonical -> target -> canonical. Fields that a shape must have a mark of are there in every record of it."""
    return read(write(canonical, target).document, target.split(" ")[1]).record.as_json()


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def test_t1_continuous_survives_where_it_can_be_said_and_is_a_reported_absence_elsewhere() -> None:
    canonical = record(provenance={"temporal": {"endDate": "CONTINUOUS"}})
    for target in WRITERS:
        written = write(canonical, target)
        end = at(written.document, "provenance.temporal.endDate")
        if target in GATEWAY:
            assert end is None
            assert kinds(written, "/provenance/temporal/endDate") == ["dropped"]
        else:
            assert end == "CONTINUOUS"


@pytest.mark.parametrize("length", [101, 150, 255])
def test_t2_a_long_title_comes_back_complete(length: int) -> None:
    title = "t" * length
    for target in WRITERS:
        assert there_and_back(record(summary={"title": title, "dataCustodian": {"name": "R"}}), target)["summary"]["title"] == title


def test_t2_a_title_over_the_limit_of_the_target_is_kept_whole_and_said() -> None:
    written = write(record(summary={"title": "t" * 151}), "HDRUK 2.1.2")
    assert [entry.kind for entry in written.report if entry.to_path == "/summary/title"] == ["over_limit"]


def test_t3_all_that_is_known_of_a_custodian_survives() -> None:
    custodian = {
        "identifier": "https://ror.org/02mz5z443", "name": "Register", "logo": "https://r.example/l.png", "description": "We count.",
        "contactPoint": ["a@r.example", "b@r.example"], "memberOf": "Alliance",
    }  # fmt: skip
    for target in (*MODERN, *TWO):
        assert there_and_back(record(summary={"dataCustodian": custodian}), target)["summary"]["dataCustodian"] == custodian
    written = write(record(summary={"dataCustodian": custodian}), "GWDM 2.0")
    dropped = {entry.from_path for entry in written.report if entry.kind == "dropped"}
    assert dropped == {f"/summary/dataCustodian/{name}" for name in ("logo", "description", "contactPoint", "memberOf")}


def test_t4_media_given_as_a_list_survive_as_a_list() -> None:
    media = ["https://r.example/a.pdf", "https://r.example/b,c.pdf"]
    for target in WRITERS:
        assert there_and_back(record(documentation={"associatedMedia": media}), target)["documentation"]["associatedMedia"] == media


def test_t5_the_delimiter_of_the_gateway_stands_in_no_other_shape() -> None:
    gateway = {
        "required": {"gatewayId": "1", "gatewayPid": "1234"},
        "summary": {"title": "Births", "keywords": "one;,;two", "publisher": {"name": "Register"}, "inPipeline": None},
        "coverage": {"spatial": "Wales;,;England", "followUp": None}, "accessibility": {"usage": {"resourceCreator": {"name": "A;,;B"}}},
    }  # fmt: skip
    for target in WRITERS:
        document = translate(gateway, target).document
        assert (";,;" in json.dumps(document)) == (target in GATEWAY)
    back = read(translate(gateway, "HDRUK 4.0.0").document).record
    assert back.accessibility.usage.resource_creator == ["A", "B"]
    assert back.coverage.spatial == ["Wales", "England"]


@pytest.mark.parametrize("target", [*MODERN, *GATEWAY])
def test_t6_sub_types_that_sound_alike_come_back_as_themselves(target: str) -> None:
    names = ["Labour", "Finances", "Occupation", "Economics"]
    types = [{"name": "Socioeconomic", "subTypes": names}]
    assert there_and_back(record(provenance={"origin": {"datasetType": types}}), target)["provenance"]["origin"]["datasetType"] == types


def test_t7_others_stays_with_its_type() -> None:
    types = [{"name": "Omics", "subTypes": ["Genomics", "Others"]}, {"name": "Lifestyle", "subTypes": ["Smoking"]}]
    canonical = record(provenance={"origin": {"datasetType": types}})
    for target in ("HDRUK 4.0.0", "CRUK 1.0.0"):
        assert there_and_back(canonical, target)["provenance"]["origin"]["datasetType"] == types
    written = write(canonical, "HDRUK 3.0.0")
    assert [entry.is_reversible for entry in written.report if entry.rule == "T7"] == [False]
    back = read(written.document)
    assert back.record.as_json()["provenance"]["origin"]["datasetType"][1] == {"name": "Lifestyle", "subTypes": ["Smoking"]}
    assert [(one.kind, one.value) for one in back.losses if one.kind == "ambiguous"] == [("ambiguous", "Others")]


@pytest.mark.parametrize("name", ["Imaging area of the body", "Imaging Area Of The Body"])
def test_t8_both_spellings_of_the_imaged_area_keep_their_sub_types(name: str) -> None:
    source = document(provenance={"origin": {"datasetType": [{"name": name, "subTypes": ["Head", "Leg"]}]}})
    expected = [{"name": "Imaging area of the body", "subTypes": ["Head", "Leg"]}]
    assert read(source).record.as_json()["provenance"]["origin"]["datasetType"] == expected
    three = translate(source, "HDRUK 3.0.0").document["provenance"]["origin"]
    assert three["datasetType"] == ["Imaging area of the body"]
    assert three["datasetSubType"] == ["Head", "Leg"]


@pytest.mark.parametrize("target", [*MODERN, *GATEWAY, "HDRUK 2.2.0", "HDRUK 2.2.1"])
def test_t9_housing_survives_every_pair_of_versions(target: str) -> None:
    types = [{"name": "Socioeconomic", "subTypes": ["Housing"]}]
    canonical = record(provenance={"origin": {"datasetType": types}})
    assert there_and_back(canonical, target)["provenance"]["origin"]["datasetType"] == types


def test_t10_null_is_never_text_and_an_empty_list_stays_empty() -> None:
    source = document(
        summary={"abstract": None, "keywords": []}, coverage={"spatial": None, "materialType": []}, observations=[], revisions=[],
    )  # fmt: skip
    for target in WRITERS:
        written = translate(source, target)
        assert not {"null", "None", "undefined", "NaN", "nan"} & set(texts(written.document)), target
        assert '[""]' not in json.dumps(written.document)
    assert translate(source, "HDRUK 3.0.0").document["summary"]["keywords"] == []


@pytest.mark.parametrize(("least", "most"), [(0, 0), (0, 150), (18, None), (None, 65), (0, 17)])
def test_t12_age_limits_are_kept(least: int | None, most: int | None) -> None:
    ages = {name: age for name, age in (("typicalAgeRangeMin", least), ("typicalAgeRangeMax", most)) if age is not None}
    for target in WRITERS:
        back = there_and_back(record(coverage=ages), target).get("coverage", {})
        if target in MODERN or len(ages) == 2:
            assert back == ages, target
        else:
            lost = [entry.from_path for entry in write(record(coverage=ages), target).report if entry.kind == "dropped"]
            assert lost == [f"/coverage/{name}" for name in ages], target


@pytest.mark.parametrize("size", [-1, 0, 12345])
def test_t13_the_population_is_copied_and_never_taken_from_observations(size: int) -> None:
    count = {"observedNode": "Persons", "measuredValue": 99, "observationDate": "2024-01-01", "measuredProperty": "Count"}
    for target in WRITERS:
        document = write(record(summary={"populationSize": size}, observations=[count]), target).document
        if "populationSize" in document["summary"]:
            assert document["summary"]["populationSize"] == size
        assert write(record(observations=[count]), target).document["summary"].get("populationSize") is None


def test_t14_no_contact_is_copied_to_another_place() -> None:
    dataset = record(summary={"contactPoint": "d@r.example", "dataCustodian": {"name": "R"}})
    custodian = record(summary={"dataCustodian": {"name": "R", "contactPoint": ["c@r.example"]}})
    for target in WRITERS:
        assert not at(write(dataset, target).document, "summary.dataCustodian.contactPoint")
        assert not at(write(dataset, target).document, "summary.publisher.contactPoint")
        assert write(custodian, target).document["summary"].get("contactPoint") is None


def test_t15_every_field_keeps_its_own_path() -> None:
    canonical = record(
        documentation={"associatedMedia": ["https://m.example/"]},
        enrichmentAndLinkage={
            "tools": ["https://t.example/"], "investigations": ["https://i.example/"], "publicationUsingDataset": ["10.1234/u"],
            "isPartOf": [{"title": "Whole"}], "linkableDatasets": [{"url": "https://l.example/"}],
        },
        accessibility={"usage": {"dataUseRequirements": ["Time limit on use"]}}, coverage={"followUp": "Other"},
    )  # fmt: skip
    for target in WRITERS:
        back = there_and_back(canonical, target)
        assert {name: back[name] for name in ("documentation", "enrichmentAndLinkage", "accessibility", "coverage")} == {
            name: canonical.as_json()[name] for name in ("documentation", "enrichmentAndLinkage", "accessibility", "coverage")
        }, target


TABLES = (
    ("accessibility.usage.dataUseLimitation", older.LIMITATION), ("accessibility.usage.dataUseRequirements", older.REQUIREMENT),
    ("provenance.origin.collectionSituation", older.SITUATION), ("provenance.origin.purpose", older.PURPOSE),
    ("provenance.origin.source", older.SOURCE), ("coverage.physicalSampleAvailability", older.MATERIAL),
)  # fmt: skip


@pytest.mark.parametrize(("path", "allowed"), TABLES)
def test_t16_every_value_of_2_x_survives_into_4_0_0_or_is_reported(path: str, allowed: tuple[str, ...]) -> None:
    section, *rest, name = path.split(".")
    inner: Any = {name: list(allowed)}
    for step in reversed(rest):
        inner = {step: inner}
    reading = read(two(**{section: inner}))
    assert not [one for one in reading.carried if one.path.startswith("/" + path.replace(".", "/"))]
    same = {"collectionSituation": "collectionSource", "physicalSampleAvailability": "materialType"}.get(name, name)
    assert at(reading.record.as_json(), path.rpartition(".")[0] + "." + same)


@pytest.mark.parametrize("value", older.TIME_LAG)
def test_t16_every_lag_survives_into_4_0_0(value: str) -> None:
    reading = read(two(provenance={"temporal": {"timeLag": value}}))
    assert reading.record.provenance.temporal.time_lag in values.LAG
    if value != "NO TIMELAG":
        back = write(reading.record, "HDRUK 2.1.2").document["provenance"]["temporal"]["timeLag"]
        assert back == value


def test_t17_derivation_never_fills_derived_from() -> None:
    source = two(enrichmentAndLinkage={"derivation": ["An extract of births"]})
    assert read(source).record.enrichment_and_linkage.derived_from is None
    assert translate(source, "HDRUK 2.1.2").document["enrichmentAndLinkage"]["derivation"] == ["An extract of births"]
    assert "An extract of births" not in json.dumps(translate(source, "HDRUK 4.0.0").document)


def test_t18_cohort_variables_and_samples_return_on_the_way_back() -> None:
    source = two(
        coverage={"gender": ["Female"], "lifestyle": ["Smoking"]},
        tissuesSampleCollection=[{"materialType": ["Blood"], "collectionType": "Cohort", "dataCategories": ["Survey data"]}],
    )  # fmt: skip
    for target in ("HDRUK 2.2.0", "HDRUK 2.2.1"):
        document = translate(source, target).document
        assert document["coverage"]["gender"] == ["Female"]
        assert document["coverage"]["lifestyle"] == ["Smoking"]
        assert document["tissuesSampleCollection"] == source["tissuesSampleCollection"]
    older_one = translate(source, "HDRUK 2.1.2")
    assert "gender" not in older_one.document["coverage"]
    assert older_one.document["coverage"]["physicalSampleAvailability"] == ["WHOLE BLOOD"]
    assert kinds(older_one, "/coverage/gender") == ["carried"]


def test_t19_types_are_a_list_in_3_0_0_and_objects_in_4_0_0() -> None:
    canonical = record(provenance={"origin": {"datasetType": [{"name": "Omics"}]}})
    assert write(canonical, "HDRUK 3.0.0").document["provenance"]["origin"]["datasetType"] == ["Omics"]
    assert write(canonical, "HDRUK 4.0.0").document["provenance"]["origin"]["datasetType"] == [{"name": "Omics", "subTypes": None}]


def test_t20_a_table_stays_one_table() -> None:
    columns = [
        {"name": name, "dataType": "int", "sensitive": False, "values": [{"name": "1", "description": "One", "frequency": 4}]}
        for name in ("z", "a", "m")
    ]
    tables: list[dict[str, Any]] = [{"name": "births", "columns": columns}, {"name": "deaths", "columns": []}]
    for target in WRITERS:
        if target == "HDRUK 2.0.2":
            continue
        back = there_and_back(record(structuralMetadata={"tables": tables}), target)["structuralMetadata"]["tables"]
        expected = copy.deepcopy(tables)
        for column in expected[0]["columns"] if target in TWO else ():
            del column["values"]
        assert back == expected, target


def test_t21_what_is_unknown_stays_unknown() -> None:
    tables = [{"name": "births", "columns": [{"name": "sex", "dataType": "text"}]}]
    canonical = record(structuralMetadata={"tables": tables}, provenance={"origin": {"datasetType": [{"name": "Politics"}]}})
    for target in WRITERS:
        text = json.dumps(write(canonical, target).document)
        assert "false" not in text
        assert "Not applicable" not in text
    assert there_and_back(canonical, "HDRUK 4.0.0")["provenance"]["origin"]["datasetType"] == [{"name": "Politics"}]


@pytest.mark.parametrize("value", ["3/4/21", "Ongoing", "2021"])
def test_t22_a_date_that_is_not_iso_is_carried_and_never_interpreted(value: str) -> None:
    source = two(provenance={"temporal": {"startDate": value, "timeLag": None}})
    written = translate(source, "HDRUK 4.0.0")
    assert at(written.document, "provenance.temporal.startDate") is None
    assert kinds(written, "/provenance/temporal/startDate") == ["carried"]
    assert translate(source, "HDRUK 2.2.1").document["provenance"]["temporal"]["startDate"] == value


def test_t23_a_doi_is_taken_only_where_the_whole_value_is_one() -> None:
    source = two(accessibility={"usage": {"isReferencedBy": ["10.1234/a", "See 10.1234/b for more", "https://doi.org/10.1234/c"]}})
    reading = read(source, "2.1.2")
    assert reading.record.enrichment_and_linkage.publication_using_dataset == ["10.1234/a", "https://doi.org/10.1234/c"]
    assert "See 10.1234/b for more" in [one.value for one in reading.carried]


def test_t24_comma_text_is_split_by_the_longest_match() -> None:
    found, rest = values.split_by_longest("Cohort, study, trial, Clinic, nowhere", values.COLLECTION_SOURCE)
    assert found == ["Cohort, study, trial", "Clinic"]
    assert rest == ["nowhere"]


def test_t25_several_access_categories_are_never_reduced_to_one() -> None:
    source = two(accessibility={"access": {"accessServiceCategory": ["TRE/SDE", "Open access"]}})
    assert read(source).record.accessibility.access.access_service_category is None
    written = translate(source, "HDRUK 4.0.0")
    assert at(written.document, "accessibility.access.accessServiceCategory") is None
    assert kinds(written, "/accessibility/access/accessServiceCategory") == ["carried"]
    back = translate(source, "HDRUK 2.2.1").document
    assert back["accessibility"]["access"]["accessServiceCategory"] == ["TRE/SDE", "Open access"]


def test_t26_h11_text_is_never_encoded() -> None:
    text = "A&E attendances > 10 Years <of> \"care\" & 'more' &amp;"
    canonical = record(summary={"title": text, "abstract": text}, coverage={"followUp": "> 10 Years", "pathway": text})
    for target in WRITERS:
        found = set(texts(write(canonical, target).document))
        assert text in found
        assert {"> 10 Years", "> 10 YEARS"} & found
        assert not any("&gt;" in one for one in found)


def test_t27_revisions_are_kept() -> None:
    revisions = [{"version": "1.0.0", "url": "https://r.example/1"}, {"version": "1.1.0", "url": "https://r.example/2"}]
    for target in WRITERS:
        assert there_and_back(record(revisions=revisions), target)["revisions"] == revisions


def test_t29_keywords_come_from_keywords_alone() -> None:
    gateway = {
        "required": {"gatewayId": "1", "gatewayPid": "1234"}, "coverage": {"followUp": None},
        "summary": {"title": "Births", "keywords": "one", "controlledKeywords": "two", "publisher": {"name": "Register"}},
    }  # fmt: skip
    assert translate(gateway, "HDRUK 4.0.0").document["summary"]["keywords"] == ["one"]
    assert translate(gateway, "GWDM 2.0").document["summary"]["controlledKeywords"] == "two"


def test_t30_a_related_dataset_is_named_by_what_it_is_named_by() -> None:
    pid = "255d70c6-9a50-4b62-adc0-44216606a216"
    source = two(enrichmentAndLinkage={"qualifiedRelation": ["https://r.example/1", pid, "The other dataset"]})
    expected = [{"url": "https://r.example/1"}, {"pid": pid}, {"title": "The other dataset"}]
    assert translate(source, "HDRUK 4.0.0").document["enrichmentAndLinkage"]["linkableDatasets"] == expected
    assert there_and_back(read(source).record, "HDRUK 2.1.2")["enrichmentAndLinkage"]["linkableDatasets"] == expected


def test_t32_translation_does_not_alter_its_input_and_is_deterministic() -> None:
    source = two(tissuesSampleCollection=[{"materialType": ["Blood"], "tissueSampleMetadata": {"x": [1]}}], unknown={"a": [1]})
    before = copy.deepcopy(source)
    for target in WRITERS:
        first, second = translate(source, target), translate(copy.deepcopy(source), target)
        assert json.dumps(first.as_json()) == json.dumps(second.as_json())
        assert source == before


def test_t33_unknown_keys_are_carried_and_return() -> None:
    extra = {"@schema": "2.2.1", "id": "1", "pid": "2", "colour": {"deep": ["red"]}}
    source = two(**extra)
    reading = read(source)
    assert {one.path for one in reading.carried} >= {"/@schema", "/id", "/pid", "/colour"}
    written = translate(source, "HDRUK 2.2.1")
    assert {name: written.document[name] for name in extra} == extra
    assert not {"id", "pid", "colour"} & set(translate(source, "HDRUK 4.0.0").document)


def test_t34_the_target_is_always_named() -> None:
    for target in ("", "latest", "4.0.0", "HDRUK 1.1.7", "GWDM 1.0"):
        with pytest.raises(UnknownTarget):
            write(record(), target)


def test_a_strict_call_names_everything_that_is_missing() -> None:
    with pytest.raises(NotConforming) as refusal:
        write(record(), "HDRUK 4.0.0", mode="strict")
    assert {"/version", "/issued", "/summary/populationSize", "/observations"} <= {entry.to_path for entry in refusal.value.entries}
    assert {entry.kind for entry in refusal.value.entries} == {"unfilled"}


def test_what_must_be_there_and_is_unknown_is_null_where_null_is_allowed() -> None:
    written = write(record(), "HDRUK 4.0.0")
    assert written.document["summary"]["abstract"] is None
    assert written.document["accessibility"] == {"access": {"accessRights": None}}
    assert "version" not in written.document
    assert not written.conforms


ITEM = {"persistent_id": "abc-1", "address": "https://r.example/datasets/abc-1", "source": "Register", "schema": "2.0.2"}
DATED = {"version": "1.0.0", "issued": "2024-01-01T00:00:00Z", "modified": "2024-02-01T00:00:00Z"}


def test_an_item_of_a_federation_list_conforms_where_the_texts_fit() -> None:
    written = list_item(record(summary={"title": "Births", "abstract": "All births."}, **DATED), **ITEM)
    assert written.conforms
    page = federation_list([written], total=3, limit=1, offset=0, query="births")
    assert VERSIONS["GMI list"].validator.is_valid(page)
    assert page["query"] == {"q": "births", "total": 3, "limit": 1, "offset": 0}


def test_texts_over_the_limits_of_a_federation_list_are_kept_whole_and_said() -> None:
    written = list_item(record(summary={"title": "t" * 81, "abstract": "a" * 256}, **DATED), **ITEM)
    assert (written.document["name"], written.document["description"]) == ("t" * 81, "a" * 256)
    assert [(entry.kind, entry.to_path) for entry in written.report if entry.kind == "over_limit"] == [
        ("over_limit", "/name"), ("over_limit", "/description"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("older_values", "newer", "also"),
    [
        (older.MEMBERSHIP, values.MEMBERSHIP, None), (older.FOLLOW_UP, values.FOLLOW_UP, None),
        (older.FREQUENCY, values.FREQUENCY, values.FREQUENCY_ALSO), (older.PERIODICITY_1_1_7, values.FREQUENCY, values.FREQUENCY_ALSO),
        (older.LEAD_TIME, values.LAG, values.LAG_ALSO), (older.DURATION_1_1_7, values.LAG, values.LAG_ALSO),
        (older.TIME_LAG, values.LAG, values.TIME_LAG_ALSO), (older.PURPOSE, values.PURPOSE, None),
        (older.PURPOSE_1_1_7, values.PURPOSE, None), (older.SOURCE, values.SOURCE, values.SOURCE_ALSO),
        (older.SOURCE_1_1_7, values.SOURCE, values.SOURCE_ALSO), (older.SITUATION, values.COLLECTION_SOURCE, values.COLLECTION_SOURCE_ALSO),
        (older.SITUATION_2_0_1, values.COLLECTION_SOURCE, values.COLLECTION_SOURCE_ALSO),
        (older.SETTING_1_1_7, values.COLLECTION_SOURCE, values.COLLECTION_SOURCE_ALSO),
        (older.LIMITATION, values.LIMITATION, values.LIMITATION_ALSO), (older.REQUIREMENT, values.REQUIREMENT, values.REQUIREMENT_ALSO),
        (older.MATERIAL, values.MATERIAL, values.MATERIAL_ALSO), (older.MATERIAL_1_1_7, values.MATERIAL, values.MATERIAL_ALSO),
        (older.SAMPLE_MATERIAL, values.MATERIAL, values.MATERIAL_ALSO), (older.NODE, values.NODE, None),
        (older.STANDARD_1_1_7, values.STANDARD, None), (older.VOCABULARY_1_1_7, values.VOCABULARY, values.VOCABULARY_ALSO),
    ],
)  # fmt: skip
def test_the_tables_of_values_are_total_over_the_older_lists(
    older_values: tuple[str, ...], newer: tuple[str, ...], also: dict[str, str] | None
) -> None:
    assert [value for value in older_values if values.match(value, newer, also) not in newer] == []
