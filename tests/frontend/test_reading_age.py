"""Pages that everybody should be able to read, and the words of the form: no harder than somebody of fourteen reads with ease.

Measured by the grade of Flesch and Kincaid, worked out here; a grade is a year at school, and school begins at five.
"""

from __future__ import annotations

import re
from typing import Final

import pytest
from lxml import html

from frontend.render import page
from gateway.access.bank.whole import BANK
from tests.frontend.samples import PAGES

HARDEST: Final = 9.0
READ: Final = tuple(path for path in PAGES if re.fullmatch(r"/(help|help/(custodians|searching|access)|uses|uses/a|feeds/none|questions/new(/unlisted)?|privacy|terms|cookies|accessibility|retention)", path))
FEWEST_WORDS: Final = 30


def syllables(word: str) -> int:
    found = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(found - (word.lower().endswith("e") and not word.lower().endswith("le") and found > 1), 1)


def grade(sentences: list[str]) -> float:
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z’']+", sentence)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def sentences_of(text: str) -> list[str]:
    return [one for one in re.split(r"[.!?:;](?:\s|$)", " ".join(text.split())) if re.search(r"[a-z]", one)]


def test_a_simple_sentence_has_a_low_grade_and_a_learned_one_a_high() -> None:
    assert grade(["The cat sat on the mat"]) < 2
    assert grade(["Organisational accountability necessitates comprehensive documentation of institutional decision procedures"]) > 20


@pytest.mark.parametrize("path", READ)
def test_help_and_register_pages_can_be_read_at_fourteen(path: str) -> None:
    (main,) = html.fromstring(page(PAGES[path])).xpath("//main")
    texts = [element.text_content() for element in main.xpath(".//p[not(ancestor::form)] | .//li[not(.//li)] | .//dd")]
    found = [sentence for text in texts for sentence in sentences_of(text)]
    if sum(len(sentence.split()) for sentence in found) >= FEWEST_WORDS:
        assert grade(found) <= HARDEST, path


def test_the_questions_of_the_form_can_be_read_at_fourteen() -> None:
    assert grade([sentence for one in BANK.values() for text in (one.label, one.help) for sentence in sentences_of(text or "")]) <= HARDEST
