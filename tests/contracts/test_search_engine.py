"""What every search engine does, run over each implementation."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.bands import BANDS
from search.document import FACETS, NOT_REPORTED, Facts, linkable_with, search_document
from search.engine import Query, SearchDocument, SearchEngine, SearchError, SearchUnavailable
from tests.search.factories import ENGINES, document, forget, found, ids, record

STUDIES = [
    document("a1", "Asthma in primary care", keywords=["asthma", "GP"], nation=["England"], dtype=["Respiratory"], population=5_000,
             year_start=2001, year_end=2010, quality=80, first_seen="2025-01-03T00:00:00+00:00", updated="2025-05-01T00:00:00+00:00"),
    document("b2", "Severe asthma register", abstract="People with severe asthma and their exacerbations.", nation=["Wales"],
             population=900, year_start=2012, quality=60, first_seen="2025-01-01T00:00:00+00:00", updated="2025-06-01T00:00:00+00:00"),
    document("c3", "Hospital admissions for stroke", abstract="Admissions of stroke patients.", nation=["England", "Wales"],
             dtype=["Cardiovascular"], year_end=1999, first_seen="2025-01-02T00:00:00+00:00", updated="2025-04-01T00:00:00+00:00"),
    document("d4", "Stroke in asthma patients", description="A small survey.", nation=["Scotland"], population=20_000, year_start=1990),
    document("e5", "Heart failure audit", keywords=["heart failure"], columns=["NYHAClass", "ejection_fraction"],
             column_descriptions=["Functional class", "Share of blood pumped"], dtype=["Cardiovascular"]),
]  # fmt: skip


@pytest.fixture(params=ENGINES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(kind: str, tmp_path: Path) -> Iterator[SearchEngine]:
    made = ENGINES[kind](tmp_path / "index")
    made.rebuild([])
    yield made
    forget(made)


@pytest.fixture
def studies(engine: SearchEngine) -> SearchEngine:
    engine.index(STUDIES)
    return engine


@pytest.fixture(scope="module", params=ENGINES)
def read_studies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """The studies, made once for tests that only read."""
    made = ENGINES[request.param](tmp_path_factory.mktemp("read") / "index")
    made.rebuild(STUDIES)
    yield made
    forget(made)


# descriptions of one dataset from several sources (S12, A20)

TWICE = [
    document("own", "Sleep in one town", nation=["England"], custodian_name="Example Trust", custodian=["Example Trust", "A region"],
             keyword=["sleep"], identifiers=["own", "10.5555/sleep", "region"], also_described=[{"ref": "region", "title": "The sleep register"}]),
    document("region", "The sleep register", nation=["England"], custodian_name="A region", custodian=["A region"], keyword=["sleep"],
             identifiers=["region", "10.5555/sleep"], behind=["yes"], also_described=[{"ref": "own", "title": "Sleep in one town"}]),
    document("other", "Sleep and shift work", nation=["England"], custodian_name="A region", custodian=["A region"], keyword=["sleep"]),
]  # fmt: skip


def test_a20_a_dataset_that_two_sources_describe_is_one_hit_and_counts_once(engine: SearchEngine) -> None:
    engine.index(TWICE)
    for text in ("", "sleep"):
        page = engine.search(Query(text=text, facets=("nation", "custodian", "keyword")))
        counts = {facet.name: {value.value: value.count for value in facet.values} for facet in page.facets}
        assert (sorted(ids(page)), page.total) == (["other", "own"], 2)
        assert counts == {"nation": {"England": 2}, "custodian": {"A region": 2, "Example Trust": 1}, "keyword": {"sleep": 2}}
    (own,) = (hit for hit in page.hits if hit.id == "own")
    assert [one["ref"] for one in own.stored["also_described"]] == ["region"]
    filtered = engine.search(Query(filters={"custodian": ("A region",)}, facets=("custodian",), limit=1))
    assert (filtered.total, {value.value: value.count for value in filtered.facets[0].values}) == (2, {"A region": 2, "Example Trust": 1})


def test_a20_each_description_is_a_hit_where_that_is_asked(engine: SearchEngine) -> None:
    engine.index(TWICE)
    page = engine.search(Query(text="sleep", facets=("nation",), each_description=True))
    assert (sorted(ids(page)), page.total, page.facets[0].values[0].count) == (["other", "own", "region"], 3, 3)


def test_a20_the_identifier_of_any_description_leads_to_the_one_that_is_shown(engine: SearchEngine) -> None:
    engine.index(TWICE)
    assert found(engine, "10.5555/sleep") == ["own"]
    assert ids(engine.search(Query(text="10.5555/sleep", each_description=True))) == ["own", "region"]


def test_a20_suggestions_and_similar_datasets_name_a_dataset_once(engine: SearchEngine) -> None:
    engine.index(TWICE)
    assert {one.id for one in engine.suggest("sleep") if one.kind == "dataset"} == {"own", "other"}
    assert [one.id for one in engine.similar("other")] == ["own"]
    assert [one.id for one in engine.similar("region")] == ["other"], "what is the dataset itself is not like it"
    engine.index([{**TWICE[1], "version": 2, "behind": []}])
    assert {one.id for one in engine.suggest("sleep") if one.kind == "dataset"} == {"own", "other", "region"}
    assert engine.search(Query(text="sleep")).total == 3


# places

PLACES = [
    document("p1", "Asthma in one city", nation=["England"], region=["London"]), document("p2", "Asthma in one country", nation=["England"]),
    document("p3", "Asthma in two regions", nation=["England"], region=["London", "South West"]), document("p4", "Asthma in two nations", nation=["England", "Wales"]),
    document("p5", "Asthma in the west", nation=["Wales"]), document("p6", "Asthma anywhere"), document("p7", "Stroke in one country", nation=["England"]),
]  # fmt: skip


@pytest.mark.parametrize("text", ["", "asthma", "stroke"])
def test_what_is_in_england_without_a_region_is_told_by_the_counts_of_a_page(engine: SearchEngine, text: str) -> None:
    """What the map of the search page takes from them (gateway/catalogue/place_counts.py)."""
    engine.index(PLACES)
    wanted = engine.search(Query(text=text, filters={"nation": ("England",), "region": (NOT_REPORTED,)})).total
    assert wanted == {"": 3, "asthma": 2, "stroke": 1}[text]

    def counts(**filters: tuple[str, ...]) -> tuple[int, int, int]:
        page = engine.search(Query(text=text, filters=filters, facets=("nation", "region"), limit=1))
        nations, regions = ({value.value: value.count for value in facet.values} for facet in page.facets)
        return nations["England"], regions[NOT_REPORTED], page.total

    england, unsaid, total = counts()
    assert england - (total - unsaid) == wanted
    assert counts(nation=("England",))[1] == wanted
    assert counts(region=(NOT_REPORTED,))[0] == wanted


# writing


def test_indexed_documents_are_found_and_removed_ones_are_not(studies: SearchEngine) -> None:
    assert studies.search(Query()).total == 5
    assert studies.remove(["a1", "nobody"]) == 1
    assert studies.search(Query()).total == 4
    assert "a1" not in found(studies, "asthma")


def test_a_document_of_the_same_id_replaces_the_former(studies: SearchEngine) -> None:
    assert studies.index([document("a1", "Eczema at school", version=2)]) == 1
    assert studies.search(Query()).total == 5
    assert found(studies, "eczema") == ["a1"]
    assert studies.versions()["a1"] == 2


def test_a_lower_version_never_replaces_a_higher(studies: SearchEngine) -> None:
    studies.index([document("a1", "The newest", version=7)])
    assert studies.index([document("a1", "The older", version=6)]) == 0
    assert studies.index([document("a1", "The oldest", version=5), document("a1", "The very newest", version=8)]) == 1
    assert studies.versions() == {"a1": 8, "b2": 1, "c3": 1, "d4": 1, "e5": 1}
    assert found(studies, "very newest")[0] == "a1"


def test_what_a_text_means_follows_what_is_written(studies: SearchEngine) -> None:
    before = studies.search(Query(text="asthna"))
    assert (before.corrected_to, before.total) == ("asthma", 3)
    studies.index([document("f6", "Asthna, a place")])
    after = studies.search(Query(text="asthna"))
    assert (after.corrected_to, ids(after)) == (None, ["f6"])
    studies.remove(["f6"])
    assert studies.search(Query(text="asthna", filters={"nation": ("Wales",)})).total == 1


def test_what_another_process_writes_is_seen(kind: str, studies: SearchEngine, tmp_path: Path) -> None:
    reader = ENGINES[kind](tmp_path / "index")
    assert reader.search(Query()).total == 5
    studies.index([document("f6", "Eczema at school")])
    assert found(reader, "eczema") == ["f6"]
    studies.rebuild([document("g7", "Dementia")], force=True)
    assert ids(reader.search(Query())) == ["g7"]
    reader.close()


def test_many_threads_read_while_one_writes(studies: SearchEngine) -> None:
    problems: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert studies.search(Query(text="asthma", facets=("nation",))).total >= 3
        except BaseException as problem:
            problems.append(problem)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(5):
        studies.index([document(f"n{number}", f"Asthma number {number}")])
    studies.rebuild([*STUDIES, *(document(f"n{number}", "Asthma") for number in range(5))])
    done.set()
    for reader in readers:
        reader.join()
    assert problems == []
    assert studies.search(Query(text="asthma")).total == 8


# words


def test_an_exact_title_comes_first_whatever_else_matches_better(engine: SearchEngine) -> None:
    rich = [document(f"x{n}", f"Asthma asthma register {n}", keywords=["asthma", "register"], abstract="asthma register " * 20) for n in range(20)]
    engine.index([*rich, document("plain", "Asthma register")])
    for typed in ("Asthma register", "ASTHMA  register", "asthma–register"):
        assert found(engine, typed)[0] == "plain"


def test_all_words_come_before_some_and_words_together_before_scattered_ones(engine: SearchEngine) -> None:
    filler = "of people who were seen in clinics over the years and followed up"
    engine.index([
        document("one", "Cohort one", abstract=f"Sleep {filler} {filler}"),
        document("apart", "Cohort two", abstract=f"Sleep {filler} diary {filler}"),
        document("together", "Cohort three", abstract=f"Sleep diary {filler} {filler}"),
    ])  # fmt: skip
    assert found(engine, "sleep diary") == ["together", "apart", "one"]


def test_a_title_counts_more_than_an_abstract_and_that_more_than_a_description(engine: SearchEngine) -> None:
    engine.index([
        document("d", "Cohort one", abstract="A study of many things", description="Eczema and other things"),
        document("a", "Cohort two", abstract="Eczema and other things", description="A study of many things"),
        document("t", "Cohort of eczema", abstract="A study of many things", description="And other things"),
    ])  # fmt: skip
    assert found(engine, "eczema") == ["t", "a", "d"]


@pytest.mark.parametrize(("text", "typed"), [
    ("COVID-19 vaccines", "covid19"), ("COVID-19 vaccines", "covid 19"), ("covid19 vaccines", "COVID-19"), ("X-ray images", "xray"),
    ("Health-care workers", "healthcare"), ("Healthcare workers", "health care"), ("Children’s hospital", "childrens"),
    ("Donnés de santé", "donnes sante"), ("Diabète", "DIABETE"), ("A&E attendances", "A & E"), ("Hospitals", "hospital"),
    ("Cardiac &amp; renal <b>disease</b>", "renal disease"), ("smokingStatus", "smoking status"), ("ＷＩＤＥ letters", "wide"),
])  # fmt: skip
def test_spellings_of_one_word_find_each_other(engine: SearchEngine, text: str, typed: str) -> None:
    made = search_document(record(summary={"title": "Study"}, documentation={"description": text}), Facts("x", None, 1))
    engine.index([made | {"columns": [text]}, document("other", "Something else")])
    assert found(engine, typed)[:1] == ["x"]


def test_values_beyond_what_an_index_holds_do_not_stop_a_document(engine: SearchEngine) -> None:
    endless = "endless " * 5_000
    made = search_document(record(summary={"title": endless[:4_000], "populationSize": 10**30}), Facts("x", None, 1))
    assert engine.index([made | {"dtype": [endless]}, document("y", "Ordinary")]) == 2
    (facet,) = engine.search(Query(text="endless", facets=("dtype",))).facets
    assert [value.count for value in facet.values] == [1]
    assert engine.search(Query(filters={"dtype": (facet.values[0].value,)})).total == 1
    assert [hit.id for hit in engine.search(Query(sort="population")).hits] == ["x", "y"]


def test_half_a_character_is_left_out(read_studies: SearchEngine) -> None:
    assert set(ids(read_studies.search(Query(text="asth\ud800ma", filters={"nation": ("Wal\udfffes",)})))) == {"b2"}
    assert read_studies.suggest("\ud800sev") == read_studies.suggest("sev") != ()


@pytest.mark.parametrize("text", [
    "covid " * 48, "pollution mi kids copd iapt a&e " * 8, '"' + "covid " * 48 + '"', "a* " * 48, "type:a " * 48, "covid-19/" * 100,
    "-(kids NOT (asthma AND " * 12 + "x" + "))" * 12, "asthmaa strokke " * 20, "9" * 900 + " x", "1a" * 400 + "\tx",
])  # fmt: skip
def test_a_query_of_very_many_words_is_answered(read_studies: SearchEngine, text: str) -> None:
    assert read_studies.search(Query(text=text, facets=FACETS)).total >= 0


def test_mark_up_is_not_searched(engine: SearchEngine) -> None:
    engine.index([search_document(record(documentation={"description": '<span class="yellow">Asthma</span> &amp; &lt;5 years'}), Facts("x", None, 1))])
    assert found(engine, '"yellow"') == []
    assert found(engine, "asthma") == ["x"]


def test_abbreviations_and_lay_words_find_what_they_mean_after_the_words_themselves(engine: SearchEngine) -> None:
    engine.index([
        document("word", "Heart attack outcomes"), document("other", "Myocardial infarction outcomes"),
        document("short", "MI outcomes"), document("none", "Eczema outcomes"),
    ])  # fmt: skip
    results = found(engine, "heart attack")
    assert results[0] == "word"
    assert set(results) == {"word", "other", "short"}


NAMES_OF_ONE = (
    ("COVID-19", "covid 19", "covid19", "SARS-CoV-2"), ("type 2 diabetes", "type-2 diabetes", "T2DM"), ("MI", "heart attack", "myocardial infarction"),
    ("kids asthma", "childhood asthma", "paediatric asthma"),
)  # fmt: skip


def test_the_first_page_is_the_same_by_every_name_of_a_thing(engine: SearchEngine) -> None:
    """With one name each in titles and in abstracts; tests/search/test_relevance.py asks the same of real datasets."""
    named = [(f"{group}-{place}", name) for group, names in enumerate(NAMES_OF_ONE) for place, name in enumerate(names)]
    engine.index([document(f"{id_}-title", f"Register of {name}") for id_, name in named])
    engine.index([document(f"{id_}-abstract", f"Cohort {id_}", abstract=f"Seen in clinics for {name}.") for id_, name in named])
    engine.index([document(f"other{number}", f"Stroke audit of kids and hearts {number}") for number in range(8)])
    for group, names in enumerate(NAMES_OF_ONE):
        pages = [set(found(engine, name, limit=2 * len(names))) for name in names]
        assert pages == [{id_ for id_ in pages[0] if id_.startswith(f"{group}-")}] * len(names), names
        assert len(pages[0]) == 2 * len(names)


def test_a_nation_in_the_words_prefers_its_datasets(engine: SearchEngine) -> None:
    engine.index([
        document("s", "Births", place=[], nation=["Scotland"]), document("e", "Births", nation=["England"]),
        document("u", "Births", nation=["United Kingdom"]),
    ])  # fmt: skip
    assert found(engine, "births scotland") == ["s", "u", "e"]


# the query language


@pytest.mark.parametrize(("typed", "expected"), [
    ("asthma AND stroke", {"d4"}), ("asthma OR stroke", {"a1", "b2", "c3", "d4"}), ("asthma NOT stroke", {"a1", "b2"}),
    ("asthma -stroke", {"a1", "b2"}), ('asthma -"primary care"', {"b2", "d4"}), ("asthma AND (severe OR primary)", {"a1", "b2"}),
    ('"asthma in primary care"', {"a1"}), ('"primary asthma"', set()), ("stro*", {"c3", "d4"}), ("+severe asthma", {"b2"}),
    ("-asthma", {"c3", "e5"}), ("title:stroke", {"c3", "d4"}), ('title:"severe asthma"', {"b2"}), ("nation:scotland", {"d4"}),
    ("type:cardio", {"c3", "e5"}), ("asthma from:2005", {"a1", "b2", "d4"}), ("asthma to:1995", {"d4"}),
    ("stroke to:2000 from:1995", {"c3", "d4"}), ("column:ejection", {"e5"}), ("keyword:gp", {"a1"}), ("NOT asthma AND stroke", {"c3"}),
])  # fmt: skip
def test_the_query_language(read_studies: SearchEngine, typed: str, expected: set[str]) -> None:
    page = read_studies.search(Query(text=typed))
    assert set(ids(page)) == expected
    assert page.total == len(expected)


def test_an_identifier_goes_straight_to_its_dataset(engine: SearchEngine) -> None:
    pid, doi = "9a434a5c-563b-4da1-9133-9994960ade54", "10.1234/abc.5678"
    engine.index([
        document("a", "Asthma", identifiers=["a", pid, doi]), document("b", f"About {pid} and {doi}", identifiers=["b", "stroke"]),
        document("c", "Stroke"),
    ])  # fmt: skip
    for typed in (pid, pid.upper(), doi, f"https://doi.org/{doi}", f"doi:{doi}", f"pid:{pid}", f" {pid} "):
        assert found(engine, typed) == ["a"]
    assert set(found(engine, "stroke")) == {"b", "c"}


def test_a_misspelt_word_is_replaced_and_the_page_says_so(read_studies: SearchEngine) -> None:
    page = read_studies.search(Query(text="asthmaa register"))
    assert page.corrected_to == "asthma register"
    assert ids(page)[0] == "b2"
    assert read_studies.search(Query(text="hosptial admissions")).corrected_to == "hospital admissions"
    assert read_studies.search(Query(text="asthma")).corrected_to is None
    assert read_studies.search(Query(text='"asthmaa"')).corrected_to is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=60)
    | st.lists(st.sampled_from(['"', "(", ")", "-", "+", "AND", "OR", "NOT", "asthma", "*", "title:", "from:", "type:", "id:", ":", "&", "stro*", "\\", "~", "^2", "[a TO b]", "''"]), max_size=15).map(" ".join)
    | st.lists(st.sampled_from(['"', "(", ")", "-", "asthma", "*", "nation:", " ", "é", "\x00", "🙂"]), max_size=15).map("".join)
)  # fmt: skip
def test_no_query_is_an_error(read_studies: SearchEngine, text: str) -> None:
    page = read_studies.search(Query(text=text, facets=FACETS, limit=3))
    assert 0 <= len(page.hits) <= page.total
    read_studies.suggest(text)


def test_quality_and_freshness_decide_between_near_ties_and_nothing_else(engine: SearchEngine) -> None:
    engine.index([
        document("a", "Sleep survey", abstract="Asked once."), document("b", "Sleep survey", abstract="Asked once.", quality=90),
        document("c", "Sleep survey", abstract="Asked once.", updated="2026-10-01T00:00:00+00:00"),
        document("d", "Sleep survey", abstract="Asked once.", quality=90, updated="2026-10-01T00:00:00+00:00"),
        document("e", "Sleep survey", abstract="Asked once."), document("f", "Survey of sleep disorders", abstract="Sleep, and sleep again."),
        document("z", "Survey", abstract="One question is about sleep.", quality=100, updated="2030-10-01T00:00:00+00:00"),
        *(document(f"other{number}", "A register") for number in range(30)),
    ])  # fmt: skip
    asked = found(engine, "sleep in a survey")
    assert [one for one in asked if one in "abcde"] == ["d", "b", "c", "a", "e"], "equals by the id"
    assert asked[-1] == "z", "what matches less stays behind"


def test_words_can_be_searched_exactly_as_they_were_typed(engine: SearchEngine) -> None:
    engine.index([
        document("h1", "Heart attack audit", nation=["Wales"]), document("h2", "Register of myocardial infarction", nation=["Wales"]),
        document("h3", "Attack of the heart", nation=["England"]),
    ])
    assert set(found(engine, "heart attack")) == {"h1", "h2", "h3"}
    assert found(engine, "heart attack", exact=True) == ["h1", "h3"], "plain words stay words, not a phrase"
    assert found(engine, "nation:wales heart", exact=True) == ["h1"], "a filter stays one"
    loose, exact = engine.search(Query(text="hart attack")), engine.search(Query(text="hart attack", exact=True))
    assert (loose.corrected_to, exact.corrected_to, exact.did_you_mean, exact.also_searched) == ("heart attack", None, None, ())
    assert {hit.id for hit in exact.hits} == {"h1", "h3"}
    assert engine.search(Query(text="hartt", exact=True)).total == 0
    assert "myocardial infarction" in engine.search(Query(text="heart attack")).also_searched
    assert engine.search(Query(text="heart AND attack")).also_searched == ()
    assert engine.search_variables(Query(text="heart attack", exact=True)).also_searched == ()


def test_a_code_of_a_disease_finds_what_names_it_and_what_speaks_of_it(engine: SearchEngine) -> None:
    engine.index([
        document("coded", "Admissions", abstract="First diagnosis I21.4"), document("told", "Register of myocardial infarction"), document("other", "Birds"),
    ])
    page = engine.search(Query(text="I21.4"))
    assert {hit.id for hit in page.hits} == {"coded", "told"}
    assert page.read_as == ("ICD-10 I21.4, acute myocardial infarction",)
    assert found(engine, "I214", exact=True) == ["coded"]
    assert engine.search(Query(text="I21.4", exact=True)).read_as == ()


def test_a_match_by_another_word_says_so_and_which(engine: SearchEngine) -> None:
    engine.index([
        document("h1", "Heart attack audit", keywords=["MI", "heart attack"], variables=[{"name": "heart_attack_date", "table": "visits"}]),
        document("h2", "Register of Myocardial Infarction", abstract="People who had a heart attack.", variables=[{"name": "MI", "table": "events"}, {"name": "age"}]),
        document("h3", "Attacks", keywords=["Heart-Attack"]),
    ])
    hits = {hit.id: hit for hit in engine.search(Query(text="heart attack")).hits}
    assert dict(hits["h1"].by_synonym) == {}
    assert dict(hits["h2"].by_synonym) == {"title": "Myocardial Infarction", "columns": ""}
    assert dict(hits["h3"].by_synonym) == {}
    assert (hits["h1"].column_tables, hits["h2"].column_tables) == (("visits",), ("events",))
    assert {hit.id: dict(hit.by_synonym) for hit in engine.search(Query(text="heart attack", exact=True)).hits} == {"h1": {}, "h2": {}, "h3": {}}


def test_a_word_two_steps_away_keeps_its_first_letter(engine: SearchEngine) -> None:
    engine.index([document("x", "Pregnancy outcomes")])
    assert engine.search(Query(text="outcomse")).corrected_to == "outcomes"
    assert engine.search(Query(text="uotcomes")).corrected_to == engine.search(Query(text="toutcomes")).corrected_to == "outcomes"
    assert engine.search(Query(text="tooutcomes")).corrected_to is None
    assert engine.search(Query(text="eutcomes")).corrected_to == engine.search(Query(text="utcomes")).corrected_to == "outcomes"


def test_a_word_that_hardly_any_dataset_holds_may_be_meant_for_a_well_known_one(engine: SearchEngine) -> None:
    engine.index([*(document(f"d{number}", "Diabetes register") for number in range(12)), document("odd", "Diabetis clinic of one town"), document("two", "Registers of diabetes")])
    page = engine.search(Query(text="diabetis clinic"))
    assert (page.did_you_mean, page.corrected_to) == ("diabetes clinic", None)
    assert ids(page)[0] == "odd"
    assert engine.search(Query(text="diabetes clinic")).did_you_mean is None
    assert engine.search(Query(text="registers")).did_you_mean is None


# order, pages


def test_an_empty_query_lists_everything_by_title(read_studies: SearchEngine) -> None:
    assert [hit.stored["title"] for hit in read_studies.search(Query()).hits] == sorted(str(study["title"]) for study in STUDIES)


@pytest.mark.parametrize(("sort", "expected"), [
    ("title", ["a1", "e5", "c3", "b2", "d4"]), ("newest", ["a1", "c3", "b2", "d4", "e5"]), ("updated", ["b2", "a1", "c3", "d4", "e5"]),
    ("start", ["d4", "a1", "b2", "c3", "e5"]), ("population", ["d4", "a1", "b2", "c3", "e5"]), ("quality", ["a1", "b2", "c3", "d4", "e5"]),
])  # fmt: skip
def test_sorts_put_what_is_not_reported_last_and_end_on_the_id(read_studies: SearchEngine, sort: Any, expected: list[str]) -> None:
    assert ids(read_studies.search(Query(sort=sort))) == expected


@pytest.mark.parametrize("text", ["", "asthma", "study OR asthma", "stud*", "type:respiratory"])
def test_pages_never_shuffle_and_totals_are_exact(engine: SearchEngine, text: str) -> None:
    order = list(range(130))
    random.Random(1).shuffle(order)
    for start in range(0, 130, 50):
        engine.index([document(f"id{number:03}", "Asthma study", dtype=["Respiratory"]) for number in order[start : start + 50]])
    for limit in (7, 25, 100):
        pages = [engine.search(Query(text=text, offset=offset, limit=limit)) for offset in range(0, 130, limit)]
        assert {page.total for page in pages} == {130}
        assert [id_ for page in pages for id_ in ids(page)] == sorted(f"id{number:03}" for number in order)
    assert engine.search(Query(text=text, offset=500)).hits == ()


# filters and counts


def test_numbers_filter_by_range_and_may_include_what_is_not_reported(read_studies: SearchEngine) -> None:
    def chosen(**options: Any) -> set[str]:
        return set(ids(read_studies.search(Query(**options))))

    assert chosen(population_min=900, population_max=5_000) == {"a1", "b2"}
    assert chosen(population_min=6_000) == {"d4"}
    assert chosen(population_min=6_000, include_not_reported=True) == {"c3", "d4", "e5"}
    assert chosen(year_from=2011) == {"b2", "d4"}
    assert chosen(year_to=1995) == {"c3", "d4"}
    assert chosen(year_from=2000, year_to=2005) == {"a1", "d4"}
    assert chosen(year_from=2011, include_not_reported=True) == {"b2", "d4", "e5"}


def test_a_chosen_value_without_hits_stays_and_unknown_facets_hold_nothing(read_studies: SearchEngine) -> None:
    page = read_studies.search(Query(filters={"nation": ("Atlantis",)}, facets=("nation", "no-such-facet")))
    assert page.total == 0
    (facet,) = page.facets
    assert (facet.values[0].value, facet.values[0].count, facet.values[0].selected) == ("Atlantis", 0, True)
    assert read_studies.search(Query(filters={"no-such-facet": ("x",)})).total == 0
    assert read_studies.search(Query(filters={"nation": ()})).total == 5


def test_facets_show_at_most_the_values_asked_for_and_count_all(engine: SearchEngine) -> None:
    engine.index([document(f"{n}", "Study", keyword=[f"word, {n}/{n % 3}", "all"]) for n in range(120)])
    (facet,) = engine.search(Query(facets=("keyword",), facet_values=5)).facets
    assert len(facet.values) == 5
    assert facet.total == 121
    assert (facet.values[0].value, facet.values[0].count) == ("all", 120)


SPANS = st.fixed_dictionaries({
    "start": st.none() | st.integers(1930, 2025), "end": st.none() | st.integers(1930, 2025), "people": st.none() | st.integers(0, 20_000_000),
    "youngest": st.none() | st.integers(0, 90), "oldest": st.none() | st.integers(0, 90),
})  # fmt: skip
BOUNDS = {"years": ("year_from", "year_to"), "people": ("population_min", "population_max"), "ages": ("age_min", "age_max")}


def _with_spans(number: int, row: dict[str, int | None]) -> SearchDocument:
    made = record(
        summary={"title": f"Study {number}", "populationSize": row["people"]},
        provenance={"temporal": {name: f"{row[which]}-01-01" if row[which] else None for name, which in (("startDate", "start"), ("endDate", "end"))}},
        coverage={"typicalAgeRangeMin": row["youngest"], "typicalAgeRangeMax": row["oldest"]},
    )
    return search_document(made, Facts(f"d{number}", None, 1))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(SPANS, min_size=1, max_size=12), chosen=st.sampled_from([{}, {"year_from": 1990, "year_to": 2000}, {"age_min": 30}, {"population_max": 5_000}]))
def test_bands_count_what_their_bounds_find(engine: SearchEngine, rows: list[dict[str, int | None]], chosen: dict[str, int]) -> None:
    engine.rebuild([_with_spans(number, row) for number, row in enumerate(rows)], force=True)
    facets = {facet.name: facet for facet in engine.search(Query(facets=tuple(BANDS), **chosen)).facets}  # type: ignore[arg-type]
    for name, bands in BANDS.items():
        counts = {value.value: value.count for value in facets[name].values}
        assert list(counts) == [value for value in (*(band.value for band in bands), NOT_REPORTED) if value in counts]
        others = {key: value for key, value in chosen.items() if key not in BOUNDS[name]}
        for band in bands:
            within = {bound: value for bound, value in zip(BOUNDS[name], (band.least, band.most), strict=True) if value is not None}
            assert counts.get(band.value, 0) == engine.search(Query(**others, **within)).total  # type: ignore[arg-type]
        assert counts.get(NOT_REPORTED, 0) == engine.search(Query(filters={name: (NOT_REPORTED,)}, **others)).total  # type: ignore[arg-type]


def test_datasets_that_can_be_linked_with_one_are_found_whichever_says_so(engine: SearchEngine) -> None:
    stated = {"a": [{"title": "Study b"}], "b": [], "c": [{"pid": "PID-b"}], "d": [{"title": "Study c"}], "e": []}
    made = {
        name: (record(summary={"title": f"Study {name}"}, enrichmentAndLinkage={"linkableDatasets": others}), Facts(name, f"PID-{name}", 1))
        for name, others in stated.items()
    }
    engine.index([search_document(*one) for one in made.values()])
    linked = {name: set(found(engine, "", filters={"linkable": linkable_with(*one)})) for name, one in made.items()}
    assert linked == {"a": {"b"}, "b": {"a", "c"}, "c": {"b", "d"}, "d": {"c"}, "e": set()}


def test_lead_times_are_in_order_of_time(engine: SearchEngine) -> None:
    stated = ("Other", "MORE 6 MONTHS", "2-6 MONTHS", "1-2 WEEKS", "LESS 1 WEEK", "LESS 1 WEEK", "1-2 MONTHS")
    engine.index([
        search_document(record(summary={"title": f"Study {place}"}, accessibility={"access": {"deliveryLeadTime": lead}}), Facts(f"d{place}", None, 1))
        for place, lead in enumerate(stated)
    ])
    (facet,) = engine.search(Query(facets=("lead",))).facets
    assert [value.value for value in facet.values] == ["LESS 1 WEEK", "1-2 WEEKS", "1-2 MONTHS", "2-6 MONTHS", "MORE 6 MONTHS", "Other"]
    assert ids(engine.search(Query(sort="leadtime"))) == ["d4", "d5", "d3", "d6", "d2", "d1", "d0"]


def test_the_age_of_a_description_and_its_quality_filter(read_studies: SearchEngine) -> None:
    assert set(found(read_studies, "", updated_since=date(2025, 5, 1))) == {"a1", "b2"}
    assert set(found(read_studies, "", updated_since=date(2025, 5, 2))) == {"b2"}
    assert set(found(read_studies, "", quality_min=60)) == {"a1", "b2"}
    assert set(found(read_studies, "", quality_min=61, include_not_reported=True)) == {"a1"}


def test_ages_overlap_and_years_may_have_to_be_covered_whole(engine: SearchEngine) -> None:
    spans = [(2000, 2010, 0, 17), (2005, None, 18, None), (None, 2003, None, None), (None, None, 40, 50)]
    engine.index([
        _with_spans(number, {"start": start, "end": end, "people": None, "youngest": youngest, "oldest": oldest})
        for number, (start, end, youngest, oldest) in enumerate(spans)
    ])  # fmt: skip

    def chosen(**options: Any) -> list[str]:
        return ids(engine.search(Query(sort="title", **options)))

    assert chosen(year_from=2001, year_to=2004) == ["d0", "d2"]
    assert chosen(year_from=2001, year_to=2004, covers_all=True) == ["d0"]
    assert chosen(year_from=2006, covers_all=True) == ["d0", "d1"]
    assert chosen(year_from=2008, year_to=2020, covers_all=True) == ["d1"]
    assert chosen(age_min=10, age_max=20) == ["d0", "d1"]
    assert chosen(age_max=17) == ["d0"]
    assert chosen(age_min=45, include_not_reported=True) == ["d1", "d2", "d3"]
    assert chosen(age_min=45, filters={"ages": ("0 to 17",)}) == ["d0", "d1", "d3"]


def test_kinds_and_regions_stand_under_what_they_are_part_of(engine: SearchEngine) -> None:
    kinds = [{"name": "Imaging type", "subTypes": ["MRI", "CT"]}, {"name": "Omics", "subTypes": ["Genomics"]}]
    made = record(summary={"title": "Scans"}, coverage={"spatial": ["London", "Wales"]}, provenance={"origin": {"datasetType": kinds}})
    engine.index([search_document(made, Facts("x", None, 1)), document("y", "Other")])
    facets = {facet.name: [(value.value, value.count) for value in facet.values] for facet in engine.search(Query(facets=("kind", "area", "subtype"))).facets}
    assert facets["kind"] == [("Imaging type › CT", 1), ("Imaging type › MRI", 1), ("Omics › Genomics", 1)]
    assert facets["area"] == [("England › London", 1)]
    assert ids(engine.search(Query(filters={"kind": ("Omics › Genomics",), "dtype": ("Imaging type",)}))) == ["x"]


@pytest.mark.parametrize("asked", [("area",), ("area", "region"), ("area", "nation", "region")])
def test_what_is_chosen_of_the_last_step_leaves_the_other_paths_to_be_chosen(engine: SearchEngine, asked: tuple[str, ...]) -> None:
    places = {"a": ["London"], "b": ["London", "North East"], "c": ["South West"], "d": ["Wales"]}
    engine.index([search_document(record(summary={"title": name}, coverage={"spatial": spatial}), Facts(name, None, 1)) for name, spatial in places.items()])
    found = engine.search(Query(filters={"nation": ("England",), "region": ("London",)}, facets=asked))
    assert ids(found) == ["a", "b"]
    counts = {facet.name: {value.value: value.count for value in facet.values} for facet in found.facets}
    assert counts["area"] == {"England › London": 2, "England › North East": 1, "England › South West": 1}
    if "region" in asked:
        assert counts["region"] == {"London": 2, "North East": 1, "South West": 1}


NAMES = {"nation": ["England", "Scotland", NOT_REPORTED], "dtype": ["A, b", "c/d", "é"], "model": ["OMOP", "LOCAL"]}
VALUES = st.fixed_dictionaries({name: st.lists(st.sampled_from(options[:3]), unique=True, max_size=3) for name, options in NAMES.items()})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(VALUES, min_size=1, max_size=12), chosen=VALUES, asthma=st.booleans())
def test_counts_equal_those_reached_by_following_them(engine: SearchEngine, rows: list[dict[str, list[str]]], chosen: dict[str, list[str]], asthma: bool) -> None:
    documents = [_with_values(number, row) for number, row in enumerate(rows)]
    engine.rebuild(documents, force=True)
    filters = {name: tuple(values) for name, values in chosen.items()}
    text = "asthma" if asthma else ""
    page = engine.search(Query(text=text, filters=filters, facets=tuple(NAMES)))
    assert set(ids(page)) == _expected(documents, filters, asthma)
    for facet in page.facets:
        for value in facet.values:
            following = {**filters, facet.name: (value.value,)}
            assert value.count == len(_expected(documents, following, asthma))
            assert value.count == engine.search(Query(text=text, filters=following)).total


def _with_values(number: int, row: dict[str, list[str]]) -> SearchDocument:
    stated = {name: [value for value in values if value != NOT_REPORTED] for name, values in row.items()}
    return document(f"d{number}", "Asthma" if number % 2 else "Stroke", **stated)


def _expected(documents: list[SearchDocument], filters: dict[str, tuple[str, ...]], asthma: bool) -> set[str]:
    def has(row: SearchDocument, name: str, values: tuple[str, ...]) -> bool:
        return not values or bool(set(row[name] or [NOT_REPORTED]) & set(values))

    wanted = (row for row in documents if not asthma or row["title"] == "Asthma")
    return {row["id"] for row in wanted if all(has(row, name, values) for name, values in filters.items())}


# why it matched


def test_highlights_mark_the_matched_words_and_nothing_else(read_studies: SearchEngine) -> None:
    (hit,) = read_studies.search(Query(text="exacerbation", limit=1)).hits
    fragments = hit.highlights["abstract"]
    assert [fragment.text for fragment in fragments if fragment.marked] == ["exacerbations"]
    assert "".join(fragment.text for fragment in fragments) == "People with severe asthma and their exacerbations."
    assert "title" not in hit.highlights
    assert read_studies.search(Query(text="exacerbation", highlight=False)).hits[0].highlights == {}


def test_a_long_text_is_cut_to_the_passage_that_matches(engine: SearchEngine) -> None:
    engine.index([document("x", "Study", description=f"{'Much is said here. ' * 300}Then comes eczema & <itch>. {'More follows. ' * 300}")])
    fragments = engine.search(Query(text="eczema")).hits[0].highlights["description"]
    text = "".join(fragment.text for fragment in fragments)
    assert [fragment.text for fragment in fragments if fragment.marked] == ["eczema"]
    assert len(text) < 300
    assert "eczema & <itch>." in text
    assert text.startswith("… ")


def test_the_place_of_the_match_is_named(read_studies: SearchEngine) -> None:
    (hit,) = read_studies.search(Query(text="nyha fraction", limit=1)).hits
    assert hit.matched_in == {"columns": ("NYHAClass", "ejection_fraction")}
    (hit,) = read_studies.search(Query(text="pumped", limit=1)).hits
    assert (hit.matched_in, hit.matched_columns) == ({"columns": ("ejection_fraction",)}, 1)
    (hit,) = read_studies.search(Query(text="heart failure", limit=1)).hits
    assert hit.matched_in == {"title": (), "keywords": ("heart failure",)}


def test_spellings_and_synonyms_are_marked_whole(engine: SearchEngine) -> None:
    engine.index([document("x", "COVID-19 in 19 hospitals with Crohn's & myocardial infarction")])
    for typed, expected in (("covid19", ["COVID-19"]), ("heart attack", ["myocardial infarction"]), ("crohns", ["Crohn"]), ("hosp*", ["hospitals"])):
        fragments = engine.search(Query(text=typed)).hits[0].highlights["title"]
        assert [fragment.text for fragment in fragments if fragment.marked] == expected


def test_suggestions_begin_with_what_was_typed(studies: SearchEngine) -> None:
    studies.index([document("f6", "Fertility treatment", custodian_name="Fertility Authority", keywords=["Fertility clinic", "asthma"])])
    suggested = [(suggestion.kind, suggestion.text, suggestion.id) for suggestion in studies.suggest("fert")]
    assert suggested == [("custodian", "Fertility Authority", None), ("keyword", "Fertility clinic", None), ("dataset", "Fertility treatment", "f6")]
    assert [suggestion.text for suggestion in studies.suggest("auth")] == ["Fertility Authority"]
    assert len(studies.suggest("a", 2)) == 2
    assert studies.suggest("") == ()
    assert studies.suggest("zzz") == ()


# variables


TABLES = [
    document("v1", "Lifestyle survey", custodian_name="Example Trust", vocab=["SNOMED CT"], identifiers=["v1", "pid-of-v1-2345"], variables=[
        {"name": "smokingStatus", "description": "Current, former or never", "type": "varchar", "table": "answers", "values": ["1 never", "2 former"]},
        {"name": "age_at_visit", "description": "In whole years", "type": "int", "table": "answers", "sensitive": "No"},
        {"name": "postcode", "type": "varchar", "table": "people", "sensitive": "Yes"},
    ]),
    document("v2", "Hospital episodes", custodian_name="Other Trust", variables=[
        {"name": "SMOKING_STATUS", "description": "As the nurse asked", "type": "varchar", "table": "visits"},
        {"name": "smoking_since", "description": "Year", "type": "int", "table": "visits"},
        {"name": "smoking status", "table": "history"},
    ]),
    document("v3", "Register without columns"),
]  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def tables(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    made = ENGINES[request.param](tmp_path_factory.mktemp("tables") / "index")
    made.rebuild(TABLES)
    yield made
    forget(made)


def columns(engine: SearchEngine, text: str = "", **options: Any) -> list[str]:
    return ids(engine.search_variables(Query(text=text, **options)))


@pytest.mark.parametrize(("typed", "expected"), [
    ("smoking status", {"v1:1", "v2:1", "v2:2", "v2:3"}), ('"smoking status"', {"v1:1", "v2:1", "v2:3"}), ("smoking -year", {"v1:1", "v2:1", "v2:3"}),
    ("nurse", {"v2:1"}), ("former", {"v1:1"}), ("table:visits", {"v2:1", "v2:2"}), ("smoking custodian:other", {"v2:1", "v2:2", "v2:3"}),
    ("title:lifestyle", {"v1:1", "v1:2", "v1:3"}), ("lifestyle", set()), ("smok*", {"v1:1", "v2:1", "v2:2", "v2:3"}), ("type:int", {"v1:2", "v2:2"}),
    ("value:never", {"v1:1"}), ("pid-of-v1-2345", {"v1:1", "v1:2", "v1:3"}), ("nation:wales", set()),
])  # fmt: skip
def test_columns_are_found_by_their_own_words(tables: SearchEngine, typed: str, expected: set[str]) -> None:
    page = tables.search_variables(Query(text=typed))
    assert set(ids(page)) == expected
    assert page.total == len(expected)


def test_a_column_knows_its_table_its_dataset_and_what_is_said_of_it(tables: SearchEngine) -> None:
    (hit,) = tables.search_variables(Query(text="postcode")).hits
    assert hit.stored == {
        "name": "postcode", "type": "varchar", "table": "people", "sensitive": "Yes", "dataset": "v1", "dataset_title": "Lifestyle survey",
        "custodian_name": "Example Trust",
    }  # fmt: skip
    (hit,) = tables.search_variables(Query(text="nurse")).hits
    assert [fragment.text for fragment in hit.highlights["description"] if fragment.marked] == ["nurse"]
    best = tables.search_variables(Query(text="smoking status")).hits
    assert {hit.id for hit in best[:3]} == {"v1:1", "v2:1", "v2:3"}


def test_columns_are_counted_by_facets_and_filtered_by_name_dataset_and_type(tables: SearchEngine) -> None:
    page = tables.search_variables(Query(text="smoking", facets=("dataset", "custodian", "type", "sensitive", "vocab", "table", "name", "first_name")))
    counts = {facet.name: {value.value: value.count for value in facet.values} for facet in page.facets}
    assert counts["dataset"] == {"v2": 3, "v1": 1}
    assert counts["custodian"] == {"Other Trust": 3, "Example Trust": 1}
    assert counts["type"] == {"varchar": 2, "int": 1, NOT_REPORTED: 1}
    assert counts["sensitive"] == {NOT_REPORTED: 4}
    assert counts["vocab"] == {NOT_REPORTED: 3, "SNOMED CT": 1}
    assert counts["name"] == {"smoking status": 3, "smoking since": 1}
    assert counts["first_name"] == {"smoking status": 2, "smoking since": 1}
    assert set(columns(tables, filters={"name": ("smoking status",), "dataset": ("v2",)})) == {"v2:1", "v2:3"}
    assert columns(tables, filters={"type": ("int",)}, sort="title") == ["v1:2", "v2:2"]
    assert columns(tables, sort="dataset") == ["v2:1", "v2:2", "v2:3", "v1:1", "v1:2", "v1:3"]


def test_a_dataset_says_how_many_of_its_columns_match_and_names_the_best(tables: SearchEngine) -> None:
    hits = {hit.id: hit for hit in tables.search(Query(text="smoking status")).hits}
    assert (hits["v2"].matched_columns, hits["v2"].matched_in["columns"]) == (3, ("SMOKING_STATUS", "smoking status", "smoking_since"))
    assert (hits["v1"].matched_columns, hits["v1"].matched_in["columns"]) == (1, ("smokingStatus",))
    for typed in ("smoking", "smoking status", "years nurse", "smokign"):
        for hit in tables.search(Query(text=typed)).hits:
            assert hit.matched_columns == tables.search_variables(Query(text=typed, filters={"dataset": (hit.id,)})).total
    (hit,) = tables.search(Query(text="register without")).hits[:1]
    assert (hit.matched_columns, "columns" in hit.matched_in) == (0, False)


def test_columns_go_with_their_dataset(engine: SearchEngine) -> None:
    engine.index(TABLES)
    engine.index([document("v1", "Lifestyle survey", version=2, variables=[{"name": "alcohol"}])])
    assert set(columns(engine)) == {"v1:1", "v2:1", "v2:2", "v2:3"}
    assert columns(engine, "alcohol") == ["v1:1"]
    assert engine.index([TABLES[0]]) == 0
    assert columns(engine, "postcode") == []
    assert engine.remove(["v2"]) == 1
    assert columns(engine) == ["v1:1"]
    engine.index([document("v1", "Lifestyle survey", version=3)])
    assert columns(engine) == []
    engine.rebuild([*TABLES, document("v2", "Hospital episodes", version=2, variables=[{"name": "only"}])])
    assert set(columns(engine)) == {"v1:1", "v1:2", "v1:3", "v2:1"}
    assert engine.versions() == {"v1": 1, "v2": 2, "v3": 1}


def test_suggestions_hold_columns_under_each_of_their_names_once(tables: SearchEngine) -> None:
    suggested = [(suggestion.kind, suggestion.text) for suggestion in tables.suggest("smok")]
    assert [kind for kind, _ in suggested] == ["variable", "variable"]
    assert {text.replace("_", " ").lower() for _, text in suggested} <= {"smoking status", "smokingstatus", "smoking since"}
    assert [suggestion.text for suggestion in tables.suggest("visit")] == ["age_at_visit"]


# datasets like another


def test_similar_datasets_share_what_is_rare_and_say_what(engine: SearchEngine) -> None:
    engine.index([
        document("a", "Asthma in school", keywords=["asthma", "school"], keyword=["asthma", "school"], dtype=["Respiratory"]),
        document("b", "Asthma at work", keywords=["Asthma"], keyword=["asthma"], dtype=["Respiratory"]),
        document("c", "Respiratory survey", dtype=["Respiratory"]),
        *(document(f"n{number}", f"Stroke audit {number}") for number in range(6)),
    ])  # fmt: skip
    found = engine.similar("a", 5)
    assert [one.id for one in found] == ["b", "c"]
    assert [(reason.kind, reason.values) for reason in found[0].reasons] == [("keywords", ("asthma",)), ("title", ("asthma",)), ("dtype", ("Respiratory",))]
    assert [reason.kind for reason in found[1].reasons] == ["dtype"]
    assert found[0].stored["title"] == "Asthma at work"
    assert [one.id for one in engine.similar("a", 1)] == ["b"]
    assert engine.similar("nobody") == engine.similar("a", 0) == ()


# an index that is lost, damaged, of another kind


def test_an_absent_index_is_unavailable_not_empty(kind: str, tmp_path: Path) -> None:
    made = ENGINES[kind](tmp_path / "none")
    assert not made.state().is_usable
    with pytest.raises(SearchUnavailable):
        made.search(Query())
    with pytest.raises(SearchUnavailable):
        made.versions()
    with pytest.raises(SearchUnavailable):
        made.search_variables(Query())
    with pytest.raises(SearchUnavailable):
        made.similar("a")
    with pytest.raises(SearchError):
        made.roll_back()
    assert made.remove([]) == made.index([]) == 0
    made.index([document("a", "First")])
    assert made.state().is_usable
    assert found(made, "first") == ["a"]
    forget(made)


def test_a_rebuild_replaces_everything_and_refuses_a_great_loss(engine: SearchEngine) -> None:
    engine.index([document(f"{number}", "Study") for number in range(100)])
    with pytest.raises(SearchError, match="94"):
        engine.rebuild([document(f"{number}", "Study") for number in range(94)])
    assert engine.search(Query()).total == 100
    assert engine.rebuild([document(f"{number}", "Study") for number in range(95)]) == 95
    assert engine.search(Query()).total == 95
    assert engine.rebuild([], force=True) == 0
    assert engine.search(Query()).total == 0


def test_a_rebuild_keeps_the_highest_version_of_a_document(engine: SearchEngine) -> None:
    versions = [document("a", "Second", version=2), document("a", "Third", version=3), document("a", "First", version=1)]
    assert engine.rebuild(versions) == 1
    assert engine.versions() == {"a": 3}
    assert engine.search(Query()).hits[0].stored["title"] == "Third"


def test_a_rebuild_that_fails_leaves_the_old_index(studies: SearchEngine) -> None:
    def failing() -> Iterator[SearchDocument]:
        yield document("z", "Never seen")
        assert studies.search(Query()).total == 5
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        studies.rebuild(failing())
    assert studies.search(Query()).total == 5
    assert studies.index([document("z", "Seen now")]) == 1
    assert studies.search(Query()).total == 6


KILLED = """
import sys
from tests.search.factories import ENGINES, document
from pathlib import Path
engine = ENGINES[sys.argv[1]](Path(sys.argv[2]))
def endless(start):
    for number in range(start, 10**9):
        yield document(f"k{number}", f"Killed study {number}")
        if number == start + 300:
            print("ready", flush=True)
if sys.argv[3] == "rebuild":
    engine.rebuild(endless(0), force=True)
else:
    engine.index([document("kept", "The last commit")])
    engine.index(endless(0))
"""


@pytest.mark.parametrize("doing", ["index", "rebuild"])
def test_a_killed_writer_leaves_the_last_commit(kind: str, studies: SearchEngine, tmp_path: Path, doing: str) -> None:
    studies.close()
    process = subprocess.Popen([sys.executable, "-c", KILLED, kind, str(tmp_path / "index"), doing], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert studies.state().is_usable
    total = studies.search(Query()).total
    assert total == len(studies.versions())
    assert total == 5 if doing == "rebuild" else total >= 6
    assert studies.index([document("after", "Written after the kill")]) == 1
    assert found(studies, "after kill")[0] == "after"
