"""What mail is about. Optional topics can come at once, daily, weekly or not at all; everything stands in the list of notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

How = Literal["at_once", "daily", "weekly", "never"]
HOWS: Final[Mapping[How, str]] = {"at_once": "At once", "daily": "Once a day, at 7:00", "weekly": "Once a week, on Monday at 7:00", "never": "Not by mail"}
LONDON: Final = ZoneInfo("Europe/London")
DIGEST_AT: Final = time(7)
MONDAY: Final = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """``is_optional`` False: always at once."""

    words: str
    explains: str
    is_optional: bool = False


TOPICS: Final[Mapping[str, Topic]] = {
    "turn": Topic("Your turn, and decisions", "A custodian asks you something, decides, or issues an agreement; a time limit comes near."),
    "security": Topic("Your account", "Sign-in links, and changes of your password, second step or roles."),
    "service": Topic("Receipts and answers", "What you asked for: receipts, confirmations, answers to questions."),
    "progress": Topic("Steps of your requests", "A custodian confirmed receipt, began a review, opened access.", is_optional=True),
    "handling": Topic(
        "Steps of requests you handle", "An applicant answered, wrote or withdrew; something was decided; access began or ended.", is_optional=True
    ),
    "searches": Topic(
        "News of saved searches", "A search that you saved found something new, or something in it changed. How often it is run is chosen with the search.",
        is_optional=True,
    ),
    "arrivals": Topic("New requests and questions", "Something has come for a custodian whose requests you handle.", is_optional=True),
}
DEFAULT: Final = "service"


def due_at(how: How, now: datetime) -> datetime:
    """When mail that was written now is to be sent: at once, or with the next digest, in UTC."""
    if how in ("at_once", "never"):
        return now
    here = now.astimezone(LONDON)
    day = here.date() if here.time() < DIGEST_AT else here.date() + timedelta(days=1)
    while how == "weekly" and day.weekday() != MONDAY:
        day += timedelta(days=1)
    return datetime.combine(day, DIGEST_AT, LONDON).astimezone(UTC)
