"""The rules that any set of questions must keep: the bank, and each custodian's form before it is published."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.access.bank.questions import Question

LONGEST_SENTENCE: Final = 25
LONGEST_WORD: Final = 24
_CHOOSING: Final = ("choice", "multi")
_SMALL: Final = frozenset(
    ("about", "and", "are", "been", "can", "for", "from", "has", "have", "how", "its", "our", "that", "the", "their", "them", "they", "this", "was",
     "what", "when", "where", "which", "who", "why", "will", "with", "you", "your")
)


@dataclass(frozen=True, slots=True)
class Fault:
    """``where`` is the key in trouble; the sentence says what to mend."""

    where: str
    sentence: str


def faults_in(questions: Sequence[Question], *, feeds: Collection[str]) -> tuple[Fault, ...]:
    """``feeds`` are the register's fields that the questions must fill."""
    return (*_repeated(questions), *_conditions(questions), *(fault for one in questions for fault in (*_choices(one), *_wording(one))), *_unfed(questions, feeds))


def similar(label: str, other: str) -> bool:
    """Whether two questions share most of their telling words."""
    mine, theirs = _telling(label), _telling(other)
    return bool(mine) and len(mine & theirs) * 3 >= len(mine) * 2


def _telling(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("s") for word in re.findall(r"[a-z]+", text.lower()) if word not in _SMALL and len(word) > 2)


def _repeated(questions: Sequence[Question]) -> list[Fault]:
    seen: set[str] = set()
    return [Fault(one.key, "This key is used twice.") for one in questions if one.key in seen or seen.add(one.key)]  # type: ignore[func-returns-value]


def _conditions(questions: Sequence[Question]) -> list[Fault]:
    by_key, place = {one.key: one for one in questions}, {one.key: number for number, one in enumerate(questions)}
    faults = []
    for one in questions:
        known = [when for when in one.when if when.key in by_key]
        if one.when and (one.custodian or one.need == "R") and len(known) < len(one.when):
            faults.append(Fault(one.key, "Its condition names a question that this form does not ask."))
        for when in known:
            if _leads_back(when.key, one.key, by_key):
                faults.append(Fault(one.key, f"Its condition goes round in a circle over {when.key}."))
            elif place[when.key] >= place[one.key]:
                faults.append(Fault(one.key, f"Its condition names {when.key}, which is asked later."))
            elif by_key[when.key].choices and not when.values <= set(by_key[when.key].choices):
                faults.append(Fault(one.key, f"Its condition wants an answer that {when.key} does not offer."))
    return faults


def _leads_back(start: str, wanted: str, by_key: dict[str, Question]) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key == wanted:
            return True
        if key not in seen and key in by_key:
            seen.add(key)
            waiting.extend(when.key for when in by_key[key].when)
    return False


def _choices(one: Question) -> list[Fault]:
    if one.type == "yes_no" and set(one.choices) != {"yes", "no"}:
        return [Fault(one.key, "A yes or no question has the answers yes and no.")]
    if one.type in _CHOOSING and len({word.strip().casefold() for word in one.choices.values() if word.strip()}) < max(2, len(one.choices)):
        return [Fault(one.key, "Give two or more different answers to choose from.")]
    if one.choices and one.type not in (*_CHOOSING, "yes_no"):
        return [Fault(one.key, "Answers to choose from belong to a question of choice alone.")]
    return []


def _wording(one: Question) -> list[Fault]:
    """What keeps a question readable for everybody."""
    if not one.label.strip():
        return [Fault(one.key, "The question has no words.")]
    sentences = [sentence.split() for sentence in re.split(r"[.?!]", f"{one.label}. {one.help}")]
    if any(len(words) > LONGEST_SENTENCE for words in sentences):
        return [Fault(one.key, f"Keep sentences under {LONGEST_SENTENCE} words.")]
    if any(len(word) > LONGEST_WORD for words in sentences for word in words):
        return [Fault(one.key, "Use shorter words.")]
    return []


def _unfed(questions: Sequence[Question], feeds: Collection[str]) -> list[Fault]:
    fed = {one.register_field for one in questions}
    return [Fault("form", f"Nothing fills the register's field “{heading}”.") for heading in sorted(feeds) if heading not in fed]
