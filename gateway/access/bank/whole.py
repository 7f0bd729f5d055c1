"""All questions of the bank in the order of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.access.bank.data import DATA
from gateway.access.bank.handling import DECLARATIONS, OUTPUTS, SETTINGS
from gateway.access.bank.people import PEOPLE
from gateway.access.bank.project import PROJECT
from gateway.access.bank.questions import Question, Topic

VERSION: Final = "1.0"
"""Of the bank: kept with every draft."""
TOPICS: Final[tuple[Topic, ...]] = (
    PROJECT[0], PROJECT[1], *PEOPLE, *DATA[:3], *SETTINGS, *OUTPUTS, PROJECT[2], DATA[3], *DECLARATIONS,
)
BANK: Final[Mapping[str, Question]] = {question.key: question for topic in TOPICS for question in topic.questions}
TOPIC_OF: Final[Mapping[str, Topic]] = {question.key: topic for topic in TOPICS for question in topic.questions}
CORE: Final = frozenset(key for key, question in BANK.items() if question.need == "R")
OPTIONAL: Final = frozenset(key for key, question in BANK.items() if question.need == "o")
UPLOAD_CORE: Final = frozenset(
    key for key in CORE
    if key.startswith(("people.", "project.", "settings.", "declare.")) or key in ("data.datasets", "data.identifiability", "data.access_mode", "data.opt_out")
)
"""What is answered here even where a custodian insists on its own document."""
