"""What a dataset's pages read out of a record."""

from frontend import record_facts
from frontend.column_rows import asked_for
from frontend.dataset_columns import DatasetColumns
from frontend.render import page
from frontend.views.dataset import DatasetColumnsView, DatasetOverviewView
from schemas.record import Dataset
from tests.frontend.samples import HEAD

RECORD = Dataset.from_json(
    {
        "summary": {"title": "A", "abstract": "B", "contactPoint": "a@b.example", "populationSize": 5},
        "coverage": {"spatial": ["England"], "typicalAgeRangeMin": 16, "followUp": "UNKNOWN"},
        "provenance": {"temporal": {"startDate": "2004-04-01", "endDate": "CONTINUOUS"}, "origin": {"datasetType": [{"name": "Imaging", "subTypes": ["CT"]}]}},
        "accessibility": {"access": {"deliveryLeadTime": "2-6 MONTHS", "jurisdiction": ["GB-ENG", "XX"]}, "formatAndStandards": {"vocabularyEncodingScheme": ["SNOMED CT"], "language": ["en", "en-GB", "tlh"]}},
        "enrichmentAndLinkage": {"derivedFrom": [{"title": "C", "url": "javascript:x"}, {"pid": "p"}]},
        "structuralMetadata": {"tables": [{"name": "t", "columns": [{"name": "smoking_status", "values": [{"name": 1}, {"name": 2}]}, {"name": "other"}]}, {"name": "u"}]},
    }
)


def test_figures_are_read_and_never_guessed() -> None:
    assert record_facts.years(RECORD) == (2004, None, True)
    assert record_facts.ages(RECORD) == "From 16 years"
    assert record_facts.can_i_use(RECORD).lead_time == "2-6 months"
    assert record_facts.can_i_use(RECORD).who_may_apply is None
    assert record_facts.can_i_use(RECORD).jurisdiction == "England, XX"
    assert record_facts.years(Dataset()) == (None, None, False)
    assert record_facts.ages(Dataset()) is None


def test_every_fact_is_listed_and_the_unsaid_ones_are_named() -> None:
    groups = record_facts.fact_groups(RECORD)
    assert "Data controller" in record_facts.not_said(groups)
    assert "Places" not in record_facts.not_said(groups)
    assert record_facts.fact_groups(RECORD)[3].facts[0].values == ("SNOMED CT",)
    assert record_facts.fact_groups(RECORD)[3].facts[2].values == ("English", "tlh")
    assert len(record_facts.not_said(record_facts.fact_groups(Dataset()))) == sum(len(group.facts) for group in groups)


def test_columns_are_found_by_words_and_table() -> None:
    assert [row.name for row in asked_for(RECORD, DatasetColumns(q="Smoking"))] == ["smoking_status"]
    assert asked_for(RECORD, DatasetColumns(table="u")) == ()
    assert [row.anchor for row in record_facts.column_rows(RECORD)] == ["t.smoking_status", "t.other"]
    assert record_facts.column_rows(RECORD)[0].values_total == 2
    assert record_facts.column_count(RECORD) == 2
    assert [table.is_selected for table in record_facts.tables(RECORD, selected="u")] == [False, True]


def test_relations_link_to_web_addresses_only() -> None:
    assert [(other.relation, other.title, other.href) for other in record_facts.related(RECORD)] == [("Derived from", "C", None), ("Derived from", "p", None)]


def test_an_empty_record_makes_complete_pages() -> None:
    for record in (RECORD, Dataset()):
        groups = record_facts.fact_groups(record)
        html = page(DatasetOverviewView(head=HEAD, groups=groups, not_said=record_facts.not_said(groups), can_i_use=record_facts.can_i_use(record), related=record_facts.related(record)))
        assert "Not reported" in html
        assert page(DatasetColumnsView(head=HEAD, tables=record_facts.tables(record), rows=record_facts.column_rows(record), total=2))
