"""The bank, custodians' forms, and which questions apply to whom: pure rules."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.bank.asking import asked_of, asked_together, for_part, missing
from gateway.access.bank.checking import faults_in
from gateway.access.bank.forms import FormDocument, check, plain_form, read_document, stored_form
from gateway.access.bank.identifiers import holds_rows, is_nhs_number, warnings
from gateway.access.bank.judging import judge
from gateway.access.bank.questions import Question, ask, when
from gateway.access.bank.reading import Unanswerable, read
from gateway.access.bank.telling import in_words
from gateway.access.bank.whole import BANK, CORE, OPTIONAL, TOPICS, UPLOAD_CORE, VERSION
from gateway.access.examples import EXAMPLES
from gateway.access.register import HEADINGS
from gateway.errors import Unprocessable

RELEASED = json.loads((Path(__file__).parents[1] / "data" / "question-bank-1.0.json").read_text(encoding="utf-8"))
FED = [question.register_field for question in BANK.values() if question.register_field]
OWN = {"name": "first_visit", "type": "long", "label": "What the first visit looked like", "reason": "Nothing in the bank is about visits."}
COMPLETE = {key: EXAMPLES[key] for key in CORE if key in EXAMPLES} | {"project.ethics_not_needed": "Nobody is identified.", "data.fields": [
    {"dataset": "a1", "table": "t", "columns": "c", "reason": "r"}, {"dataset": "b1", "table": "t", "columns": "c", "reason": "r"},
]}


def form(custodian: str, **document: Any) -> Any:
    return stored_form(document, custodian=custodian, name=custodian.title(), version=1)


# the bank


def test_A20_all_124_keys_exist_unique_and_none_was_renamed_since_the_release() -> None:
    assert (len(BANK), len(CORE), len(OPTIONAL)) == (124, 55, 42)
    assert sum(len(topic.questions) for topic in TOPICS) == 124, "unique"
    assert RELEASED["version"] == VERSION
    assert {key: question.type for key, question in BANK.items()} == {key: one["type"] for key, one in RELEASED["questions"].items()}
    for key, one in RELEASED["questions"].items():
        assert BANK[key].need == one["need"], key
        assert set(one["choices"]) <= set(BANK[key].choices), f"an answer that was offered must stay readable: {key}"


def test_the_bank_keeps_its_own_rules_and_feeds_the_register() -> None:
    assert faults_in(tuple(BANK.values()), feeds=FED) == ()
    assert set(FED) <= set(HEADINGS)
    assert not check(FormDocument(), custodian="alpha")
    assert not check(FormDocument(variant="documents"), custodian="alpha")


# broken templates


@pytest.mark.parametrize(("broken", "where", "sentence"), [
    ((ask("a", "text", "o", "One", when=(when("b"),)), ask("b", "text", "o", "Two", when=(when("a"),))), "a", "in a circle"),
    ((ask("a", "text", "o", "One", when=(when("b"),)), ask("b", "text", "o", "Two")), "a", "asked later"),
    ((Question(key="a", type="yes_no", need="o", label="One", choices={"yes": "Yes"}),), "a", "answers yes and no"),
    ((ask("a", "choice", "o", "One", choices={"x": "Same", "y": "same"}),), "a", "two or more different"),
    ((ask("a", "text", "o", "One"), ask("a", "text", "o", "Again")), "a", "used twice"),
    ((ask("a", "yes_no", "o", "One"), ask("b", "text", "o", "Two", when=(when("a", "perhaps"),))), "b", "does not offer"),
    ((ask("a", "text", "o", "word " * 30),), "a", "under 25 words"),
])
def test_A21_broken_questions_are_refused_with_the_reason(broken: tuple[Question, ...], where: str, sentence: str) -> None:
    found = faults_in(broken, feeds=())
    assert where in {fault.where for fault in found}
    assert sentence in " ".join(fault.sentence for fault in found)


def test_A21_a_missing_register_field_is_named() -> None:
    without = tuple(question for question in BANK.values() if question.key != "project.lay_summary")
    assert [fault.sentence for fault in faults_in(without, feeds=FED)] == ["Nothing fills the register's field “Lay summary”."]


@pytest.mark.parametrize(("document", "where", "sentence"), [
    ({"annex": [OWN, OWN]}, "annex.alpha.first_visit", "used twice"),
    ({"annex": [{**OWN, "type": "yes_no", "choices": ["yes"]}]}, "annex.alpha.first_visit", "answers yes and no"),
    ({"annex": [{**OWN, "type": "choice", "choices": ["one"]}]}, "annex.alpha.first_visit", "two or more"),
    ({"annex": [{**OWN, "type": "file"}]}, "annex.alpha.first_visit", "type is one of"),
    ({"annex": [{**OWN, "name": "First visit!"}]}, "annex.alpha.First visit!", "small letters"),
    ({"annex": [{**OWN, "label": "Why less would not do", "reason": " "}]}, "annex.alpha.first_visit", "data.minimisation"),
    ({"annex": [{**OWN, "when": [{"key": "annex.alpha.later"}]}, {**OWN, "name": "later", "when": [{"key": "annex.alpha.first_visit"}]}]}, "annex.alpha.later", "circle"),
    ({"annex": [{**OWN, "when": [{"key": "data.size"}]}]}, "annex.alpha.first_visit", "does not ask"),
    ({"optional": {"project.title": {"need": "offer"}}}, "optional.project.title", "Everybody is asked"),
    ({"optional": {"project.nonsense": {"need": "offer"}}}, "optional.project.nonsense", "no such question"),
    ({"guidance": {"annex.alpha.x": "?"}}, "guidance.annex.alpha.x", "questions of the bank alone"),
])
def test_A21_broken_forms_are_refused_with_the_reason(document: dict[str, Any], where: str, sentence: str) -> None:
    found = {fault.where: fault.sentence for fault in check(read_document(document), custodian="alpha")}
    assert sentence in found.get(where, ""), found


@pytest.mark.parametrize("document", [{"leave_out": ["project.title"]}, {"optional": {"data.size": {"need": "forbid"}}}, {"annex": [{**OWN, "words": 0}]}, {"variant": "paper"}])
def test_A15_a_form_with_fields_or_values_that_there_are_not_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable):
        read_document(document)


# what is asked of whom


def test_A19_what_one_custodian_requires_is_not_missing_from_the_others_part() -> None:
    strict, easy = form("strict", optional={"data.size": {"need": "require"}}, annex=[OWN]), plain_form("easy", "Easy")
    assert {one.key for one in missing(strict, COMPLETE)} == {"data.size", "annex.strict.first_visit"}
    assert missing(easy, COMPLETE) == ()
    asked = {one.key: one for topic in asked_together([strict, easy], COMPLETE) for one in topic.asked}
    assert asked["data.size"].only == ("Strict",)
    assert asked["project.title"].only == ()
    assert asked["annex.strict.first_visit"].only == ("Strict",)


def test_a_condition_opens_and_closes_its_question() -> None:
    plain = plain_form("a", "A")
    assert "project.commercial_detail" not in asked_of(plain, {"project.commercial": "no"})
    assert asked_of(plain, {"project.commercial": "yes"})["project.commercial_detail"] is True
    assert "people.lead.supervisor" not in asked_of(plain, {"people.lead.student": "yes"}), "nobody asked whether it is for a degree"
    chosen = form("a", optional={"people.lead.student": {"need": "offer"}})
    assert asked_of(chosen, {"people.lead.student": "yes"})["people.lead.supervisor"] is True
    assert asked_of(plain, {"data.access_mode": "Release"})["settings.encryption"] is True
    assert asked_of(plain, {"settings.place": "own"})["settings.encryption"] is True
    assert "settings.encryption" not in asked_of(plain, {"settings.place": "custodian", "data.access_mode": "TRE"})


def test_what_is_said_of_each_member_of_the_team_is_asked_once_there_is_one() -> None:
    plain = plain_form("a", "A")
    alone, together = {**COMPLETE, "people.team": []}, {**COMPLETE, "people.team": [{"name": "Grace", "role": "analyst"}]}
    assert missing(plain, alone) == ()
    assert [one.sentence for one in missing(plain, together)] == ["Organisation of Grace is missing.", "Will handle the data of Grace is missing."]


def test_a_custodian_with_its_own_document_asks_only_what_routing_and_the_register_need() -> None:
    asked = asked_of(form("a", variant="documents"), {})
    assert set(asked) == UPLOAD_CORE
    assert "data.minimisation" not in asked
    assert "declare.accurate" in asked


def test_a_part_holds_what_its_custodian_asks_about_its_own_datasets() -> None:
    answers = {**COMPLETE, "data.size": 5, "people.team": [{"name": "Grace", "country": "Wales", "role": "analyst"}], "annex.other.secret": "x"}
    found = for_part(plain_form("a", "A"), answers, ["a1"])
    assert [row["dataset"] for row in found["data.fields"]] == ["a1"]
    assert found["people.team"] == [{"name": "Grace", "role": "analyst"}]
    assert not {"data.size", "annex.other.secret"} & set(found)


# answers


@pytest.mark.parametrize(("key", "typed", "kept"), [
    ("people.lead.name", " Zoe\u0308 <b> O’Neill ", "Zo\u00eb <b> O’Neill"),
    ("project.lay_summary", "One.\r\n\r\nTwo & <three>.", "One.\n\nTwo & <three>."),
    ("project.start", "1/4/2027", "2027-04-01"), ("data.size", "12,000", 12000), ("people.lead.orcid", "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
    ("project.purpose", ["audit", "research"], ["research", "audit"]), ("data.period", {"from": "2010", "to": "2020"}, {"from": "2010", "to": "2020"}),
    ("people.team", "none", []), ("people.team", [{"name": "Grace"}, {"name": " "}], [{"name": "Grace"}]), ("data.geography", "Wales\n\nScotland", ["Wales", "Scotland"]),
    ("project.sponsor", {"name": "University", "id": ""}, {"name": "University"}), ("project.title", "  ", None), ("project.sponsor", {"name": "", "id": ""}, None),
])
def test_answers_are_kept_as_typed_in_composed_form(key: str, typed: object, kept: object) -> None:
    assert read(BANK[key], typed) == kept


@pytest.mark.parametrize(("key", "typed", "sentence"), [
    ("project.title", "t" * 151, "150 characters or fewer. You have 151."), ("project.lay_summary", "word " * 301, "300 words or fewer. You have 301."),
    ("people.lead.email", "nobody", "name@organisation"), ("people.lead.email", "a@b.example\r\nBcc: c@d.example", "one line"),
    ("project.kind", "other", "Choose one"), ("project.start", "soon", "2027-12-31"), ("data.period", {"from": "2020", "to": "2010"}, "before it begins"),
    ("people.lead.orcid", "0000-0002-1825-0098", "ORCID"), ("people.team", [{"role": "x"}, {"email": "a@b.example"}], "Row 2: Name is missing."),
    ("data.controller", "none", "at least one"), ("project.title", ["a"], "as text"), ("project.title", "a\x00b", "cannot be shown"), ("data.size", "many", "whole number"),
    ("declare.accurate", "no", "Tick"), ("project.title", "a\u202eb", "cannot be shown"),
])
def test_what_is_no_answer_says_what_to_type(key: str, typed: object, sentence: str) -> None:
    with pytest.raises(Unanswerable, match=sentence):
        read(BANK[key], typed)


@given(st.text(max_size=80))
def test_any_text_is_taken_or_refused(text: str) -> None:
    with contextlib.suppress(Unanswerable):
        found = read(BANK["project.title"], text)
        assert found is None or read(BANK["project.title"], found) == found, "an answer is its own reading"


def test_every_example_is_an_answer() -> None:
    for key, answer in EXAMPLES.items():
        question = BANK[key]
        typed = "none" if answer == [] else answer
        assert read(question, typed) == answer, key
        assert in_words(question, answer)


def test_answers_of_the_earlier_form_stay_readable() -> None:
    assert in_words(BANK["project.purpose"], "To learn something.") == "To learn something."
    assert in_words(BANK["people.lead.organisation"], "Marker University") == "Marker University"
    assert in_words(None, {"a": "b"}) == "b"


# identifiers


@pytest.mark.parametrize(("text", "sentence"), [
    ("Patient 943 476 5919 was seen", "NHS number"), ("9434765919", "NHS number"), ("Lives at SW1A 1AA now", "postcode"), ("ec1a1bb", "postcode"),
    ("born 12/03/1956", "date of birth"), ("DOB: 1956-03-12", "date of birth"), ("date of birth 3 March 1956", "date of birth"),
])
def test_A24_identifiers_in_free_text_raise_a_warning(text: str, sentence: str) -> None:
    assert sentence in " ".join(warnings(text))
    judged = judge([BANK["project.aims"]], {"project.aims": text}, reasons={}, held={})
    assert judged.answers == {}
    assert judged.suspicions
    kept = judge([BANK["project.aims"]], {"project.aims": text}, reasons={"project.aims": "A made-up number."}, held={})
    assert (kept.answers, kept.kept) == ({"project.aims": text}, {"project.aims": "A made-up number."})
    assert not judge([BANK["project.aims"]], {"project.aims": text}, reasons={}, held={"project.aims": text}).suspicions, "asked once"


@pytest.mark.parametrize("text", ["9434765918", "grant 1234567890123", "from 01/04/2004 to 31/03/2010", "ICD-10 E11 and C34.9", "REC 20/EM/0148", "0117 496 0123"])
def test_ordinary_figures_raise_none(text: str) -> None:
    assert warnings(text) == ()


def test_A24_rows_of_data_are_refused() -> None:
    rows = "\n".join(f"{number},M,19{number},12.5" for number in range(50, 60))
    assert holds_rows(rows)
    with pytest.raises(Unanswerable, match="rows of data"):
        read(BANK["project.aims"], rows)
    assert not holds_rows("First, we look, then, perhaps, we count.\nSecond, we write, and, so, we end.")
    assert is_nhs_number("943 476 5919")


def test_a_question_of_the_bank_cannot_be_changed_by_a_custodian() -> None:
    with pytest.raises(Unprocessable):
        read_document({"optional": {"data.size": {"need": "offer", "type": "text"}}})
