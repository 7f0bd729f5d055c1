"""Safe people: who asks, who works with them, and who answers for them."""

from __future__ import annotations

from typing import Final

from gateway.access.bank.questions import ORGANISATION, Column, Topic, ask, chosen, when

SECTORS: Final = chosen(
    "Academic Institute", "CQC Registered Health or/and Social Care provider", "Independent Sector Organisation",
    "Government Agency (Health and Adult Social Care)", "Government Agency (Other)", "Local authority", "Commercial", "Other",
)
"""In the words of the data use register."""
TEAM_ROLES: Final = {
    "principal_investigator": "Principal investigator", "collaborator": "Collaborator", "analyst": "Analyst", "data_manager": "Data manager",
    "clinical_lead": "Clinical lead", "supervisor": "Supervisor", "other": "Another role",
}
_ACCREDITATION: Final = (
    Column("body", "Who accredited you", is_required=True), Column("number", "Number"), Column("expiry", "Valid until", "date"),
)
_TRAINING: Final = (
    Column("provider", "Course and provider", is_required=True), Column("date", "Completed on", "date", is_required=True), Column("expiry", "Valid until", "date"),
)
_IN_TEAM: Final = (when("people.team"),)

PEOPLE: Final = (
    Topic(slug="you", title="You", told_as="The applicant", group="People", questions=(
        ask("people.lead.name", "text", "R", "Your name", "As it should stand in letters.", characters=120, names_people=True),
        ask("people.lead.email", "email", "R", "Your work e-mail address", "Custodians write to you here.", names_people=True),
        ask("people.lead.job_title", "text", "R", "Your post", "For example: senior lecturer in epidemiology."),
        ask("people.lead.organisation", "org", "R", "Who employs you", register_field="Lead applicant organisation name"),
        ask("people.lead.sector", "choice", "R", "What kind of organisation that is", choices=SECTORS, register_field="Organisation sector"),
        ask("people.lead.country", "country", "R", "The country you will work from"),
        ask("people.lead.orcid", "orcid", "o", "Your ORCID iD", "Sixteen digits, as 0000-0002-1825-0097.", register_field="Applicant ID"),
        ask("people.lead.needs_access", "yes_no", "R", "Will you handle the data yourself?"),
        ask("people.lead.contract", "list", "o", "Your contracts of employment", "Honorary contracts too.", columns=(
            Column("kind", "Kind of contract", is_required=True), Column("end", "Ends on", "date"),
        )),
        ask("people.lead.accreditation", "list", "o", "Your accreditation as a researcher", columns=_ACCREDITATION),
        ask("people.lead.training", "list", "o", "Your training", "In information governance, or as a safe researcher.", columns=_TRAINING),
        ask("people.lead.experience", "long", "o", "Your experience", "With data and methods like these.", words=200),
        ask("people.lead.student", "yes_no", "o", "Is this work for a degree?"),
        ask("people.lead.supervisor", "person", "c", "Who supervises you", when=(when("people.lead.student", "yes"),), names_people=True),
        ask("people.lead.past_breach", "long", "o", "Sanctions or breaches in the last five years", "What happened, and what was learnt. Write “none” if there were none.", words=200),
    )),
    Topic(slug="team", title="Your team", told_as="The team", group="People", questions=(
        ask("people.team", "list", "R", "Everybody else who is involved", "One row for each person.", columns=(
            Column("name", "Name", is_required=True), Column("email", "E-mail address", "email"),
        ), none_words="Nobody else is involved", names_people=True),
        ask("people.team.role", "choice", "c", "Role", choices=TEAM_ROLES, of="people.team", when=_IN_TEAM),
        ask("people.team.organisation", "org", "c", "Organisation", of="people.team", when=_IN_TEAM),
        ask("people.team.needs_access", "yes_no", "c", "Will handle the data", of="people.team", when=_IN_TEAM),
        ask("people.team.country", "country", "o", "Country of work", of="people.team", when=_IN_TEAM),
        ask("people.team.training", "list", "o", "Training, with its date", of="people.team", when=_IN_TEAM),
        ask("people.team.accreditation", "list", "o", "Accreditation, with its number", of="people.team", when=_IN_TEAM),
        ask("people.organisations", "list", "R", "Other organisations that will have any access", "And what each is: controller or processor.", columns=(
            *ORGANISATION,
            Column("role", "It acts as", "choice", is_required=True, choices={"controller": "Controller", "joint": "Joint controller", "processor": "Processor"}),
        ), none_words="No other organisation will have access"),
        ask("people.sublicence", "yes_no", "R", "May anybody beyond those named use the data?", register_field="Sub-licence arrangements (if any)?"),
        ask("people.sublicence_detail", "long", "c", "Who may, and under what terms", words=200, when=(when("people.sublicence", "yes"),)),
        ask("people.signatory", "person", "R", "Who can sign for your organisation", "A person able to bind it by contract.", names_people=True),
        ask("people.invoice", "person", "o", "Who receives invoices", "With the purchase order, where there is one.", columns=(
            Column("name", "Name", is_required=True), Column("email", "E-mail address", "email", is_required=True), Column("order", "Purchase order"),
        ), names_people=True, is_private=True),
    )),
)
