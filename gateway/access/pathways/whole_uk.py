"""Pathways that hold for the whole United Kingdom."""

from __future__ import annotations

from datetime import date
from typing import Final

from gateway.access.pathways.pathway import Pathway, Step

HFEA_REGISTER: Final = Pathway(
    id="uk.hfea.register", nation="United Kingdom", body="Human Fertilisation and Embryology Authority", title="HFEA Register", version=1,
    source="https://www.legislation.gov.uk/uksi/2010/995/contents/made", last_checked=date(2026, 11, 28),
    applies_when="Information about identifiable people is wanted from the Register of fertility treatment.",
    steps=(
        Step(zone="researcher", title="A nominated person of a research establishment writes to the Authority", about="Only a research establishment may apply, through the person it names."),
        Step(
            zone="researcher", title="State what the regulations of 2010 list",
            about="Who applies and for which establishment, the project, the information wanted, where it will be held, and why it is necessary.",
        ),
        Step(zone="ethics", title="Opinion of a research ethics committee", about="Report it to the Authority within 14 days.", has_public_involvement=True),
        Step(zone="custodian", title="Estimate of the fee", about="The charge follows the time that the disclosure takes."),
        Step(zone="custodian", title="The Authority decides", about="It may attach conditions. It cannot refuse while the ethics opinion is pending."),
    ),
    evidence=("REC",),
    rules=(
        "Nobody is refused while the ethics opinion is pending: the request is paused for it.",
        "Approval needs a favourable opinion, necessity, adequate security, and no way to do without identification.",
    ),
    clocks=("The ethics opinion is reported within 14 days.",), guards=("ethics_opinion", "authority_tests"), timers=("rec_report",),
)
CPRD_DATA: Final = Pathway(
    id="uk.cprd", nation="United Kingdom", body="Clinical Practice Research Datalink", title="CPRD", version=1,
    source="https://www.cprd.com/data-access", last_checked=date(2026, 11, 28), applies_when="Primary care data of CPRD, alone or linked, are wanted.",
    steps=(
        Step(zone="researcher", title="Accounts in CPRD’s portal for the whole team", about="A team has at least two people.", link="https://www.cprd.com/research-applications"),
        Step(zone="researcher", title="Write the protocol and send it through the portal", link="https://www.cprd.com/guidance-completion-cprd-research-data-governance-rdg-application"),
        Step(zone="custodian", title="Validation in two stages", about="First the form, then the science: an incomplete protocol comes back."),
        Step(zone="custodian", title="Routine or fuller review", about="Staff review routine studies, an expert committee the others.", has_public_involvement=True),
        Step(zone="custodian", title="Decision and licence", about="A protocol lives for four years."),
    ),
    rules=("The application goes on in CPRD’s own portal.",), clocks=("The protocol’s approval lapses after four years: amend it before.",), timers=("protocol",),
)
ONS_SRS: Final = Pathway(
    id="uk.ons.srs", nation="United Kingdom", body="Office for National Statistics", title="ONS Secure Research Service", version=1,
    source="https://www.ons.gov.uk/aboutus/whatwedo/statistics/requestingstatistics/secureresearchservice/applyforanaccreditedresearchproject",
    last_checked=date(2026, 11, 28), applies_when="The data lie in the Secure Research Service.",
    steps=(
        Step(zone="researcher", title="Safe researcher training", about="With an assessment at its end."),
        Step(zone="researcher", title="Accreditation of each researcher", about="May run beside the project’s application."),
        Step(zone="researcher", title="Project application"),
        Step(zone="ethics", title="Ethics self-assessment", about="Checked by the Statistics Authority’s ethics team."),
        Step(zone="ethics", title="Research Accreditation Panel", about="Owners of the data agree first.", has_public_involvement=True, typical_days=50),
        Step(zone="custodian", title="Access in the secure environment"),
    ),
    evidence=("UKSA_RAP",), rules=("Access opens only when everybody who will handle the data is an accredited researcher.",), needs_training=True,
    guards=("accredited",),
)
