"""How much of a part those see who do not see all of it: reviewers, and administrators in an emergency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gateway.access.bank.forms import CustodianForm
from gateway.access.bank.questions import Question
from gateway.access.machine import is_for_applicant
from gateway.access.parts import Event, PartState, Role

OPINIONS: Final = frozenset({"review.given", "vote.cast", "remark.added"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """``subject`` is empty for nobody of the custodian. ``is_reviewer``: who advises and does nothing else. ``sees_opinions`` False: reviews,
    votes and internal remarks of others only once their own review is given."""

    subject: str = ""
    roles: tuple[Role, ...] = ()
    is_reviewer: bool = False
    sees_opinions: bool = True

    def events(self, history: Sequence[Event]) -> list[Event]:
        return [event for event in history if self._hears(history) or self._may_see(event)]

    def state(self, state: PartState, history: Sequence[Event]) -> PartState:
        """With the votes that may be seen."""
        if self._hears(history):
            return state
        return replace(state, votes={person: vote for person, vote in state.votes.items() if person == self.subject})

    def answers(self, answers: Mapping[str, Any], form: CustodianForm) -> Mapping[str, Any]:
        """Reviewers see names and no addresses, and nothing that was marked as private."""
        if not self.is_reviewer:
            return answers
        return {key: _without_addresses(form.question(key), answer) for key, answer in answers.items() if not form.is_private(key)}

    def _hears(self, history: Sequence[Event]) -> bool:
        return self.sees_opinions or any(event.event == "review.given" and event.actor == self.subject for event in history)

    def _may_see(self, event: Event) -> bool:
        return event.event not in OPINIONS or is_for_applicant(event) or event.actor == self.subject


def _without_addresses(question: Question | None, answer: Any) -> Any:
    if isinstance(answer, list):
        return [_without_addresses(question, one) for one in answer]
    if not isinstance(answer, Mapping):
        return answer
    addresses = {"email", *(column.name for column in question.columns if column.kind == "email")} if question is not None else {"email"}
    return {name: cell for name, cell in answer.items() if name not in addresses}
