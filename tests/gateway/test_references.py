"""The reference that is read aloud."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access.references import new_reference, read_reference
from gateway.errors import BadRequest


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
