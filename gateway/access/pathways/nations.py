"""Pathways of one nation."""

from __future__ import annotations

from datetime import date
from typing import Final

from gateway.access.pathways.pathway import Pathway, Step

NHS_ENGLAND: Final = Pathway(
    id="england.nhse.dars", nation="England", body="NHS England", title="NHS England Data Access Request Service", version=1,
    source="https://digital.nhs.uk/services/data-access-request-service-dars/data-access-request-service-dars-process",
    last_checked=date(2026, 11, 28), applies_when="Data that NHS England holds nationally are wanted.",
    steps=(
        Step(zone="researcher", title="Enquiry", about="What is wanted, why, and who takes part; published data may do."),
        Step(zone="researcher", title="Online application"),
        Step(zone="ethics", title="Ethics committee or Confidentiality Advisory Group", about="Where the project needs one of them.", has_public_involvement=True),
        Step(zone="custodian", title="Talk about requirements with a case officer", about="Legal basis, security, feasibility, benefits."),
        Step(zone="custodian", title="Advisory group", about="Advises on the request.", has_public_involvement=True),
        Step(zone="custodian", title="Review by the service"),
        Step(zone="custodian", title="Senior information risk owner decides"),
        Step(zone="custodian", title="Data sharing agreement"),
        Step(zone="custodian", title="Access"),
        Step(zone="custodian", title="Audit", about="At any time while the data are held."),
        Step(zone="researcher", title="Deletion, with a certificate"),
    ),
    evidence_by_answers=("REC", "CAG_s251"), rules=("The answer about the national data opt-out is required.", "The application goes on in NHS England’s own portal."),
    needs_enquiry_first=True,
)
SAIL: Final = Pathway(
    id="wales.sail", nation="Wales", body="SAIL Databank, Swansea University", title="SAIL Databank", version=1,
    source="https://ukhealthdata.org/data-access-tool/", last_checked=date(2026, 11, 28), applies_when="Data about people in Wales are wanted from SAIL.",
    steps=(
        Step(zone="researcher", title="Scoping", about="What is wanted, and whether the databank can answer it."),
        Step(zone="custodian", title="Feedback on the scope"),
        Step(zone="researcher", title="Application to the Information Governance Review Panel"),
        Step(zone="researcher", title="Safe researcher training"),
        Step(zone="ethics", title="Ethics committee or Confidentiality Advisory Group", about="Where the project needs one of them.", has_public_involvement=True),
        Step(zone="ethics", title="Panel review", about="Independent experts and members of the public.", has_public_involvement=True),
        Step(zone="custodian", title="Access in the secure environment"),
    ),
    evidence=("IGRP",), evidence_by_answers=("REC", "CAG_s251"), needs_enquiry_first=True, needs_training=True, guards=("trained",),
)
SCOTLAND: Final = Pathway(
    id="scotland.edris", nation="Scotland", body="Public Health Scotland (eDRIS)", title="eDRIS and the Public Benefit and Privacy Panel", version=1,
    source="https://www.informationgovernance.scot.nhs.uk/pbpphsc/home/for-applicants/", last_checked=date(2026, 11, 28),
    applies_when="National health data of Scotland are wanted.",
    steps=(
        Step(zone="researcher", title="Enquiry", link="https://www.researchdata.scot/accessing-data/initial-enquiry-form/"),
        Step(zone="custodian", title="A coordinator shapes the application with you", about="And says which papers belong to it, such as training and a data protection impact assessment."),
        Step(zone="ethics", title="Public Benefit and Privacy Panel", about="Weighs public benefit against privacy.", has_public_involvement=True),
        Step(zone="custodian", title="Access in the National Safe Haven"),
    ),
    evidence=("PBPP",), rules=("Section 251 of the NHS Act 2006 does not apply in Scotland: that answer, and such evidence, are refused.",), needs_enquiry_first=True,
    guards=("no_section_251",),
)
NORTHERN_IRELAND: Final = Pathway(
    id="northern-ireland.hbs", nation="Northern Ireland", body="HSC Honest Broker Service", title="Honest Broker Service", version=1,
    source="https://bso.hscni.net/directorates/digital-operations/honest-broker-service/honest-broker-service-our-work/",
    last_checked=date(2026, 11, 28), applies_when="Health and social care data of Northern Ireland are wanted.",
    steps=(
        Step(zone="researcher", title="Enquiry", about="With a first estimate of the cost."),
        Step(zone="researcher", title="Safe researcher training"),
        Step(zone="researcher", title="Five Safes form"),
        Step(zone="ethics", title="Ethics committee or advisory group", about="Where the project needs one of them.", has_public_involvement=True),
        Step(zone="custodian", title="Vetting"),
        Step(zone="custodian", title="HSC Data Access Committee", about="Meets at least every quarter.", has_public_involvement=True),
        Step(zone="custodian", title="Access in the secure environment"),
    ),
    evidence=("HSC_DAC",), evidence_by_answers=("REC",), needs_enquiry_first=True, needs_training=True, guards=("trained",),
)
