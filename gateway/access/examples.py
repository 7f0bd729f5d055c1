"""Invented answers to every question of the bank. The demonstration fills them in, so that nobody need type the whole form to see the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from gateway.access.bank.asking import asked_of
from gateway.access.bank.questions import Question
from gateway.access.drafts import Draft, draft, save
from gateway.accounts.people import Person
from gateway.store import Store
from gateway.store.sealing import Sealer

UNIVERSITY: Final = {"name": "Example University"}
ROUNDS: Final = 5
"""An answer may open further questions, and those others."""
EXAMPLES: Final[Mapping[str, Any]] = {
    "people.lead.name": "Demonstration researcher", "people.lead.email": "researcher@demonstration.example", "people.lead.job_title": "Senior lecturer in epidemiology",
    "people.lead.organisation": UNIVERSITY, "people.lead.sector": "Academic Institute", "people.lead.country": "United Kingdom",
    "people.lead.orcid": "0000-0002-1825-0097", "people.lead.needs_access": "yes", "people.lead.contract": [{"kind": "Permanent contract"}],
    "people.lead.accreditation": [{"body": "An example accreditation body", "number": "EX-1", "expiry": "2029-03-31"}],
    "people.lead.training": [{"provider": "Safe researcher training, an example provider", "date": "2026-03-02", "expiry": "2029-03-02"}],
    "people.lead.experience": "Example: ten years of work with linked health records.", "people.lead.student": "no",
    "people.lead.past_breach": "None.", "people.team": [], "people.organisations": [], "people.sublicence": "no",
    "people.signatory": {"name": "Example Signatory", "role": "Head of research contracts", "email": "contracts@university.example"},
    "people.invoice": {"name": "Example Finance Office", "email": "finance@university.example"},
    "project.kind": "new", "project.title": "An example: treatment and outcomes over time", "project.category": "Public Health Research",
    "project.purpose": ["research"],
    "project.lay_summary": "This is an invented project. It would ask how treatment has changed over the years, and for whom it works best.",
    "project.technical_summary": "An invented cohort study with survival models.", "project.background": "Invented: earlier work was small.",
    "project.aims": "To describe treatment by year and group, and to compare outcomes.",
    "project.public_benefit": "Patients and doctors could choose treatment knowing more. Results would be published within a year.",
    "project.harms": "A group might be described unfairly. Lay members read all drafts.", "project.public_involvement": "Four lay members shaped the questions.",
    "project.condition": ["Infertility"], "project.start": "2027-04-01", "project.end": "2029-03-31", "project.ids": [{"kind": "IRAS", "id": "000000"}],
    "project.peer_review": "Reviewed by an invented panel, with a favourable result.", "project.funders": [{"name": "Example Research Fund", "status": "awarded"}],
    "project.sponsor": UNIVERSITY, "project.commercial": "no", "project.excluded_uses": "no", "project.interests": "no",
    "project.ip": "None is expected.", "project.ethics_status": "not_needed", "project.ethics_not_needed": "The data are de-personalised; the university's office advised so.",
    "project.other_approvals": [{"body": "Example faculty committee", "ref": "F-1"}],
    "data.minimisation": "Only the columns that the models need; earlier years are left out.", "data.population": "Everybody treated in the years below; nobody under 18.",
    "data.period": {"from": "2010", "to": "2024"}, "data.geography": ["United Kingdom"], "data.size": 100000,
    "data.identifiability": "De-Personalised", "data.sensitive_groups": ["small_groups"], "data.frequency": "One-off", "data.access_mode": "TRE",
    "data.linkage": "no", "data.samples": "None.", "data.recontact": "No.", "data.analysis": "Describe, then fit survival models, then check them.",
    "data.machine_learning": "None.", "data.controller": [UNIVERSITY], "data.article6": "(e) Public task",
    "data.article9": "(j) Archiving, research and statistics", "data.basis_reason": "Research by a public body.", "data.confidentiality": "Not applicable",
    "data.opt_out": "Not applicable", "data.notice": "https://university.example/notice",
    "settings.place": "custodian", "settings.countries": ["United Kingdom"], "settings.outside_uk": "no", "settings.devices": "University laptops.",
    "settings.software": "R and Python.", "settings.imports": "Our own code.", "settings.incident": "The lead tells the custodian within 24 hours.",
    "outputs.expected": "Two papers and the code.", "outputs.milestones": [{"date": "2028-03-31", "text": "First paper"}],
    "outputs.audience": "Patients' groups, in plain English.", "outputs.open": "Open access; code on a public site.",
    "outputs.disclosure": "No counts under ten; the custodian checks outputs.", "outputs.derived": "None.", "outputs.retention_until": "2031-03-31",
    "outputs.retention_why": "As the funder asks.", "outputs.destruction": "The workspace is closed, and the custodian confirms it.",
    "outputs.register_names": "no", "declare.accurate": "yes", "declare.no_reidentification": "yes", "declare.acknowledgement": "yes",
    "declare.report": "yes", "declare.notice": "yes",
}


def fill_in(store: Store, sealer: Sealer, person: Person, reference: str, *, now: datetime) -> None:
    """Answer every open question of a draft that has no answer. Raises :class:`NotFound`."""
    for _ in range(ROUNDS):
        held = draft(store, person, reference)
        given = examples_for(held)
        if not given:
            return
        save(store, sealer, person, reference, given, seen_version=held.version, now=now)


def examples_for(held: Draft) -> dict[str, Any]:
    """By key, for what the draft asks and nobody has answered."""
    asked = {key: part.form.question(key) for part in held.open_parts for key in asked_of(part.form, held.answers)}
    wanted = {key: question for key, question in asked.items() if question is not None and key not in held.answers and question.of is None}
    found = {key: _example(question, held) for key, question in wanted.items()}
    return {key: answer for key, answer in found.items() if answer is not None}


def _example(question: Question, held: Draft) -> Any:
    if question.type == "columns":
        return [{"dataset": ref, "table": "All tables", "columns": "All columns", "reason": "An example"} for ref in held.titles]
    return EXAMPLES.get(question.key, _by_type(question))


def _by_type(question: Question) -> Any:
    """For custodians' own questions, and those of the bank that the other examples do not open."""
    if question.choices:
        first = next(iter(question.choices))
        return [first] if question.type == "multi" else first
    return {"text": "An example answer", "long": "An example answer.", "date": "2027-12-31", "number": 1, "tick": "yes"}.get(question.type)
