"""What the law of a pathway adds to the machine's guards. Pure, like gateway/access/guards.py.

Settings read: ``rules`` (the guards of the pathway, by name), ``ethics_status`` (favourable, unfavourable, claimed, pending, none) and ``answers`` by question key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.access.parts import Facts, PartState

SECTION_251: Final = "Section 251 NHS Act 2006"
AUTHORITY_TESTS: Final[Mapping[str, str]] = {
    "necessity_shown": "the information is necessary for the research",
    "security_adequate": "the security of the premises and systems is adequate",
    "no_other_way": "the purpose cannot be met without identifying people",
}
"""What the HFEA must be satisfied of, each confirmed by the person who approves."""


def rejects(_: PartState, facts: Facts) -> str | None:
    """Nobody is refused the register of the HFEA while the ethics committee has yet to give its opinion."""
    is_pending = _has(facts, "ethics_opinion") and facts.settings.get("ethics_status") == "pending"
    return "the ethics opinion is pending: pause the part with the reason REC instead" if is_pending else None


def lets_approve(_: PartState, facts: Facts) -> str | None:
    if _has(facts, "ethics_opinion") and facts.settings.get("ethics_status") != "favourable":
        return "a favourable ethics opinion, confirmed by you, comes first"
    return takes_answers(_, facts)


def approves(_: PartState, facts: Facts) -> str | None:
    unproven = [words for name, words in AUTHORITY_TESTS.items() if facts.payload.get(name) is not True] if _has(facts, "authority_tests") else []
    return f"confirm that {'; that '.join(unproven)}" if unproven else None


def takes_answers(_: PartState, facts: Facts) -> str | None:
    if _has(facts, "no_section_251") and _answers(facts).get("data.confidentiality") == SECTION_251:
        return "section 251 of the NHS Act 2006 does not apply in Scotland: choose another basis for confidential information"
    return None


def takes_evidence(_: PartState, facts: Facts) -> str | None:
    if _has(facts, "no_section_251") and facts.payload.get("type") == "CAG_s251":
        return "section 251 of the NHS Act 2006 does not apply in Scotland; the Public Benefit and Privacy Panel (PBPP) decides there"
    return None


def lets_activate(_: PartState, facts: Facts) -> str | None:
    """The Secure Research Service of the ONS lets in accredited researchers alone."""
    without = unaccredited(_answers(facts)) if _has(facts, "accredited") else ()
    return f"no accreditation is named for: {', '.join(without)}" if without else None


def activates(_: PartState, facts: Facts) -> str | None:
    is_checked = not _has(facts, "accredited") or facts.payload.get("accreditation_checked") is True
    return None if is_checked else "confirm that everybody with access is an accredited researcher"


def unaccredited(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """People who will handle the data, and for whom the answers name no accreditation."""
    people = [(str(answers.get("people.lead.name") or "the lead"), answers.get("people.lead.needs_access"), answers.get("people.lead.accreditation"))]
    team = answers.get("people.team")
    others = team if isinstance(team, Sequence) and not isinstance(team, str) else ()
    people.extend(
        (str(one.get("name") or "a member of the team"), one.get("needs_access"), one.get("accreditation")) for one in others if isinstance(one, Mapping)
    )
    return tuple(name for name, needs, accreditation in people if needs in ("yes", True) and not accreditation)


def _has(facts: Facts, rule: str) -> bool:
    return rule in facts.settings.get("rules", ())


def _answers(facts: Facts) -> Mapping[str, Any]:
    found = facts.settings.get("answers")
    return found if isinstance(found, Mapping) else {}
