"""The eight pathways that come with the gateway. Administrators may change them and add others (gateway/access/pathways/keeping.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from gateway.access.pathways.nations import NHS_ENGLAND, NORTHERN_IRELAND, SAIL, SCOTLAND
from gateway.access.pathways.pathway import Pathway, Step
from gateway.access.pathways.whole_uk import CPRD_DATA, HFEA_REGISTER, ONS_SRS

GENERIC: Final = Pathway(
    id="generic", nation="United Kingdom", body="Any custodian", title="Usual way", version=1, source="https://ukhealthdata.org/data-access-tool/",
    last_checked=date(2026, 11, 28), applies_when="The custodian has not named a way of its own.",
    steps=(
        Step(zone="researcher", title="Question to the custodian", about="If something is unclear; not required."),
        Step(zone="researcher", title="Application", about="One form here, for all custodians of the basket."),
        Step(zone="custodian", title="Check that it is complete, and review"),
        Step(zone="custodian", title="Decision"),
        Step(zone="custodian", title="Agreement, signed by both sides"),
        Step(zone="custodian", title="Access"),
    ),
)
PATHWAYS: Final[Mapping[str, Pathway]] = {
    one.id: one for one in (HFEA_REGISTER, CPRD_DATA, NHS_ENGLAND, SAIL, SCOTLAND, NORTHERN_IRELAND, ONS_SRS, GENERIC)
}


def shipped(name: str) -> Pathway:
    """As it comes with the gateway; the usual way for a name that is not known."""
    return PATHWAYS.get(name, GENERIC)
