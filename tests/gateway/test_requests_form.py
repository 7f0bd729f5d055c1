"""What a researcher may type, and the reference that is read aloud."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.form import QUESTIONS, read_form
from gateway.access.references import new_reference, read_reference
from gateway.errors import BadRequest, Unprocessable
from tests.gateway.asking import FORM

VALUES = {name: value for name, value in FORM.model_dump().items() if value}


def problem(**changes: object) -> dict[str, str]:
    with pytest.raises(Unprocessable) as raised:
        read_form({**VALUES, **changes})
    return raised.value.fields


def test_answers_are_kept_under_the_keys_of_the_question_bank() -> None:
    assert set(read_form(VALUES).answers()) == {
        "people.lead.name", "people.lead.email", "people.lead.organisation", "project.title", "project.lay_summary",
        "project.purpose", "project.public_benefit",
    }


def test_every_missing_answer_is_named_with_what_to_do() -> None:
    with pytest.raises(Unprocessable) as raised:
        read_form({})
    required = {name: question.ask for name, question in QUESTIONS.items() if question.is_required}
    assert raised.value.fields == required
    assert problem(name="  ", title="") == {"name": "Enter your name.", "title": "Enter a title for the project."}


def test_text_is_kept_as_typed_in_composed_form() -> None:
    form = read_form({**VALUES, "name": " Zoe\u0308 <b> O’Neill ", "lay_summary": "One.\r\n\r\nTwo & <three>."})
    assert form.name == "Zo\u00eb <b> O’Neill"
    assert form.lay_summary == "One.\n\nTwo & <three>."


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\u2066"])
@pytest.mark.parametrize("field", sorted(VALUES))
def test_characters_that_cannot_be_shown_are_refused(field: str, sign: str) -> None:
    assert set(problem(**{field: f"a{sign}b@example.org"})) == {field}


@pytest.mark.parametrize("field", ["name", "email", "organisation", "title"])
def test_line_ends_are_refused_where_a_header_or_a_heading_could_break(field: str) -> None:
    assert set(problem(**{field: "someone@example.org\r\nBcc: other@example.org"})) == {field}
    assert set(problem(**{field: "someone@example.org\nBcc: other@example.org"})) == {field}


@pytest.mark.parametrize("address", [
    "nobody", "@example.org", "a@", "a@b", "a b@example.org", "a@example..org", "a@-example.org", "a,b@example.org,c@example.org",
    "Name <a@example.org>", "a@example.org,b@example.org", ".a@example.org", "a..b@example.org", "ä@example.org",
    "a@exämple.org", f"{'a' * 65}@example.org", f"a@{'b' * 250}.org", '"a"@example.org', "a@[127.0.0.1]",
])
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    assert set(problem(email=address)) == {"email"}


@pytest.mark.parametrize("address", ["a.b+c@uni.ac.uk", "o'neill@example.org", "A@example.museum"])
def test_ordinary_mail_addresses_are_taken(address: str) -> None:
    assert read_form({**VALUES, "email": address}).email == address


def test_words_are_counted() -> None:
    assert read_form({**VALUES, "lay_summary": "word " * 300})
    assert problem(lay_summary="word " * 301) == {"lay_summary": "The summary must be 300 words or fewer. You have 301."}
    assert problem(title="t" * 151) == {"title": "The title must be 150 characters or fewer. You have 151."}


def test_fields_the_form_does_not_have_change_nothing() -> None:
    assert set(problem(state="approved")) == {"state"}


def test_a_value_that_is_no_text_is_refused() -> None:
    assert set(problem(title=["a"])) == {"title"}


@given(st.text(max_size=80))
def test_any_text_is_taken_or_refused_with_its_field(text: str) -> None:
    try:
        taken, refused = read_form({**VALUES, "title": text}).title, set()
    except Unprocessable as error:
        taken, refused = "", set(error.fields)
    assert taken or refused == {"title"}
    assert not (taken and refused)


def test_references_are_read_as_people_type_them() -> None:
    for _ in range(200):
        reference = new_reference()
        assert re.fullmatch(r"AR-[0-9A-HJKMNP-TV-Z]{9}", reference)
        typed = reference.lower().replace("0", "o").replace("1", "l")
        assert read_reference(f" {typed[:7]} {typed[7:]} ") == reference


@given(st.integers(0, 8), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_is_noticed(place: int, sign: str) -> None:
    reference = new_reference()
    signs = list(reference.removeprefix("AR-"))
    if signs[place] != sign:
        signs[place] = sign
        with pytest.raises(BadRequest):
            read_reference("AR-" + "".join(signs))


@pytest.mark.parametrize("text", ["", "AR-", "AR-12345678", "AR-1234567890", "AR-U2345678U", "XX-123456789", "AR-\u0661\u0662345678"])
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        read_reference(text)
