"""How long what is left of a topic may take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from gateway.access.bank.asking import AskedTopic
from gateway.access.bank.questions import Answers, Question, Type

WORDS_A_MINUTE: Final = 40
"""Of text that is thought about while it is written."""
MINUTES: Final[Mapping[Type, float]] = {"columns": 8, "list": 2, "person": 1, "org": 0.5, "tick": 0.2, "datasets": 0}
OTHER: Final = 0.4


def minutes_left(topic: AskedTopic, answers: Answers) -> int:
    """Of the questions without an answer; half the words that a text may have are taken to be needed."""
    return math.ceil(sum(_minutes(asked.question) for asked in topic.asked if asked.key not in answers))


def _minutes(question: Question) -> float:
    if question.words is not None:
        return question.words / 2 / WORDS_A_MINUTE
    return MINUTES.get(question.type, OTHER)
