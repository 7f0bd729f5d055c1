"""Safe settings, safe outputs, and what is declared."""

from __future__ import annotations

from typing import Final

from gateway.access.bank.questions import Column, Topic, ask, when

PLACES: Final = {"custodian": "The custodian’s environment", "other": "Another environment", "own": "My own organisation"}
_ELSEWHERE: Final = (when("settings.place", "other", "own"),)
_AT_HOME: Final = (when("settings.place", "own"), when("data.access_mode", "Release"))

SETTINGS: Final = (
    Topic(slug="settings", title="Where the data are used", group="Settings", questions=(
        ask("settings.place", "choice", "R", "Where you will work with the data", choices=PLACES),
        ask("settings.environment", "text", "c", "Name and accreditation of the environment", when=(when("settings.place", "other"),)),
        ask("settings.address", "list", "c", "Where a copy is kept and processed", "One place on each line.", when=_AT_HOME, names_people=True),
        ask("settings.assurance", "list", "c", "What assures its security", columns=(
            Column("kind", "Kind", "choice", is_required=True, choices={
                "dspt": "DSPT", "iso27001": "ISO 27001", "cyber_essentials": "Cyber Essentials", "cyber_essentials_plus": "Cyber Essentials Plus", "other": "Another",
            }),
            Column("id", "ODS code or certificate number", is_required=True), Column("status", "Status, or valid until"),
        ), when=(*_ELSEWHERE, _AT_HOME[1])),
        ask("settings.countries", "countries", "R", "Countries from which data are seen or processed", "One on each line."),
        ask("settings.outside_uk", "yes_no", "R", "Will any data leave the United Kingdom?"),
        ask("settings.safeguard", "long", "c", "By which transfer mechanism", "With the risk assessment.", words=150, when=(when("settings.outside_uk", "yes"),)),
        ask("settings.data_flow", "file", "o", "Data flow diagram"),
        ask("settings.access_control", "long", "c", "Who gives and takes away accounts, and how", words=150, when=(*_ELSEWHERE, _AT_HOME[1])),
        ask("settings.encryption", "long", "c", "Protection at rest, in transit and of backups", words=150, when=_AT_HOME),
        ask("settings.devices", "long", "o", "Devices and places of work", "Home working included.", words=150),
        ask("settings.software", "long", "o", "Software, packages or computing power you need inside", words=150),
        ask("settings.imports", "long", "o", "Data, code or models you bring in", words=150),
        ask("settings.incident", "long", "o", "If something goes wrong", "Who reports it, to whom, how fast.", words=150),
    )),
)
OUTPUTS: Final = (
    Topic(slug="outputs", title="What comes of it", group="Outputs", questions=(
        ask("outputs.expected", "long", "R", "What you will produce", "Papers, tools, models, reports.", words=200),
        ask("outputs.milestones", "list", "R", "Steps with their dates", columns=(
            Column("date", "Date", "date", is_required=True), Column("text", "Step", is_required=True),
        )),
        ask("outputs.audience", "long", "o", "Who should hear of the results, and how", "The people in the data included.", words=150),
        ask("outputs.open", "long", "o", "Open access, and sharing of code", words=150),
        ask("outputs.disclosure", "long", "R", "Steps against disclosure", "Thresholds, rounding, who checks.", words=200),
        ask("outputs.derived", "long", "o", "Derived data or models to be kept or returned", words=150),
        ask("outputs.retention_until", "date", "R", "Data and outputs are kept until"),
        ask("outputs.retention_why", "long", "o", "Why so long, and in what form", words=150),
        ask("outputs.destruction", "long", "R", "How data are destroyed, or the workspace is closed, and how that is proven", words=150),
        ask("outputs.register_names", "yes_no", "R", "May people’s names stand in the public register?",
            "Your organisation always does. Yes is for your own name. Others are named only if they join the request with an account and agree themselves.", version=2, register_field="Applicant names"),
        ask("outputs.embargo", "date", "o", "Register entry stays unpublished until", "The custodian decides on it. Twelve months at most."),
    )),
)
DECLARATIONS: Final = (
    Topic(slug="declarations", title="What you declare", told_as="What was declared", group="Declarations", questions=(
        ask("declare.accurate", "tick", "R", "My answers are true and complete."),
        ask("declare.no_reidentification", "tick", "R", "Nobody of us will try to identify anyone in the data."),
        ask("declare.acknowledgement", "tick", "R", "Every output will carry the acknowledgement of patient data."),
        ask("declare.report", "tick", "R", "We will write a close-out report, and record the outputs."),
        ask("declare.notice", "tick", "R", "I have read the privacy notice of this service.", reads=("Privacy notice", "/privacy")),
    )),
)
