"""Safe project: what it is for, who pays and gains, and who has agreed."""

from __future__ import annotations

from typing import Final

from gateway.access.bank.questions import ORGANISATION, Column, Topic, ask, chosen, when

CATEGORIES: Final = chosen(
    "Efficacy & Mechanism Evaluation", "Health Services & Delivery", "Health Technology Assessment", "Public Health Research", "Other",
)
"""In the words of the data use register."""
KINDS: Final = {
    "new": "A new project", "amendment": "A change to an approved project", "extension": "More time for an approved project",
    "renewal": "A renewal", "linked_project": "A new project that builds on an approved one",
}
PURPOSES: Final = {
    "research": "Research", "service_evaluation": "Service evaluation", "planning": "Planning of services", "audit": "Clinical audit",
    "product_development": "Development of a product", "teaching": "Teaching",
}
ETHICS: Final = {"given": "An opinion has been given", "pending": "An opinion is pending", "not_needed": "No opinion is needed"}
_BY_COMMITTEE: Final = (when("project.ethics_status", "given", "pending"),)

PROJECT: Final = (
    Topic(slug="project", title="The project", group="Project", questions=(
        ask("project.kind", "choice", "R", "What kind of request this is", choices=KINDS),
        ask(
            "project.previous", "text", "c", "Which request it follows, and what changes", "Give its reference.",
            when=(when("project.kind", "amendment", "extension", "renewal", "linked_project"),),
        ),
        ask("project.title", "text", "R", "Title of the project", "It stands in the public register.", characters=150, register_field="Project title"),
        ask("project.category", "choice", "R", "Which category fits best", choices=CATEGORIES, register_field="Request category type"),
        ask("project.purpose", "multi", "R", "What the work is", "Choose all that apply.", choices=PURPOSES),
        ask("project.lay_summary", "long", "R", "What you will do, and why", "In plain English, for the public. It stands in the public register.", words=300, register_field="Lay summary"),
        ask("project.technical_summary", "long", "o", "The same for specialists", words=600, register_field="Technical summary"),
        ask("project.background", "long", "o", "What is known already", words=500),
        ask("project.aims", "long", "R", "Your aims and questions", words=400),
        ask("project.public_benefit", "long", "R", "How the public may benefit", "Who, how and by when. It stands in the public register.", words=300, register_field="Public benefit statement"),
        ask("project.harms", "long", "o", "Possible harm to people or groups", "And how you limit it.", words=300),
        ask("project.public_involvement", "long", "o", "How patients and the public have shaped the work", words=300),
        ask("project.condition", "list", "o", "Diseases or topics", "One on each line: a MONDO identifier or your own words."),
        ask("project.start", "date", "R", "When it starts", register_field="Project start date"),
        ask("project.end", "date", "R", "When it ends", register_field="Project end date"),
    )),
    Topic(slug="funding", title="Funding and interests", group="Project", questions=(
        ask("project.ids", "list", "o", "Numbers it is registered under", "IRAS, grant, trial, protocol.", columns=(
            Column("kind", "Kind of number", is_required=True), Column("id", "Number", is_required=True),
        ), register_field="Project ID"),
        ask("project.protocol", "file", "o", "The protocol"),
        ask("project.peer_review", "long", "o", "Independent scientific review", "Who reviewed it, and with what result.", words=200),
        ask("project.funders", "list", "R", "Who pays for it", columns=(
            *ORGANISATION, Column("ref", "Reference of the award"),
            Column("status", "The money is", "choice", choices={"awarded": "Awarded", "applied": "Applied for", "own": "Our own"}),
        ), none_words="Nobody pays for it", register_field="Funders/Sponsors"),
        ask("project.sponsor", "org", "R", "Who is the legal sponsor", register_field="Funders/Sponsors"),
        ask("project.commercial", "yes_no", "R", "Does a commercial body pay, take part or gain?"),
        ask("project.commercial_detail", "long", "c", "Who, and what they receive", words=200, when=(when("project.commercial", "yes"),)),
        ask("project.excluded_uses", "yes_no", "R", "Will anything be used for insurance, marketing, credit or employment decisions?"),
        ask("project.interests", "yes_no", "R", "Has the team interests that a reader should know?"),
        ask("project.interests_detail", "long", "c", "Which, and how they are managed", words=200, when=(when("project.interests", "yes"),)),
        ask("project.ip", "long", "o", "Intellectual property", "What you expect, and who will own it.", words=200),
    )),
    Topic(slug="ethics", title="Ethics and approvals", group="Legal and ethics", questions=(
        ask("project.ethics_status", "choice", "R", "Opinion of a research ethics committee", choices=ETHICS),
        ask("project.ethics_committee", "text", "c", "Which committee, and its reference", "For example: London Central, 20/EM/0148.", when=_BY_COMMITTEE),
        ask("project.ethics_dates", "period", "c", "When the opinion was given, and until when it holds", when=(when("project.ethics_status", "given"),)),
        ask("project.ethics_file", "file", "c", "The letter with the opinion", when=(when("project.ethics_status", "given"),)),
        ask("project.ethics_not_needed", "long", "c", "Why no opinion is needed", "And who advised so.", words=150, when=(when("project.ethics_status", "not_needed"),)),
        ask("project.other_approvals", "list", "o", "Others who have agreed", columns=(
            Column("body", "Who", is_required=True), Column("ref", "Reference"), Column("date", "When", "date"),
        )),
        ask("project.moratorium", "date", "o", "Results are kept back until", "Leave it empty where they are not."),
    )),
)
