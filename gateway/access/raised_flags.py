"""Flags that the answers of a request raise, and what its custodian asks for because of them: evidence, or a review. No flag decides anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.access.policy import Policy
from gateway.access.telling import EVIDENCE

FLAG_WORDS: Final[Mapping[str, str]] = {
    "non_uk": "Somebody works, or data are processed, outside the United Kingdom",
    "commercial": "A commercial body funds, takes part or gains",
    "identifiable": "The data identify people",
    "release": "A copy of the data leaves the secure environment",
    "excluded_uses": "The data may serve decisions on insurance, marketing, credit or employment",
}
HOME: Final = frozenset({"united kingdom", "uk", "gb", "great britain", "england", "scotland", "wales", "northern ireland"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """``evidence`` are kinds that the request must come with, ``is_reviewed`` that a review is given before the decision."""

    flag: str
    evidence: tuple[str, ...]
    is_reviewed: bool

    @property
    def sentence(self) -> str:
        asked = [EVIDENCE[kind] for kind in self.evidence]
        asked += ["a review before the decision"] if self.is_reviewed else []
        return f"{FLAG_WORDS[self.flag]}. " + (f"This calls for: {'; '.join(asked)}." if asked else "This calls for nothing more.")


def flags_of(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Which are raised, in the order of the words."""
    found = {
        "non_uk": answers.get("settings.outside_uk") == "yes" or any(country.strip().casefold() not in HOME for country in _countries(answers)),
        "commercial": answers.get("project.commercial") == "yes" or answers.get("people.lead.sector") == "Commercial",
        "identifiable": answers.get("data.identifiability") == "Personally Identifiable",
        "release": answers.get("data.access_mode") == "Release",
        "excluded_uses": answers.get("project.excluded_uses") == "yes",
    }
    return tuple(flag for flag in FLAG_WORDS if found[flag])


def raised(policy: Policy, answers: Mapping[str, Any]) -> tuple[Raised, ...]:
    """With what the custodian asks for because of each."""
    return tuple(
        Raised(flag=flag, evidence=policy.evidence_for(flag), is_reviewed=policy.reviews and flag in policy.flag_reviews) for flag in flags_of(answers)
    )


def reviewed_for(policy: Policy, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """The words of the flags for which a review must be given."""
    return tuple(FLAG_WORDS[one.flag] for one in raised(policy, answers) if one.is_reviewed)


def _countries(answers: Mapping[str, Any]) -> Iterator[str]:
    stated, team = answers.get("settings.countries"), answers.get("people.team")
    people = [one.get("country") for one in (team if isinstance(team, list) else ()) if isinstance(one, Mapping)]
    yield from (str(one) for one in (*(stated if isinstance(stated, list) else ()), answers.get("people.lead.country"), *people) if one)
