"""The questions that advice is judged from, in a few words each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WORDS: Final[Mapping[str, str]] = {
    "project.purpose": "what the work is", "people.lead.sector": "the kind of your organisation", "project.commercial": "commercial involvement",
    "project.aims": "your aims", "settings.countries": "the countries in which data are seen", "people.lead.country": "where you work",
    "people.team": "your team", "people.lead.organisation": "your organisation", "project.previous": "the earlier request",
    "data.linkage": "whether data are linked", "project.ethics_status": "the ethics opinion", "outputs.open": "open access",
    "project.moratorium": "until when results are kept back", "outputs.derived": "derived data", "outputs.disclosure": "steps against disclosure",
    "project.end": "the end of the project", "outputs.retention_until": "how long data are kept", "project.condition": "the disease or topic",
}


def question_words(key: str) -> str:
    return _WORDS[key]
