"""Flags that answers raise, and what they call for; never more than evidence or a review."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.access.examples import EXAMPLES
from gateway.access.pathways.required import required_evidence
from gateway.access.policy import DEFAULT, Policy, kept, policy_of
from gateway.access.raised_flags import FLAG_WORDS, flags_of, raised, reviewed_for

UNFLAGGED: dict[str, Any] = {**EXAMPLES, "people.team": [{"name": "Grace", "country": "Scotland"}]}


@pytest.mark.parametrize(("changed", "flag"), [
    ({"settings.countries": ["United Kingdom", "France"]}, "non_uk"), ({"settings.outside_uk": "yes"}, "non_uk"), ({"people.lead.country": "Ireland"}, "non_uk"),
    ({"people.team": [{"name": "Grace", "country": "Wales"}, {"name": "Eve", "country": "Japan"}]}, "non_uk"),
    ({"project.commercial": "yes"}, "commercial"), ({"people.lead.sector": "Commercial"}, "commercial"),
    ({"data.identifiability": "Personally Identifiable"}, "identifiable"), ({"data.access_mode": "Release"}, "release"),
    ({"project.excluded_uses": "yes"}, "excluded_uses"),
])
def test_each_flag_is_raised_by_its_answers_alone(changed: dict[str, Any], flag: str) -> None:
    assert flags_of(UNFLAGGED) == flags_of({}) == ()
    assert flags_of({**UNFLAGGED, **changed}) == (flag,)


def test_flags_call_for_what_the_custodian_chose_and_for_nothing_else() -> None:
    answers = {**UNFLAGGED, "project.commercial": "yes", "data.access_mode": "Release"}
    chosen = Policy(flag_evidence=("release:DPIA", "release:sponsor", "identifiable:REC"), flag_reviews=("commercial", "non_uk"), evidence=("sponsor",))
    assert required_evidence(chosen, answers) == ("sponsor", "DPIA")
    assert required_evidence(chosen, UNFLAGGED) == ("sponsor",)
    assert reviewed_for(chosen, answers) == (FLAG_WORDS["commercial"],)
    assert reviewed_for(Policy(reviews=False, flag_reviews=("commercial",)), answers) == (), "who asks no reviewers needs no review"
    commercial, release = (one.sentence for one in raised(chosen, answers))
    assert "a review before the decision" in commercial
    assert "Data protection impact assessment; Agreement of the sponsor" in release
    (bare,) = raised(Policy(flag_evidence=(), flag_reviews=()), {**UNFLAGGED, "project.commercial": "yes"})
    assert bare.sentence.endswith("This calls for nothing more.")


def test_every_flag_calls_for_something_unless_the_custodian_says_otherwise() -> None:
    everything = {
        **UNFLAGGED, "settings.outside_uk": "yes", "project.commercial": "yes", "data.identifiability": "Personally Identifiable", "data.access_mode": "Release",
        "project.excluded_uses": "yes",
    }
    assert [one.flag for one in raised(DEFAULT, everything)] == list(FLAG_WORDS)
    assert all(one.evidence or one.is_reviewed for one in raised(DEFAULT, everything))
    none = Policy(flag_evidence=(), flag_reviews=())
    assert policy_of(kept(none)) == none, "an empty choice is a choice"
    assert policy_of({"reviews": True}) == DEFAULT, "choices from before there were flags"
