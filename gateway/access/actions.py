"""What people can press: the fields of each command's form, and reading them back into a payload."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from frontend.words import PATIENT_DATA_ACKNOWLEDGEMENT, PATIENT_DATA_CREDIT
from gateway.access import guards
from gateway.access.machine import allowed
from gateway.access.parts import PartState, Role
from gateway.access.pathways.guards import AUTHORITY_TESTS
from gateway.access.policy import DEFAULT, Policy
from gateway.access.telling import CLOSINGS, ENDINGS, EVIDENCE, HOLDS
from gateway.errors import Unprocessable
from gateway.uploads.checking import LARGEST_BYTES
from gateway.uploads.kinds import ACCEPTED

Kind = Literal["text", "long", "date", "choice", "tick", "person", "lines", "conditions", "awaited", "evidence", "questions", "removable", "links", "file"]
LONGEST: Final = 5000
REJECTIONS: Final[Mapping[str, str]] = {
    "public_benefit": "The public benefit is not clear", "not_feasible": "The data cannot answer the question",
    "law_or_ethics": "Law or ethics do not allow it", "data_not_suitable": "The data are not suitable", "security": "Security is not sufficient",
    "capacity": "We have no capacity for it", "other": "Another reason",
}
VOTES: Final[Mapping[str, str]] = {"for": "For", "against": "Against", "abstain": "Abstain"}
OUTCOMES: Final[Mapping[str, str]] = {
    "approved": "Approved", "approved_conditionally": "Approved with conditions", "rejected": "Declined",
}
OPINIONS: Final[Mapping[str, str]] = {"favourable": "Favourable", "unfavourable": "Unfavourable"}
CONDITION_STATES: Final[Mapping[str, str]] = {"open": "Still open", "met": "Met", "waived": "Waived by a decision maker"}
AMENDMENTS: Final[Mapping[str, str]] = {
    "amendment": "A change of the project", "extension": "More time", "renewal": "The same again", "linked_project": "A linked project",
}
AUDIENCES: Final[Mapping[str, str]] = {"internal": "Only we read it", "party": "The applicant reads it too"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """``choices`` maps values to words. ``person`` fields choose from the custodian's team, ``questions`` from what the part was asked, ``evidence`` fields from what was handed in and
    is not judged yet, ``awaited`` fields from the kinds that are missing, ``removable`` from the words that may be taken out; ``links`` fields hold those that stand in the register; a ``file`` comes beside the payload. ``rule``: only for requests whose pathway has that guard."""

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    choices: Mapping[str, str] | None = None
    is_required: bool = True
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One button with its form. ``explains`` says what will happen."""

    command: str
    label: str
    explains: str
    fields: tuple[Field, ...] = ()
    is_grave: bool = False


_NOTE = Field(name="note", label="Note for the applicant", kind="long", is_required=False)
_UNTIL = Field(name="access_until", label="Approved until", kind="date", hint="The last day of access, as 2027-12-31.")
_MODE = Field(name="access_mode", label="How the data will be used", kind="choice", choices={"TRE": "Inside a secure environment", "Release": "A copy leaves it"})
_TESTS = tuple(
    Field(name=name, label=f"We are satisfied that {words}", kind="tick", is_required=False, rule="authority_tests") for name, words in AUTHORITY_TESTS.items()
)
_EVIDENCE_FIELDS = (
    Field(name="type", label="Kind", kind="choice", choices=EVIDENCE),
    Field(name="reference", label="Reference", hint="Of an ethics committee: 20/EM/0148."),
    Field(name="issuer", label="Who issued it", is_required=False),
    Field(name="issued", label="Date", kind="date", is_required=False),
    Field(name="expires", label="Valid until", kind="date", is_required=False),
    Field(
        name="file", label="The paper that shows it", kind="file", is_required=False,
        hint=f"{ACCEPTED}, at most {LARGEST_BYTES // 2**20} MB; never records of people. Both sides can open it.",
    ),
)
_OPINION = Field(name="opinion", label="If an ethics committee: its opinion", kind="choice", choices=OPINIONS, is_required=False)
_COPY = Field(name="release_confirmed", label="If a copy leaves the secure environment: we mean this", kind="tick", is_required=False)

_REDACT = Action(
    command="redact", label="Remove something that must not stand here", explains="Such as what tells of a patient. That something stood there stays visible; this cannot be undone.",
    is_grave=True, fields=(Field(name="what", label="What is removed", kind="removable"), Field(name="reason", label="Why", hint="Do not repeat it here. The other side reads this.")),
)

ACTIONS: Final[tuple[Action, ...]] = (
    Action(command="acknowledge", label="Confirm receipt", explains="The applicant sees that you have the request. It decides nothing."),
    Action(command="assign_handler", label="Give it to a colleague", explains="The applicant does not see this.", fields=(Field(name="person", label="Who handles it", kind="person"),)),
    Action(
        command="return", label="Ask the applicant", explains="Your clock stops until the answer is there.",
        fields=(
            Field(name="comment", label="What should the applicant answer or change?", kind="long"),
            Field(name="questions", label="Which questions are to be answered again", kind="questions", is_required=False),
            Field(name="is_general", label="It is a general question, about none of these answers", kind="tick", is_required=False),
        ),
    ),
    Action(
        command="accept_for_review", label="Accept for review", explains="The request is complete. The applicant sees that it goes to review.",
        fields=(Field(name="awaited", label="Evidence that is missing and will come later", kind="awaited", is_required=False),),
    ),
    Action(
        command="hold", label="Pause", explains="The applicant sees what it waits for; your clock stops.",
        fields=(
            Field(name="reason", label="Waiting", kind="choice", choices=HOLDS),
            replace(_NOTE, hint="If it waits for something else, say here for what."),
        ),
    ),
    Action(command="release", label="End the pause", explains="It goes on where it stood."),
    Action(command="request_review", label="Ask for a review", explains="The applicant does not see who reviews.", fields=(Field(name="person", label="Who reviews", kind="person"),)),
    Action(command="give_review", label="Give your review", explains="Your colleagues read it; the applicant does not.", fields=(Field(name="review", label="Your review", kind="long"),)),
    Action(
        command="vote", label="Vote", explains="Votes are counted and bind nobody. You may change yours.",
        fields=(
            Field(name="vote", label="Your vote", kind="choice", choices=VOTES),
            Field(name="reason", label="Reason", kind="long", hint="If you vote against, say why.", is_required=False),
        ),
    ),
    Action(command="approve", label="Approve", explains="The applicant is told at once. Access begins only after the agreement.", fields=(_UNTIL, _MODE, _COPY, *_TESTS, _NOTE)),
    Action(
        command="approve_conditionally", label="Approve with conditions", explains="The applicant is told at once, with the conditions.",
        fields=(
            Field(
                name="conditions", label="Conditions, one on each line", kind="lines",
                hint="End a line with the date by which it must be met (2027-03-31), if there is one. Begin it with “We:” where it is yours to meet.",
            ),
            _UNTIL, _MODE, _COPY, *_TESTS, _NOTE,
        ),
    ),
    Action(
        command="reject", label="Decline", explains="The applicant is told at once, with your reason in these words.", is_grave=True,
        fields=(
            Field(name="code", label="Kind of reason", kind="choice", choices=REJECTIONS),
            Field(name="reason", label="Reason in plain English", kind="long"),
        ),
    ),
    Action(
        command="record_outcome", label="Record the decision", explains="For requests that were decided in your own system. The applicant is told at once.",
        fields=(
            Field(name="outcome", label="Decision", kind="choice", choices=OUTCOMES),
            Field(name="conditions", label="Conditions, one on each line", kind="lines", is_required=False),
            Field(name="reason", label="Reason, if declined", kind="long", is_required=False),
        ),
    ),
    Action(
        command="confirm_conditions", label="Settle the conditions", explains="The request counts as approved. Only a decision maker can waive a condition.",
        fields=(Field(name="conditions", label="Each condition", kind="conditions"),),
    ),
    Action(
        command="issue_agreement", label="Name an agreement that you keep elsewhere", explains="Both sides then confirm that they signed it. The gateway keeps no copy.",
        fields=(Field(name="agreement", label="Agreement and its version", hint="For example: Data sharing agreement 2.1 of 3 March 2027."),),
    ),
    Action(command="sign_agreement", label="Confirm our signature", explains="You sign exactly the agreement on this page, if it is kept here. It is in force once both sides signed."),
    Action(
        command="activate", label="Open access", explains="The applicant is told, and the use is entered in the public register.",
        fields=(
            _MODE, Field(name="access_starts", label="First day of access", kind="date"), Field(name="access_ends", label="Last day of access", kind="date"),
            Field(
                name="privacy_measures", label="How the data were processed to protect privacy", kind="long", is_required=False,
                hint="In plain English: it stands in the public register. For example: identifiers were replaced by study numbers.",
            ),
            Field(name="accreditation_checked", label="Everybody with access is an accredited researcher; we checked", kind="tick", is_required=False, rule="accredited"),
            _NOTE,
        ),
    ),
    Action(
        command="extend_approval", label="Keep the approval open for longer", explains="It would lapse otherwise. The applicant is told.",
        fields=(Field(name="extended_to", label="Until", kind="date"), _NOTE),
    ),
    Action(command="suspend_access", label="Suspend access", explains="The register says so.", fields=(Field(name="reason", label="Reason", kind="long"),), is_grave=True),
    Action(command="resume_access", label="Resume access", explains="The suspension ends."),
    Action(
        command="end", label="End access", explains="The applicant is asked for a report.",
        fields=(Field(name="reason", label="Why", kind="choice", choices=ENDINGS), _NOTE),
    ),
    Action(command="revoke", label="Stop access for good", explains="This cannot be undone.", fields=(Field(name="reason", label="Reason", kind="long"),), is_grave=True),
    Action(
        command="close", label="Close without a decision", explains="It can be reopened for 30 days.", is_grave=True,
        fields=(Field(name="reason", label="Why", kind="choice", choices={name: CLOSINGS[name] for name in CLOSINGS if name not in guards.LAPSES}), _NOTE),
    ),
    Action(command="reopen", label="Reopen", explains="It is checked again.", fields=(Field(name="reason", label="Why", kind="long"),)),
    Action(
        command="add_evidence", label="Note evidence", explains="An approval of another body that belongs to this request. The applicant sees it.",
        fields=_EVIDENCE_FIELDS,
    ),
    Action(
        command="verify_evidence", label="Confirm evidence", explains="You have seen the paper, or asked the body. A pause that waited for it ends.",
        fields=(Field(name="evidence", label="Which", kind="evidence"), _OPINION, Field(name="expires", label="Valid until", kind="date", is_required=False)),
    ),
    Action(
        command="refuse_evidence", label="Refuse evidence", explains="The applicant sees your reason.",
        fields=(Field(name="evidence", label="Which", kind="evidence"), Field(name="reason", label="Reason", kind="long")),
    ),
    Action(
        command="record_reference", label="Note our own reference", explains="What your own system calls the application.",
        fields=(Field(name="reference", label="Reference"),),
    ),
    Action(
        command="record_report", label="Record the report", explains="The register no longer shows it as outstanding.",
        fields=(Field(name="report", label="The report, or where it is", kind="long"),),
    ),
    Action(command="message", label="Write to the applicant", explains="It stands on the request's page; no decision is made by a message.", fields=(Field(name="text", label="Message", kind="long"),)),
    Action(
        command="remark", label="Write a remark", explains="",
        fields=(Field(name="text", label="Remark", kind="long"), Field(name="audience", label="Who reads it", kind="choice", choices=AUDIENCES)),
    ),
    Action(
        command="redirect", label="Let it go on in our own form", explains="The applicant gets the answers as files, and the address of your form.", is_grave=True,
    ),
    _REDACT,
    Action(command="declare_conflict", label="Declare a conflict of interest", explains="You cannot act on this request any more. This cannot be undone.", is_grave=True),
)
"""For the custodian's people, in the order of the page."""
APPLICANT_ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        command="resubmit", label="Send it back", explains="The custodian sees what you changed. Other custodians of your request see changed answers that concern them.",
        fields=(Field(name="reply", label="Your answer to the custodian", kind="long"),),
    ),
    Action(
        command="record_reference", label="Note the custodian’s reference", explains="What the custodian's own system calls your application.",
        fields=(Field(name="reference", label="Reference"),),
    ),
    Action(
        command="report_outcome", label="Report the decision", explains="It is shown as unconfirmed until the custodian confirms it.",
        fields=(Field(name="outcome", label="What the custodian decided", kind="choice", choices=OUTCOMES),),
    ),
    Action(
        command="add_evidence", label="Name evidence", explains="An approval of another body, such as an ethics committee. The custodian confirms it.",
        fields=_EVIDENCE_FIELDS,
    ),
    Action(
        command="record_report", label="Report at the end", explains="What you found, and where it was published. The register links to it.",
        fields=(Field(name="report", label="Your report, or where it is", kind="long"),),
    ),
    Action(
        command="name_outputs", label="Name research outputs",
        explains="Papers, preprints, code and reports that came of the data, also while the work goes on. The entry in the public register links to them, "
        f"and the custodian is told. Each should say: “{PATIENT_DATA_ACKNOWLEDGEMENT}” ({PATIENT_DATA_CREDIT}).",
        fields=(Field(
            name="outputs", label="Links", kind="links", hint="One web address on each line, such as https://doi.org/10.1000/182. What you take out leaves the register.",
            is_required=False,
        ),),
    ),
    Action(command="message", label="Write to the custodian", explains="It stands on this page.", fields=(Field(name="text", label="Message", kind="long"),)),
    Action(
        command="sign_agreement", label="Confirm our signature", explains="Confirm that your organisation signs exactly the agreement on this page, or the one that the custodian keeps elsewhere.",
        fields=(
            Field(name="signatory", label="Who signed", hint="Empty: the person whom your request names as able to sign.", is_required=False),
            Field(name="delegation", label="If it was somebody else: where it is written that they may", is_required=False),
        ),
    ),
    Action(
        command="start_amendment", label="Ask for a change, an extension or a renewal",
        explains="It starts as a copy of this request. The access you have goes on until the new part is open, and ends then.",
        fields=(Field(name="kind", label="What you need", kind="choice", choices=AMENDMENTS),),
    ),
    Action(command="reopen_no_response", label="Take it up again", explains="You can then answer the custodian's questions."),
    Action(command="end", label="End access", explains="You do not need the data any more.", fields=(Field(name="reason", label="Why", kind="choice", choices={"finished": ENDINGS["finished"], "early": ENDINGS["early"]}),)),
    _REDACT,
    Action(command="withdraw", label="Withdraw", explains="The custodian stops working on it. This cannot be undone.", is_grave=True),
)


def offered(
    actions: tuple[Action, ...], state: PartState, commands: Collection[str], policy: Policy = DEFAULT, missing: Sequence[str] = ()
) -> tuple[Action, ...]:
    """Those of the possible ``commands`` (see :func:`gateway.access.context.possible`). A form with nothing to choose from is left out,
    ``missing`` kinds of evidence are offered as awaited."""
    idle = () if judgeable(state) else ("verify_evidence", "refuse_evidence")
    return tuple(_fitted(action, policy, missing) for action in actions if action.command in commands and action.command not in idle)


def hindered(actions: tuple[Action, ...], problems: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What people would expect to do at this stage and cannot: the label, and why."""
    return tuple((one.label, problems[one.command]) for one in actions if one.command in problems and one.command in _AWAITED)


def _fitted(one: Action, policy: Policy, missing: Sequence[str]) -> Action:
    fields = tuple(
        replace(field, choices={kind: EVIDENCE[kind] for kind in missing}) if field.kind == "awaited" else field
        for field in one.fields if field.rule in ("", *policy.followed.guards) and (field.kind != "awaited" or missing)
    )
    return one if fields == one.fields else replace(one, fields=fields)


_AWAITED: Final = frozenset({"give_review", "accept_for_review", "approve", "approve_conditionally", "reject", "activate"})
"""Steps that a request goes through, for which somebody may be waiting."""


def judgeable(state: PartState) -> tuple[str, ...]:
    """Evidence that was handed in and neither confirmed nor refused."""
    return tuple(name for name, found in state.evidence.items() if found == "awaited")


def action(actions: tuple[Action, ...], command: str) -> Action:
    """Raises :class:`Unprocessable` for a command that has no form here."""
    found = next((one for one in actions if one.command == command), None)
    if found is None:
        raise Unprocessable("This page does not know that step.", hint="Open the page again.")
    return found


def role_for(command: str, state: PartState, roles: tuple[Role, ...], policy: Policy = DEFAULT) -> Role | None:
    """The role with which the person may give the command now."""
    return next((role for role in roles if command in allowed(state, role, policy.without())), None)


def payload(wanted: Action, posted: Mapping[str, str], *, state: PartState) -> dict[str, Any]:
    """Raises :class:`Unprocessable` naming every field to mend."""
    faults: dict[str, str] = {}
    values: dict[str, Any] = {}
    for field in wanted.fields:
        typed = posted.get(field.name, "").strip()
        if field.kind == "file":
            continue
        if field.kind == "conditions":
            values |= _settled(field, posted, state)
        elif field.kind == "awaited":
            values[field.name] = [kind for kind in field.choices or EVIDENCE if posted.get(f"{field.name}.{kind}")]
        elif field.kind == "questions":
            values[field.name] = [name.removeprefix(f"{field.name}.") for name in posted if name.startswith(f"{field.name}.")]
        elif not typed:
            if field.is_required:
                faults[field.name] = _ask(field)
        elif fault := _fault(field, typed):
            faults[field.name] = fault
        else:
            values[field.name] = _value(field, typed)
    if faults:
        raise Unprocessable("Something is missing.", fields=faults)
    return values


def _settled(field: Field, posted: Mapping[str, str], state: PartState) -> dict[str, Any]:
    """Each condition met, waived or open, and what was written beside it."""
    numbered = [(str(number), text) for number, text in enumerate(state.conditions)]
    found = {text: posted.get(f"{field.name}.{number}", "open") for number, text in numbered}
    notes = {text: note.strip() for number, text in numbered if (note := posted.get(f"{field.name}.{number}.note", "")).strip()}
    return {field.name: {text: state if state in CONDITION_STATES else "open" for text, state in found.items()}, "notes": notes}


def _ask(field: Field) -> str:
    return f"Choose: {field.label}." if field.kind in ("choice", "person", "removable") else f"Fill in: {field.label}."


def _fault(field: Field, typed: str) -> str:
    if len(typed) > LONGEST and field.kind != "links":
        return f"Use at most {LONGEST:,} characters; you have {len(typed):,}."
    if field.choices is not None and typed not in field.choices:
        return _ask(field)
    if field.kind == "date" and guards.day(typed) is None:
        return "Give a date as year, month and day: 2027-12-31."
    return ""


def _value(field: Field, typed: str) -> Any:
    if field.kind == "tick":
        return True
    if field.kind == "lines":
        return [_condition(line.strip()) for line in typed.splitlines() if line.strip()]
    return typed.replace("\r\n", "\n")


def _condition(line: str) -> dict[str, str]:
    """Text, who meets it, and by when where the line ends with a date."""
    owner, text = ("custodian", line[3:].strip()) if line.casefold().startswith("we:") else ("applicant", line)
    words, _, last = text.rpartition(" ")
    if words and guards.day(last) is not None:
        return {"text": words.rstrip(" ,;:"), "owner": owner, "until": last}
    return {"text": text, "owner": owner}
