"""What each command of a custodian's own system may say. Whether it is enough is judged by the machine; what it has no name for is refused here,
because an event keeps its payload as it came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, ValidationError

from gateway.errors import Unprocessable

Words = Annotated[str, StringConstraints(strict=True, max_length=5000)]
Name = Annotated[str, StringConstraints(strict=True, max_length=300)]
Day = Annotated[str, StringConstraints(strict=True, max_length=10)]
MOST: Final = 200


class Said(BaseModel):
    """Of every command. ``decided_by`` and ``decided_at`` are who decided in the custodian's own system, and when."""

    model_config = ConfigDict(extra="forbid")
    note: Words | None = None
    decided_by: Name | None = None
    decided_at: Name | None = None


class Condition(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: Words
    owner: Literal["applicant", "custodian"] = "applicant"
    until: Day | None = None


class Acknowledge(Said):
    delivery: Name | None = None
    reference: Name | None = None


class RecordReference(Said):
    reference: Name | None = None


class RecordOutcome(Said):
    outcome: Name | None = None
    conditions: list[Condition] = Field(default_factory=list, max_length=MOST)
    reason: Words | None = None
    access_until: Day | None = None
    access_mode: Name | None = None


class Return(Said):
    comment: Words | None = None
    questions: list[Name] = Field(default_factory=list, max_length=MOST)
    is_general: StrictBool = False


class AcceptForReview(Said):
    awaited: list[Name] = Field(default_factory=list, max_length=MOST)


class WithReason(Said):
    reason: Words | None = None


class VerifyEvidence(Said):
    evidence: Name | None = None
    opinion: Literal["favourable", "unfavourable"] | None = None
    expires: Day | None = None


class RefuseEvidence(WithReason):
    evidence: Name | None = None


class Approve(Said):
    access_until: Day | None = None
    access_mode: Name | None = None
    release_confirmed: StrictBool = False
    necessity_shown: StrictBool = False
    security_adequate: StrictBool = False
    no_other_way: StrictBool = False


class ApproveConditionally(Approve):
    conditions: list[Condition] = Field(default_factory=list, max_length=MOST)


class Reject(WithReason):
    code: Name | None = None


class ConfirmConditions(Said):
    conditions: dict[Words, Literal["met", "waived", "open"]] = Field(default_factory=dict, max_length=MOST)
    notes: dict[Words, Words] = Field(default_factory=dict, max_length=MOST)


class IssueAgreement(Said):
    agreement: Name | None = None
    text: Annotated[str, StringConstraints(strict=True, max_length=200_000)] | None = None


class SignAgreement(Said):
    side: Name | None = None
    sha256: Name | None = None


class Activate(Said):
    access_mode: Name | None = None
    access_starts: Day | None = None
    access_ends: Day | None = None
    privacy_measures: Words | None = None
    accreditation_checked: StrictBool = False


PAYLOADS: Final[Mapping[str, type[Said]]] = {
    "acknowledge": Acknowledge, "record_reference": RecordReference, "record_outcome": RecordOutcome, "return": Return,
    "accept_for_review": AcceptForReview, "hold": WithReason, "release": Said, "verify_evidence": VerifyEvidence, "refuse_evidence": RefuseEvidence,
    "approve": Approve, "approve_conditionally": ApproveConditionally, "reject": Reject, "confirm_conditions": ConfirmConditions,
    "issue_agreement": IssueAgreement, "sign_agreement": SignAgreement, "activate": Activate, "suspend_access": WithReason, "resume_access": Said,
    "end": WithReason, "revoke": WithReason, "close": WithReason, "reopen": WithReason,
}
"""Command -> what it may say."""


def checked(command: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload, of named fields alone. Raises :class:`Unprocessable` naming each field that the command does not have, or not so.
    A command that no system can give has none; the machine refuses it."""
    shape = PAYLOADS.get(command)
    if shape is None:
        return {}
    try:
        found = shape.model_validate(payload)
    except ValidationError as error:
        faults = {".".join(["payload", *map(str, one["loc"])]): _sentence(one["type"], one["msg"]) for one in error.errors()}
        raise Unprocessable("The payload is not understood.", hint=f"{command} takes {', '.join(sorted(shape.model_fields))}.", fields=faults) from error
    kept = found.model_dump(exclude_unset=True, exclude_none=True)
    return {**kept, "conditions": _whole(found.conditions)} if isinstance(found, RecordOutcome | ApproveConditionally) and "conditions" in kept else kept


def _whole(conditions: list[Condition]) -> list[dict[str, str]]:
    return [one.model_dump(exclude_none=True) for one in conditions]


def _sentence(kind: str, message: str) -> str:
    return "This command has no such field." if kind == "extra_forbidden" else f"{message}."
