"""What conditions of use mean for a project: every rule, both editions of the ontology, and that more terms never mean less."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.access.advice.advice import ORDER, advice, advice_digest, blocking, overall
from gateway.access.advice.keys import question_words
from gateway.access.advice.rules import RULES
from gateway.access.advice.terms import CONDITIONS, Term, duo_terms, from_duo, read_term, terms_of
from schemas.older_values import LIMITATION, REQUIREMENT

TODAY = date(2026, 11, 28)
ACADEMIC = {"people.lead.sector": "Academic Institute", "project.commercial": "no"}
RESEARCH = {"project.purpose": ["research"]}
AUDIT = {"project.purpose": ["audit"]}
BOTH = {"project.purpose": ["research", "product_development"]}
CASES: list[tuple[str, Mapping[str, Any], Mapping[str, str], str]] = [
    ("No restriction", {}, {}, "compatible"),
    ("DUO:0000004", {}, {}, "compatible"),
    ("Commercial research use", {}, {}, "compatible"),
    ("General research use", RESEARCH, {}, "compatible"),
    ("General research use", AUDIT, {}, "needs_human"),
    ("DUO:0000042", BOTH, {}, "compatible"),
    ("General research use", {"project.purpose": "In our own words."}, {}, "needs_human"),
    ("DUO:0000005", RESEARCH, {}, "compatible"),
    ("Research use only", RESEARCH, {}, "compatible"),
    ("DUO:0000014", BOTH, {}, "needs_human"),
    ("Research-specific restrictions", RESEARCH, {}, "compatible"),
    ("RESEARCH SPECIFIC RESTRICTION", AUDIT, {}, "needs_human"),
    ("DUO:0000012", {}, {}, "needs_human"),
    ("Not for profit use", {"people.lead.sector": "Commercial"}, {}, "conflict"),
    ("Not for profit use", {**ACADEMIC, "project.commercial": "yes"}, {}, "conflict"),
    ("DUO:0000018", ACADEMIC, {}, "compatible"),
    ("NOT FOR PROFIT USE", {"people.lead.sector": "Academic Institute"}, {}, "needs_human"),
    ("DUO:0000045", {"people.lead.sector": "Commercial"}, {}, "conflict"),
    ("DUO:0000045", {**ACADEMIC, "project.commercial": "yes"}, {}, "compatible"),
    ("DUO:0000045", {}, {}, "needs_human"),
    ("DUO:0000046", {**ACADEMIC, "project.commercial": "yes"}, {}, "conflict"),
    ("No general methods research", RESEARCH, {}, "needs_human"),
    ("DUO:0000015", {"project.purpose": ["methods"]}, {}, "conflict"),
    ("Geographical restrictions", {"settings.countries": ["United Kingdom"]}, {}, "needs_human"),
    ("Geographical restrictions: United Kingdom", {"settings.countries": ["Scotland"]}, {}, "compatible"),
    ("GS-[Scotland]", {"settings.countries": ["Scotland"]}, {}, "needs_human"),
    ("DUO:0000022 [GB]", {"settings.countries": ["United Kingdom", "France"]}, {}, "conflict"),
    ("DUO:0000022 [GB]", {"settings.countries": ["UK"], "people.team": [{"name": "A", "country": "France"}]}, {}, "conflict"),
    ("DUO:0000022 [GB]", {}, {}, "needs_human"),
    ("Genetic studies only", RESEARCH, {}, "needs_human"),
    ("DUO:0000016", RESEARCH, {}, "needs_human"),
    ("Institution-specific restrictions", {}, {}, "needs_human"),
    ("Project specific restriction(s)", {}, {}, "needs_human"),
    ("User-specific restriction", {}, {}, "needs_human"),
    ("No linkage", {"data.linkage": "yes"}, {}, "conflict"),
    ("No linkage", {"data.linkage": "no"}, {}, "compatible"),
    ("NO LINKAGE", {}, {}, "needs_human"),
    ("Ethics approval required", {"project.ethics_status": "given"}, {"REC": "verified"}, "compatible"),
    ("DUO:0000021", {"project.ethics_status": "pending"}, {}, "undertaking"),
    ("DUO:0000021", {"project.ethics_status": "not_needed"}, {}, "needs_human"),
    ("Publication moratorium: 2027-06-01", {}, {}, "undertaking"),
    ("DUO:0000024", {}, {}, "undertaking"),
    ("Publication required", {"project.end": "2028-01-01", "project.moratorium": "2027-01-01"}, {}, "undertaking"),
    ("DUO:0000019", {"project.end": "2028-01-01", "project.moratorium": "2029-01-01"}, {}, "needs_human"),
    ("Collaboration required", {}, {}, "undertaking"),
    ("DUO:0000020", {}, {}, "undertaking"),
    ("Return to database or resource", {}, {}, "undertaking"),
    ("DUO:0000029", {}, {}, "undertaking"),
    ("Disclosure control", {}, {}, "undertaking"),
    ("Time limit on use: 2028-12-31", {"project.end": "2028-06-30"}, {}, "compatible"),
    ("Time limit on use: 2028-12-31", {"project.end": "2028-06-30", "outputs.retention_until": "2030-01-01"}, {}, "conflict"),
    ("DUO:0000025 [24 months]", {"project.start": "2027-01-01", "project.end": "2028-06-30"}, {}, "compatible"),
    ("DUO:0000025 [12]", {"project.start": "2027-01-01", "project.end": "2028-06-30"}, {}, "conflict"),
    ("Time limit on use", {"project.end": "2028-06-30"}, {}, "needs_human"),
    ("DUO:0000006", RESEARCH, {}, "needs_human"),
    ("DUO:0000007 [MONDO:0004979]", {"project.condition": ["MONDO:0004979"]}, {}, "compatible"),
    ("DUO:0000007 [MONDO:0004979]", {"project.condition": ["asthma"]}, {}, "needs_human"),
    ("DUO:0000011", {}, {}, "needs_human"),
    ("DUO:0000044", {}, {}, "needs_human"),
    ("DUO:0000043", {}, {}, "needs_human"),
    ("DUO:0000099", RESEARCH, {}, "needs_human"),
    ("NPU", ACADEMIC, {}, "needs_human"),
    ("Ask us first", RESEARCH, {}, "needs_human"),
]


@pytest.mark.parametrize(("stated", "answers", "evidence", "verdict"), CASES)
def test_A23_each_condition_is_judged_by_its_table(stated: str, answers: Mapping[str, Any], evidence: Mapping[str, str], verdict: str) -> None:
    (row,) = advice([read_term(stated)], answers, evidence, TODAY)
    assert row.verdict == verdict, row
    assert row.because.endswith(".")
    assert row.stated == stated


def test_A23_codes_are_told_apart_by_number_never_by_letters() -> None:
    assert read_term("DUO:0000018 (NPU)").id == "not-for-profit"
    assert read_term("DUO_0000045 NPU").id == "not-for-profit-organisation"
    assert read_term("http://purl.obolibrary.org/obo/DUO_0000042").id == "general-research"
    assert {case[0] for case in CASES} >= {f"DUO:{number}" for one in CONDITIONS.values() for number in one.duo if f"DUO:{number}" not in ("DUO:0000022", "DUO:0000025", "DUO:0000007", "DUO:0000026", "DUO:0000027", "DUO:0000028")}


def test_A23_every_spelling_of_the_specification_is_known_and_one_rule() -> None:
    unknown = [value for value in (*LIMITATION, *REQUIREMENT) if read_term(value).condition is None]
    assert unknown in ([], ["OTHER"], ["NOT APPLICABLE"]), unknown
    assert {read_term(one).id for one in ("Institution-specific restrictions", "INSTITUTION SPECIFIC RESTRICTION", "Institution specific restriction(s)")} == {"institution"}
    assert set(RULES) == set(CONDITIONS)
    for rule in RULES.values():
        for key in rule.keys:
            assert question_words(key)


def test_A23_no_stated_terms_are_never_compatible() -> None:
    (row,) = advice(terms_of({}), {**ACADEMIC, **RESEARCH}, {}, TODAY)
    assert (row.rule, row.verdict) == ("no-terms", "needs_human")


def test_A23_advice_blocks_only_where_the_custodian_says_the_rule_is_hard() -> None:
    rows = advice([read_term("No linkage"), read_term("General research use")], {"data.linkage": "yes", **RESEARCH}, {}, TODAY)
    assert blocking(rows, ()) == ()
    assert [row.rule for row in blocking(rows, ("no-linkage", "general-research"))] == ["no-linkage"]
    assert advice_digest(rows) == advice_digest(list(rows))
    assert advice_digest(rows) != advice_digest(rows[:1])


def test_A23_terms_are_exported_and_read_back_and_nothing_is_lost() -> None:
    canonical = {"accessibility": {"usage": {
        "dataUseLimitation": ["Geographical restrictions: Scotland", "No linkage", "Ask us first"], "dataUseRequirements": ["Publication moratorium: 2027-06-01"],
    }}}
    terms = terms_of(canonical)
    listed = duo_terms(terms)
    assert [(one["id"], one["modifier"]) for one in listed] == [("DUO:0000022", "Scotland"), (None, None), (None, None), ("DUO:0000024", "2027-06-01")]
    assert from_duo(listed) == terms
    assert from_duo([{"id": "DUO:0000018", "label": "NPU"}, {"id": "DUO:0000099", "label": "new one"}])[1] == Term(stated="new one", condition=None)


STATED = st.sampled_from(sorted({case[0] for case in CASES}))
ANSWERS = st.fixed_dictionaries({}, optional={
    "people.lead.sector": st.sampled_from(["Commercial", "Academic Institute", "Other"]), "project.commercial": st.sampled_from(["yes", "no"]),
    "project.purpose": st.lists(st.sampled_from(["research", "audit", "methods"]), max_size=3), "data.linkage": st.sampled_from(["yes", "no"]),
    "settings.countries": st.lists(st.sampled_from(["United Kingdom", "France"]), max_size=2), "project.ethics_status": st.sampled_from(["given", "pending", "not_needed"]),
    "project.end": st.sampled_from(["2027-01-01", "2030-01-01"]), "outputs.retention_until": st.sampled_from(["2027-06-01", "2040-01-01"]),
    "project.moratorium": st.sampled_from(["2026-12-31", "2035-01-01"]),
})


@settings(max_examples=300, deadline=None)
@given(st.lists(STATED, max_size=6), STATED, ANSWERS, st.sampled_from([{}, {"REC": "verified"}, {"REC": "awaited"}]))
def test_A23_a_further_term_never_makes_the_advice_milder(stated: list[str], further: str, answers: dict[str, Any], evidence: dict[str, str]) -> None:
    terms = [read_term(one) for one in stated]
    before, after = advice(terms, answers, evidence, TODAY), advice([*terms, read_term(further)], answers, evidence, TODAY)
    if terms:
        assert ORDER.index(overall(after)) <= ORDER.index(overall(before))
        assert {(row.stated, row.verdict) for row in before} <= {(row.stated, row.verdict) for row in after}
    assert advice(list(reversed(terms)), answers, evidence, TODAY) == advice(terms, answers, evidence, TODAY) or len({one.id for one in terms}) < len(terms)
