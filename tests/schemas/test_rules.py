"""The rules: each has a record that fires it and a near miss that does not."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from schemas.record import AgeCount as Age
from schemas.record import Column, Dataset, DatasetType, DataValue, Observation, RelatedDataset, Revision, Table
from schemas.record import DiseaseCount as Disease
from schemas.rules import RULES, Before, Facts, Listed, Siblings, flaws, identity, not_checked, privacy, references
from schemas.rules.codes import countries, is_media_type, is_place
from schemas.translate import read
from schemas.validate import check
from tests.corpus import corpus
from tests.schemas.documents import every_document, hostile_documents, official_examples

TODAY = dt.date(2026, 6, 1)
FACTS = Facts(today=TODAY, probes={}, registered={}, siblings=Siblings(), before=Before(), listed=Listed())


def sound() -> Dataset:
    """A record with no flaw that a rule looks for."""
    columns = [{"name": "weight_g", "dataType": "integer", "description": "Weight at birth in grams.", "sensitive": False}]
    abstract = "Every birth that was registered in Wales between 1990 and today, with weight and place."
    return Dataset.from_json({
        "identifier": "https://register.ac.uk/1", "version": "1.1.0", "issued": "2024-01-01T00:00:00Z", "modified": "2024-02-01T00:00:00Z",
        "revisions": [{"version": "1.0.0"}],
        "summary": {
            "title": "Births in Wales", "abstract": abstract, "contactPoint": "data@register.ac.uk", "populationSize": 1200, "keywords": ["birth"],
            "dataCustodian": {"name": "Register of Wales", "identifier": "https://ror.org/03yrm5c26", "contactPoint": ["data@register.ac.uk"]},
        },
        "documentation": {"description": f"{abstract} The register receives a form from each hospital and midwife, checks it and adds it to the file, each working day of the year, and has done so since the year 1837."},
        "coverage": {"typicalAgeRangeMin": 0, "typicalAgeRangeMax": 150, "spatial": ["Wales"]},
        "provenance": {
            "origin": {"datasetType": [{"name": "Health and disease", "subTypes": ["Maternity and neonatology"]}]},
            "temporal": {"startDate": "1990-01-01", "endDate": "2020-01-01", "publishingFrequency": "Annual", "distributionReleaseDate": "2027-01-01"},
        },
        "accessibility": {
            "access": {
                "accessRights": ["https://register.ac.uk/access/how-to-apply"], "accessServiceCategory": "TRE/SDE", "deliveryLeadTime": "1-2 months",
                "accessRequestCost": ["There are none."], "jurisdiction": ["GB-WLS"], "dataController": "Register of Wales",
            },
            "formatAndStandards": {"language": ["en"], "format": ["text/csv"], "vocabularyEncodingScheme": ["ICD10"]},
        },
        "observations": [{"observedNode": "Persons", "measuredValue": 1200, "observationDate": "2020-01-01", "measuredProperty": "Count"}],
        "structuralMetadata": {"tables": [{"name": "births", "columns": columns}]},
    })  # fmt: skip


def with_value(path: str, value: Any) -> Dataset:
    record = sound()
    *steps, last = path.split(".")
    place: Any = record
    for step in steps:
        place = place[int(step)] if step.isdigit() else getattr(place, step)
    if last.isdigit():
        place[int(last)] = value
    else:
        setattr(place, last, value)
    return record


def fired(rule: str, record: Dataset, facts: Facts = FACTS) -> list[str]:
    return [flaw.path for one, flaw in flaws(record, facts) if one.id == rule]


def test_a_sound_record_fires_nothing() -> None:
    assert [(rule.id, flaw) for rule, flaw in flaws(sound(), FACTS)] == []


START, END, RELEASE = (f"provenance.temporal.{name}" for name in ("start_date", "end_date", "distribution_release_date"))
FREQUENCY, TYPES, RIGHTS = "provenance.temporal.publishing_frequency", "provenance.origin.dataset_type", "accessibility.access.access_rights"
LEAST, MOST, SIZE = "coverage.typical_age_range_min", "coverage.typical_age_range_max", "summary.population_size"
ACCESS, USAGE, FORMATS, LINKS = "accessibility.access", "accessibility.usage", "accessibility.format_and_standards", "enrichment_and_linkage"
COLUMNS = "structural_metadata.tables.0.columns"
OMIC = DatasetType(name="Omics", sub_types=["Genomics"])


def seen(**parts: Any) -> Observation:
    return Observation(**{"observed_node": "Persons", "measured_value": 1200, "observation_date": "2020-01-01", "measured_property": "Count", **parts})


def column(**parts: Any) -> list[Column]:
    return [Column(**{"name": "weight_g", "data_type": "integer", "sensitive": False, **parts})]


CASES: list[tuple[str, str, Any, Any]] = [
    ("XFD-01", END, "1989-12-31", "1990-01-01"), ("XFD-01", END, "1989-12-31T00:00:00Z", "CONTINUOUS"), ("XFD-02", END, "CONTINUOUS", None),
    ("XFD-04", START, "1970-01-01", "1970-01-02"), ("XFD-04", START, "1849-12-31", "1850-01-01"), ("XFD-04", START, "2027-01-01", "2026-05-31"),
    ("XFD-05", RELEASE, "2025-05-31", "2025-06-02"), ("XFD-06", RELEASE, None, "2027-01-01"), ("XFD-06", FREQUENCY, "Irregular", "Static"),
    ("XFD-07", "modified", "2023-12-31T00:00:00Z", "2024-01-01T00:00:00Z"), ("XFD-07", "modified", "2026-06-04T00:00:00Z", "2026-06-01T00:00:00Z"),
    ("XFD-08", "provenance.temporal.time_lag", "Not applicable", "1-2 weeks"), ("XFD-09", MOST, 151, 150), ("XFD-09", LEAST, -1, 0),
    ("XFD-10", MOST, -1, 0), ("XFD-11", MOST, 0, 1), ("XFD-11", LEAST, None, 3), ("XFD-12", SIZE, -2, 1), ("XFD-12", SIZE, -1, None),
    ("XFD-12", SIZE, 0, 7), ("XFD-13", SIZE, 1400, 1300), ("XFD-14", "observations", [seen(measured_value=-1)], [seen(measured_value=0)]),
    ("XFD-15", "observations", [seen(observation_date="1989-01-01")], [seen(observation_date="1990-01-01")]),
    ("XFD-15", "observations", [seen(observation_date="2026-06-02")], [seen(observation_date="2026-06-01")]),
    ("XFD-16", "observations", [seen(), seen(measured_value=1)], [seen(), seen(measured_value=1, observation_date="2021-01-01")]),
    ("XFD-16", "observations", [seen(), seen()], [seen(), seen(disambiguating_description="In hospital")]), ("XFD-17", "observations", [], [seen()]),
    ("XFD-18", "demographic_frequency.age", [Age(bin="5-9 years", count=1213)], [Age(bin="5-9 years", count=1212)]),
    ("XFD-19", "demographic_frequency.age", [Age(bin="5-9 years", count=9)] * 2, [Age(bin="5-9 years", count=9), Age(bin="10-14 years", count=9)]),
    ("XFD-21", "demographic_frequency.disease", [Disease(disease_code="I10", disease_code_vocabulary="ICD10", count=1201)],
     [Disease(disease_code="I10", disease_code_vocabulary="ICD10", count=1200)]),
    ("XFD-22", "coverage.material_type", ["None/not available", "DNA"], ["None/not available"]),
    ("XFD-22", "coverage.material_type", ["Availability to be confirmed", "DNA"], ["DNA", "RNA"]),
    ("XFD-23", f"{USAGE}.data_use_limitation", ["No restriction", "No linkage"], ["No restriction"]),
    ("XFD-24", f"{USAGE}.data_use_limitation", ["General research use", "Genetic studies only"], ["General research use"]),
    ("XFD-26", TYPES, [DatasetType(name="Births", sub_types=None)], [OMIC]), ("XFD-26", TYPES, [DatasetType(sub_types=["Head"])], [OMIC]),
    ("XFD-27", TYPES, [DatasetType(name="Omics", sub_types=["Cancer"])], [OMIC]), ("XFD-28", TYPES, [], [OMIC]), ("XFD-28", TYPES, [OMIC, OMIC], [OMIC]),
    ("XFD-29", TYPES, [DatasetType(name="Omics")], [DatasetType(name="Politics")]), ("XFD-30", "provenance.origin.image_contrast", "Yes", None),
    ("XFD-30", TYPES, [DatasetType(name="Imaging types", sub_types=["CT"])], [OMIC]), ("XFD-31", "omics.assay", ["Exome sequencing"], None),
    ("XFD-33", f"{ACCESS}.data_controller", None, "Register"), ("XFD-33", f"{ACCESS}.data_processor", "Register of Wales", "Another"),
    ("XFD-34", "structural_metadata.tables", [Table(name="a", columns=column())] * 2, [Table(name="a", columns=column()), Table(name="b", columns=column())]),
    ("XFD-34", COLUMNS, column() * 2, [*column(), *column(name="b")]),
    ("XFD-34", COLUMNS, column(values=[DataValue(name=1), DataValue(name="1")]), column(values=[DataValue(name=1), DataValue(name=2)])),
    ("XFD-35", COLUMNS, [], column()), ("XFD-35", COLUMNS, column(description="Weight_g."), column(description="Weight in grams")),
    ("XFD-36", f"{LINKS}.is_part_of", [RelatedDataset()], [RelatedDataset(title="Deaths")]),
    ("XFD-36", f"{LINKS}.is_part_of", [RelatedDataset(url="https://register.ac.uk/1")], [RelatedDataset(url="https://register.ac.uk/2")]),
    ("XFD-37", "revisions", [Revision(version="1.0.0")] * 2, [Revision(version="1.0.0")]),
    ("XFD-37", "revisions", [Revision(version="1.10.0")], [Revision(version="1.1.0")]),
    ("REF-01", "summary.data_custodian.identifier", "https://ror.org/03yrm5c27", "03yrm5c26"), ("REF-01", "summary.data_custodian.identifier", 7, "https://ror.org/04rtjaj74"),
    ("REF-02", f"{USAGE}.resource_creator", ["Register (0000-0002-1825-0098)"], ["Register (0000-0002-1825-0097)"]),
    ("REF-03", "summary.doi_name", "10x1093/abc", "10.1093/abc"), ("REF-03", "summary.doi_name", "https://doi.org/10.1093/abc", "10.1093/a(b)c;d"),
    ("REF-04", f"{ACCESS}.jurisdiction", ["UK"], ["GB"]), ("REF-04", f"{ACCESS}.jurisdiction", ["ZZ"], ["GB-EAW", "DE-BE", "FR"]),
    ("REF-04", f"{ACCESS}.jurisdiction", ["GB-EN"], ["GB-ENG"]), ("REF-05", "coverage.spatial", ["Narnia"], ["The United Kingdom"]),
    ("REF-05", "coverage.spatial", ["All hospitals in the west of the country that take part"], ["E12000007", "Scotland, Wales"]),
    ("REF-05", "coverage.spatial", ["https://register.ac.uk/area"], ["https://www.geonames.org/2635167/united-kingdom.html"]),
    ("REF-06", f"{FORMATS}.format", ["csv"], ["text/csv"]), ("REF-06", f"{FORMATS}.format", ["image/diacom-rle"], ["image/dicom-rle"]),
    ("REF-06", f"{FORMATS}.format", ["text/nonsense"], ["application/vnd.ms-excel", "text/csv; charset=utf-8"]),
    ("REF-07", f"{FORMATS}.language", ["bh"], ["cy"]), ("REF-07", f"{FORMATS}.language", ["English"], ["en"]),
    ("REF-08", f"{FORMATS}.vocabulary_encoding_scheme", ["DM PLUS D", "DM+D"], ["DM+D"]), ("REF-08", f"{FORMATS}.vocabulary_encoding_scheme", ["LOCAL"], ["LOCAL", "READ"]),
    ("REF-09", "demographic_frequency.disease", [Disease(disease_code="73211008", disease_code_vocabulary="SNOMED CT", count=9)],
     [Disease(disease_code="73211009", disease_code_vocabulary="SNOMED CT", count=9)]),
    ("REF-09", "demographic_frequency.disease", [Disease(disease_code="Diabetes", disease_code_vocabulary="ICD10", count=9)],
     [Disease(disease_code="E11.9", disease_code_vocabulary="ICD10", count=9), Disease(disease_code="D003920", disease_code_vocabulary="MeSH", count=9)]),
    ("REF-10", "coverage.dataset_completeness", "ftp://register.ac.uk/x", "https://register.ac.uk/x"),
    ("REF-10", "coverage.dataset_completeness", "https://u:p@register.ac.uk/", "https://register.ac.uk/@x"),
    ("REF-10", "coverage.dataset_completeness", "http://10.0.0.1/x", "http://8.8.8.8/x"), ("REF-10", f"{LINKS}.tools", ["https://intranet/x"], ["https://intranet.nhs.uk/x"]),
    ("REF-11", "summary.contact_point", "data@example.org", "data@example.ac.uk"), ("REF-11", "coverage.dataset_completeness", "https://a.example/x", "https://example.co.uk/x"),
    ("REF-13", "identifier", "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001"),
    ("TXT-01", "summary.abstract", " TBC ", "To be decided by the board, which meets in the autumn of each year."), ("TXT-01", "summary.doi_name", "n/a", "10.1234/na"),
    ("TXT-02", "summary.abstract", "null", "null and void"), ("TXT-02", "documentation.description", "[object Object]", "an object"),
    ("TXT-03", "summary.abstract", "One <b>bold</b> word", "a < b and b > c"), ("TXT-03", "documentation.description", "<script>x</script>", "<p>A</p>"),
    ("TXT-04", "summary.title", "A&amp;E", "A&E"), ("TXT-04", "summary.keywords", ["&amp;gt; 10 Years"], ["> 10 Years"]),
    ("TXT-05", "summary.abstract", "the childrenâ€™s weight", "the children’s weight"), ("TXT-05", "summary.abstract", "Ã©tude", "étude"),
    ("TXT-05", "summary.abstract", "one\\ntwo", "one\ntwo"), ("TXT-05", "summary.abstract", "a\x07b", "a\tb"), ("TXT-06", "summary.title", "Births ", "Births"),
    ("TXT-06", "summary.title", "Births  in Wales", "Births in Wales"), ("TXT-06", "summary.abstract", "10\u00a0000 births", "é 10 000 births"),
    ("TXT-07", "summary.abstract", "Births in Wales.", "All births in Wales"), ("TXT-08", "summary.abstract", "x" * 49, "x" * 50),
    ("TXT-08", "summary.abstract", "x" * 255, "x" * 254 + "."), ("TXT-09", "summary.title", "Dataset", "Dataset of births"),
    ("TXT-09", "summary.title", "births_2020", "Births (2020)"), ("TXT-09", "summary.title", "births.csv", "Births CSV"),
    ("TXT-09", "summary.title", "SAIL", "SAIL databank"), ("TXT-09", "summary.title", "BIRTHS IN WALES", "BIRTHS in Wales"),
    ("TXT-10", "documentation.description", "https://register.ac.uk/about", "x " * 150), ("TXT-10", "documentation.description", f"{'x' * 200}\n{'x' * 200}", "x" * 200),
    ("TXT-11", "summary.keywords", ["a, b, c"], ["births, still"]), ("TXT-11", "coverage.spatial", ["Wales;,;England"], ["Wales", "England"]),
    ("TXT-12", "summary.keywords", ["birth", "Birth"], ["birth", "weight"]), ("TXT-12", "summary.keywords", ["Births in Wales"], ["Births"]),
    ("TXT-12", "summary.keywords", [str(n) for n in range(31)], [str(n) for n in range(30)]), ("TXT-12", "summary.dataset_aliases", ["Births in Wales"], ["BIW"]),
    ("PRV-01", "summary.contact_point", "jane.doe@nhs.net", "data.team@nhs.net"), ("PRV-01", "summary.contact_point", "someone@gmail.com", "cohortdata@gmail.com"),
    ("PRV-02", "summary.abstract", "For example 943 476 5919 was excluded from the count of all births.", "For example 943 476 5918 was excluded from the count of all births."),
    ("PRV-02", "summary.abstract", "Number AB 12 34 56 C is not in these data of registered births.", "Number AB 12 34 56 is not in these data of registered births."),
    ("PRV-02", "summary.abstract", "She lives at the place CF10 3AT, which is not in these data.", "University of Wales, CF10 3AT, keeps these data of all births."),
    ("PRV-03", COLUMNS, column(name="NHS_Number"), column(name="NHS_Number", sensitive=True)), ("PRV-03", COLUMNS, column(name="patientPostcode"), column(name="chime")),
    ("PRV-04", "demographic_frequency.age", [Age(bin="5-9 years", count=4)], [Age(bin="5-9 years", count=5)]),
    ("PRV-05", COLUMNS, column(values=[DataValue(name=n) for n in range(501)]), column(values=[DataValue(name=n) for n in range(500)])),
    ("PRV-05", COLUMNS, column(values=[DataValue(name=f"1980-01-0{n}") for n in range(1, 6)]), column(values=[DataValue(name=f"1980-{n}") for n in range(1, 6)])),
    ("PRV-06", f"{USAGE}.resource_creator", ["Dr Jane Doe"], ["Register of Wales"]), ("ACC-01", RIGHTS, ["In Progress"], ["In progress of being decided, ask the board."]),
    ("ACC-01", RIGHTS, None, ["https://a.ac.uk/x"]), ("ACC-02", RIGHTS, ["Ask us."], ["Write to the board, which meets each month."]),
    ("ACC-03", RIGHTS, ["https://a.ac.uk/xhttps://b.ac.uk/y"], ["https://a.ac.uk/x, https://b.ac.uk/y"]),
    ("ACC-03", RIGHTS, ["HTTPS://A.AC.UK/APPLY"], ["https://a.ac.uk/APPLY"]), ("ACC-04", RIGHTS, ["https://a.ac.uk/"], ["https://a.ac.uk/access"]),
    ("ACC-05", f"{ACCESS}.delivery_lead_time", None, "Other"), ("ACC-05", f"{ACCESS}.access_service_category", None, "Open access"),
    ("ACC-05", f"{ACCESS}.access_request_cost", None, ["https://register.ac.uk/prices"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "path", "wrong", "right"), CASES)
def test_a_flaw_fires_its_rule_and_a_near_miss_does_not(rule: str, path: str, wrong: Any, right: Any) -> None:
    assert fired(rule, with_value(path, wrong)) != []
    assert fired(rule, with_value(path, right)) == []


def both(first: tuple[str, Any], second: tuple[str, Any]) -> Dataset:
    record = with_value(*first)
    *steps, last = second[0].split(".")
    place: Any = record
    for step in steps:
        place = getattr(place, step)
    setattr(place, last, second[1])
    return record


PAIRS: list[tuple[str, Callable[[], Dataset], Callable[[], Dataset]]] = [
    ("XFD-03", lambda: both((END, "CONTINUOUS"), (FREQUENCY, "Static")), lambda: both((END, "CONTINUOUS"), (FREQUENCY, "Annual"))),
    ("XFD-03", lambda: with_value(FREQUENCY, "Continuous"), lambda: both((FREQUENCY, "Continuous"), (END, "2026-06-01"))),
    ("XFD-20", lambda: both((MOST, 17), ("demographic_frequency.age", [Age(bin="20-24 years", count=9)])),
     lambda: both((MOST, 17), ("demographic_frequency.age", [Age(bin="15-19 years", count=9)]))),
    ("XFD-24", lambda: both((f"{USAGE}.data_use_limitation", ["Commercial research use"]), (f"{USAGE}.data_use_requirements", ["Not for profit use"])),
     lambda: with_value(f"{USAGE}.data_use_limitation", ["Commercial research use"])),
    ("XFD-25", lambda: both((f"{ACCESS}.access_service_category", "Open access"), (COLUMNS.rpartition(".")[0].rpartition(".")[0], [Table(name="t", columns=column(sensitive=True))])),
     lambda: with_value(f"{ACCESS}.access_service_category", "Open access")),
    ("XFD-31", lambda: with_value(TYPES, [OMIC]), lambda: both((TYPES, [OMIC]), ("omics.assay", ["Exome sequencing"]))),
    ("XFD-32", lambda: both(("documentation.in_pipeline", "Available"), (RIGHTS, ["In Progress"])), lambda: with_value("documentation.in_pipeline", "Available")),
    ("XFD-32", lambda: with_value("documentation.in_pipeline", "Not available"),
     lambda: both(("documentation.in_pipeline", "Not available"), (f"{ACCESS}.delivery_lead_time", None))),
    ("XFD-38", lambda: both(("summary.contact_point", None), ("summary.data_custodian.contact_point", [])), lambda: with_value("summary.contact_point", None)),
    ("XFD-39", lambda: both(("summary.doi_name", "10.1234/X"), (f"{LINKS}.publication_about_dataset", ["https://doi.org/10.1234/x"])),
     lambda: both(("summary.doi_name", "10.1234/X"), (f"{LINKS}.publication_about_dataset", ["10.1234/y"]))),
    ("XFD-39", lambda: both((f"{LINKS}.publication_using_dataset", ["10.1234/x"]), (f"{LINKS}.publication_about_dataset", ["10.1234/x"])),
     lambda: with_value(f"{LINKS}.publication_using_dataset", ["10.1234/x"])),
    ("ACC-06", lambda: both((f"{ACCESS}.access_service_category", "Direct access"), (f"{ACCESS}.access_service", "In the SAIL safe haven.")),
     lambda: both((f"{ACCESS}.access_service_category", "Direct access"), (f"{ACCESS}.access_service", "By mail, encrypted."))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "wrong", "right"), PAIRS)
def test_rules_over_two_fields(rule: str, wrong: Callable[[], Dataset], right: Callable[[], Dataset]) -> None:
    assert fired(rule, wrong()) != []
    assert fired(rule, right()) == []


def listed(**said: Any) -> Facts:
    return Facts(listed=Listed(**said))


WITH_FACTS: list[tuple[str, Facts, Facts]] = [
    ("XFD-40", Facts(before=Before("1.2.0")), Facts(before=Before("1.0.0", content_changed=True))),
    ("XFD-40", Facts(before=Before("1.1.0", content_changed=True)), Facts(before=Before("1.1.0"))),
    ("XFD-41", Facts(siblings=Siblings(titles=frozenset(("births in wales",)))), Facts(siblings=Siblings(titles=frozenset(("deaths in wales",))))),
    ("XFD-41", Facts(siblings=Siblings(identifiers=frozenset(("https://register.ac.uk/1",)))), Facts(siblings=Siblings())),
    ("DOC-06", listed(version="1.0.0"), listed(version=" 1.1.0 ")), ("DOC-06", listed(title="Deaths in Wales"), listed(title="births  in wales")),
    ("DOC-06", listed(modified="2024-02-02"), listed(modified="2024-02-01")),
    ("DOC-06", listed(modified="2024-02-01T00:00:02Z"), listed(modified="2024-02-01T01:00:00+01:00")), ("DOC-06", listed(modified="2024-01-31"), listed(modified="last week")),
    ("DOC-06", listed(identifier="7", stated_ids=frozenset(("8",))), listed(identifier="7", stated_ids=frozenset(("7", "8")))),
    ("REF-12", Facts(probes={"https://register.ac.uk/access/how-to-apply": "dead"}), Facts(probes={"https://register.ac.uk/access/how-to-apply": "unknown"})),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "wrong", "right"), WITH_FACTS)
def test_rules_that_need_facts(rule: str, wrong: Facts, right: Facts) -> None:
    assert fired(rule, sound(), wrong) != []
    assert fired(rule, sound(), right) == []


def test_a_doi_that_no_agency_knows_is_found() -> None:
    record = with_value("summary.doi_name", "10.1234/x")
    assert fired("REF-03", record, Facts(registered={"10.1234/x": False})) == ["/summary/doiName"]
    assert fired("REF-03", record, Facts(registered={"10.1234/x": True})) == []


def test_a_title_that_was_too_long_for_the_list_may_be_cut_off_there() -> None:
    title = "Births in Wales, with weight and place, from the registers of all hospitals and midwives"
    record = with_value("summary.title", title)
    assert fired("DOC-06", record, listed(title=f"{title[:79]}…")) == []
    assert fired("DOC-06", record, listed(title=title[:30])) == ["/summary/title"]


def test_rules_without_their_facts_are_listed_as_not_checked() -> None:
    assert set(not_checked(Facts())) == {"XFD-03", "XFD-04", "XFD-05", "XFD-07", "XFD-15", "XFD-40", "XFD-41", "REF-03", "REF-12", "DOC-06"}
    assert not_checked(FACTS) == ()
    assert check(sound().as_json()).not_checked == not_checked(Facts())


def test_every_rule_has_a_case_and_an_id_of_its_own() -> None:
    covered = {case[0] for case in CASES} | {case[0] for case in PAIRS} | {case[0] for case in WITH_FACTS}
    assert {rule.id for rule in RULES} == covered
    assert len({(rule.id, rule.needs) for rule in RULES}) == len(RULES)
    numbers = [f"XFD-{n:02}" for n in range(1, 42)] + [f"REF-{n:02}" for n in range(1, 14)] + [f"TXT-{n:02}" for n in range(1, 13)]
    assert covered == {*numbers, "DOC-06", *(f"PRV-{n:02}" for n in range(1, 7)), *(f"ACC-{n:02}" for n in range(1, 7))}


# whole documents


def test_the_official_example_has_no_error_but_the_known_flaws() -> None:
    (example,) = [real for real in official_examples() if real.name == "hdruk/4.0.0/example.json"]
    found = check(example.content, facts=FACTS)
    assert found.count("error") == 0, [finding for finding in found if finding.severity == "error"]
    assert {"XFD-11", "XFD-36", "XFD-37", "REF-06", "TXT-07", "ACC-01"} <= {finding.rule for finding in found}


def test_rules_never_raise_and_their_flaws_name_places_and_remedies() -> None:
    for real in every_document():
        record = read(real.content).record
        for rule, flaw in flaws(record, FACTS):
            assert flaw.path.startswith("/"), (rule.id, flaw)
            assert flaw.message.endswith((".", "!")), (rule.id, flaw)
            assert flaw.hint.endswith((".", "!")), (rule.id, flaw)
            if rule.id.startswith("PRV-0") and rule.id in ("PRV-01", "PRV-02", "PRV-06"):
                assert "…" in str(flaw.value), (rule.id, flaw)


def test_findings_of_rules_point_into_the_submitted_document() -> None:
    found = check({"summary": {"title": "TBC", "publisher": {"name": "x", "contactPoint": "jane.doe@nhs.net"}}, "coverage": {"typicalAgeRange": "90-10"}})
    places = {(finding.rule, finding.path) for finding in found}
    assert {("XFD-10", "/coverage/typicalAgeRange"), ("TXT-01", "/summary/title"), ("PRV-01", "/summary/publisher/contactPoint")} <= places


def test_a_certain_remedy_is_a_patch_of_the_submitted_document() -> None:
    record = sound().as_json()
    record["accessibility"]["access"]["jurisdiction"] = ["FR", "UK"]
    (found,) = [finding for finding in check(record) if finding.rule == "REF-04"]
    assert found.as_json()["fix"] == [{"op": "replace", "path": "/accessibility/access/jurisdiction/1", "value": "GB"}]
    record["accessibility"]["access"]["jurisdiction"] = "FR,UK"
    (found,) = [finding for finding in check(record) if finding.rule == "REF-04"]
    assert "fix" not in found.as_json()


# What the corpus calls an oddity -> the rules that speak of it. Markdown is allowed.
ODDITIES = {
    "contact-not-email": {"SCH-FORMAT"}, "odd-date": {"SCH-FORMAT", "SCH-ENUM", "SCH-TYPE"}, "html-tag": {"TXT-03", "SCH-UNKNOWN-KEY"}, "html-entity": {"TXT-04"},
    "nbsp": {"TXT-06"}, "title-double-space": {"TXT-06"}, "empty-string": {"SCH-MIN-LENGTH"}, "doi-not-doi": {"TXT-01", "REF-03"},
    "leaked-placeholder-key": {"SCH-FORMAT", "SCH-TYPE"},
}  # fmt: skip


def test_each_oddity_of_the_hostile_records_is_found() -> None:
    listed = {entry["file"]: entry["problems"] for entry in json.loads(corpus("hostile", "hdruk", "index.json").read_bytes())}
    for real in hostile_documents():
        rules = {finding.rule for finding in check(real.content, facts=FACTS)}
        for problem in listed[real.name.rpartition("/")[2]]:
            is_outside = problem["kind"] == "markdown" or "dataType.description" in problem["where"]  # allowed; carried, never shown
            assert is_outside or rules & ODDITIES[problem["kind"]], (real.name, problem, sorted(rules))


# reference data and check digits


def test_check_digits() -> None:
    assert [identity.is_ror(text) for text in ("03yrm5c26", "052gg0110", "03yrm5c25", "03yrm5i26", "0")] == [True, True, False, False, False]
    assert identity.is_orcid("0000-0002-1694-233X")
    assert not identity.is_orcid("0000-0002-1694-2330")
    assert privacy.is_nhs_number("9434765919")
    assert not privacy.is_nhs_number("1234567890")
    assert [references.has_verhoeff_digit(text) for text in ("73211009", "22298006", "73211008")] == [True, True, False]


def test_reference_data_agree_with_the_code_lists_of_the_corpus() -> None:
    registered = {text.lower() for text in json.loads(corpus("vocab", "iana_media_types.json").read_bytes())["values"]}
    assert sum(is_media_type(text) for text in registered) > 0.93 * len(registered)  # the registry grows, the bundled list is older
    ours = {line for line in registered if is_media_type(line)}
    assert {"text/csv", "application/json", "application/dicom", "image/dicom-rle", "application/fhir+json"} <= ours
    assert len(countries()) == 249
    assert all(is_place(text) for text in ("GB", "GB-WLS", "wales", "The Netherlands", "E12000007", "UK"))


EVIL = ["a" * 100_000, "<" * 100_000, "&" * 100_000, "a." * 50_000, "http://" * 15_000, " " * 100_000, "0" * 100_000, "A a " * 25_000, "<a " * 33_000, "1-" * 50_000]


@pytest.mark.parametrize("text", EVIL, ids=lambda text: text[:8])
def test_h8_no_pattern_backtracks(text: str) -> None:
    """Each text takes far less than this generous bound; a pattern that backtracks takes hours."""
    record = sound()
    record.summary.title = record.summary.abstract = record.documentation.description = record.summary.contact_point = text
    record.summary.doi_name = record.coverage.pathway = record.accessibility.access.data_controller = text
    record.accessibility.access.access_rights = record.summary.keywords = record.coverage.spatial = [text]
    record.accessibility.usage.resource_creator = record.accessibility.format_and_standards.format = [text]
    began = time.process_time()
    assert list(flaws(record, FACTS))
    assert time.process_time() - began < 10
