"""Words made comparable, the vocabulary, places."""

from __future__ import annotations

import pytest

from search.analysis import analyzer, stem
from search.language import STOP_WORDS, joined_words, normalise, parts_of, plain_text, title_key, words_of
from search.places import resolve
from search.vocabulary import Vocabulary, lines


def others(vocabulary: Vocabulary, text: str) -> set[str]:
    """Names and other words."""
    return {other for span in vocabulary.spans(words_of(text)) for other in (*span.names, *span.others)}


def test_mark_up_goes_and_text_that_looks_like_it_stays() -> None:
    assert plain_text("a&amp;b <b class='x'>bold</b><br/> &amp;lt;5 years, age <5 and >3&nbsp;now") == "a&b bold <5 years, age <5 and >3 now"


def test_compounds_are_also_one_word() -> None:
    assert joined_words("COVID-19, A&E, U.K., n/a, and/or, SARS-CoV-2, 2019-20, www.example.org") == ["covid19", "ae", "uk", "na", "andor", "sarscov2"]
    assert parts_of("covid19") == parts_of("COVID-19") == ("covid", "19")


def test_titles_are_equal_but_for_case_accents_blanks_and_punctuation() -> None:
    assert title_key("  Étude: a–b &amp; C") == title_key("etude A B, c") == "etude a b c"


@pytest.mark.parametrize(("text", "words"), [
    ("E\u0301tude of x\u0302, e\u0301t al.", ["etude", "of", "x", "et", "al"]), ("snake_case, m\u00b2 and \u00bd", ["snake", "case", "m2", "and", "1", "2"]),
    ("\ufb01le\u00adname \u2163", ["filename", "iv"]), ("\u0396\u03c9\u03ae \u0438 \u0439", ["ζωη", "и", "и"]), ("don\u2019t", ["dont"]),
])  # fmt: skip
def test_what_is_looked_for_and_what_is_indexed_are_taken_apart_alike(text: str, words: list[str]) -> None:
    indexed = [words_of(word) for word in analyzer(stemmed=False).analyze(normalise(text))]
    assert indexed == [[word] for word in words]
    assert words_of(text) == words


def test_the_vocabulary_reads_both_ways_and_one_way() -> None:
    made = Vocabulary(["heart attack = MI = myocardial infarction  # lay", "", "cat > animal", "X-ray = radiograph > imaging"], stem)
    assert others(made, "mi") == {"heart attack", "MI", "myocardial infarction"}
    assert others(made, "heart attacks in 2001") == others(made, "mi")
    assert others(made, "cat") == {"animal"}
    assert others(made, "animal") == set()
    for spelling in ("xray", "x ray", "X-rays"):
        assert others(made, spelling) == {"X-ray", "radiograph", "imaging"}
    assert others(made, "radiograph") == {"X-ray", "radiograph", "imaging"}


@pytest.mark.parametrize("line", ["alone", "a = ", "a > b > c", "= b"])
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="Line 2"):
        Vocabulary(["a = b", line], stem)


def test_the_vocabulary_holds_what_people_say_and_no_word_that_says_nothing() -> None:
    made = Vocabulary(lines(), stem)
    for lay, technical in (("kids", "paediatric"), ("GP", "primary care"), ("HES", "hospital episode statistics"), ("copd", "emphysema"), ("ITU", "critical care")):
        assert technical in others(made, lay)
    forms = {form.strip().lower() for line in lines() for form in line.split("#")[0].replace(">", "=").split("=")}
    assert not forms & STOP_WORDS


@pytest.mark.parametrize(("values", "nations"), [
    (["GB-ENG"], ["England"]), (["England,UK"], ["England", "United Kingdom"]), (["Great Britain"], ["England", "Scotland", "Wales"]),
    (["https://www.geonames.org/2638360/scotland.html"], ["Scotland"]), (["UNITED KINGDOM"], ["United Kingdom"]),
    (["United Kingdom of Great Britain and Northern Ireland"], ["United Kingdom"]), (["England &amp; Wales"], ["England", "Wales"]),
    (["https://www.geonames.org/2635167/united-kingdom-of-great-britain-and-northern-ireland.html"], ["United Kingdom"]),
    (["New South Wales"], []), (["India", "Ukraine"], []), (["S92000003"], ["Scotland"]), (["Greater London"], ["England"]),
])  # fmt: skip
def test_places_resolve_to_nations(values: list[str], nations: list[str]) -> None:
    assert list(resolve(values).nations) == nations


def test_regions_resolve_and_other_places_are_kept() -> None:
    found = resolve(["London and Luton", "Malaysia; Pakistan", "https://example.org/x"])
    assert found.regions == ("East of England", "London")
    assert found.others == ("Malaysia", "Pakistan")


def test_a_compound_in_the_vocabulary_is_found_as_one_word_and_as_several() -> None:
    vocabulary = Vocabulary(["covid = sars-cov-2", "heart attack = MI"], stem)
    for typed in (["sarscov2"], ["sars", "cov", "2"]):
        assert [span.names for span in vocabulary.spans(typed)] == [("covid", "sars-cov-2")]
    assert [span.names for span in vocabulary.spans(["heart", "attacks"])] == [("heart attack", "MI")]
