"""What is marked: whole words and runs that were sought, in one text or in many at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.highlight import Finder, Sought

SOUGHT = Sought(frozenset({("asthma",), ("heart", "attack"), ("covid", "19")}), prefixes=("pre",))
TEXTS = st.lists(st.lists(st.sampled_from(["asthma", "Asthmatic", "heart", "attacks", "covid", "19", "premature", "unasthma", "İ", "é", "-", " ", "\n", "_", "a"])).map("".join), max_size=6)


def test_words_are_marked_whole_and_not_within_others() -> None:
    text = "Asthma unasthma; heart-attack, HEART and attack, covid19 COVID-19 premature spre"
    assert [text[start:end] for start, end in Finder(SOUGHT).spans(text)] == ["Asthma", "heart-attack", "covid19", "COVID-19", "premature"]


@given(texts=TEXTS)
def test_many_texts_match_as_each_by_itself(texts: list[str]) -> None:
    finder = Finder(SOUGHT)
    assert sorted({place for place, _ in finder.pieces(texts)}) == [place for place, text in enumerate(texts) if finder.is_in(text)]
