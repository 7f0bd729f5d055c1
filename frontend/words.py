"""Dates, numbers, status words and fixed sentences. Words for states come from here alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

NOT_REPORTED: Final = "Not reported"
PATIENT_DATA_ACKNOWLEDGEMENT: Final = (
    "This work uses data provided by patients and collected by the NHS as part of their care and support"
)
PATIENT_DATA_CREDIT: Final = "use MY data"
LOCAL_TIME: Final = ZoneInfo("Europe/London")

Status = tuple[str, str]
"""The word, and the tone of its colour: good, warning, bad or plain. The word says it all."""

JURISDICTIONS: Final = {
    "GB": "United Kingdom", "UK": "United Kingdom", "GB-UKM": "United Kingdom", "GB-GBN": "Great Britain", "GB-EAW": "England and Wales",
    "GB-ENG": "England", "GB-WLS": "Wales", "GB-SCT": "Scotland", "GB-NIR": "Northern Ireland",
    "IE": "Ireland", "IM": "Isle of Man", "JE": "Jersey", "GG": "Guernsey", "US": "United States", "EU": "European Union",
}  # fmt: skip
"""Codes of ISO 3166 that stand in records; another one is shown as it is."""
LANGUAGES: Final = {
    "en": "English", "en-GB": "English", "cy": "Welsh", "gd": "Scottish Gaelic", "ga": "Irish", "fr": "French", "de": "German", "es": "Spanish",
    "it": "Italian", "nl": "Dutch", "pt": "Portuguese", "pl": "Polish",
}  # fmt: skip
"""The same of ISO 639-1."""

REQUEST_STATUS: Final[dict[str, Status]] = {
    "open": ("Open to requests", "good"),
    "preparation": ("In preparation", "plain"),
    "unrouted": ("Requests are passed on by hand", "plain"),
    "closed": ("Not open", "warning"),
    "open_data": ("Open data", "good"),
}
PART_STATES: Final[dict[str, Status]] = {
    "draft": ("Draft", "plain"),
    "submitted": ("Sent", "plain"),
    "redirected": ("With the custodian’s own system", "plain"),
    "screening": ("Being checked", "plain"),
    "returned": ("Needs your answer", "warning"),
    "in_review": ("Under review", "plain"),
    "on_hold": ("Paused", "warning"),
    "approved_conditionally": ("Approved with conditions", "good"),
    "approved": ("Approved", "good"),
    "active": ("Data available", "good"),
    "rejected": ("Declined", "bad"),
    "closed": ("Closed", "plain"),
    "withdrawn": ("Withdrawn", "plain"),
    "revoked": ("Access stopped by the custodian", "bad"),
    "ended": ("Access ended", "plain"),
    "deleted": ("Deleted", "plain"),
}
WHOLE_REQUEST: Final[dict[str, Status]] = {
    "draft": ("Draft", "plain"),
    "in_progress": ("In progress", "plain"),
    "partly_decided": ("Partly decided", "plain"),
    "approved": ("Approved", "good"),
    "mixed": ("Approved by some", "good"),
    "declined": ("Declined", "bad"),
    "closed": ("Closed", "plain"),
}
USE_STATES: Final[dict[str, Status]] = {
    "active": ("Access open", "good"),
    "suspended": ("Access suspended", "warning"),
    "ended": ("Access ended", "plain"),
    "revoked": ("Access stopped", "bad"),
}
"""Of entries of the data use register."""
OWN_USE_STATES: Final[dict[str, Status]] = {"draft": ("Not public yet", "plain"), **USE_STATES}
"""The same, as the custodian sees them."""
QUESTION_STATES: Final[dict[str, Status]] = {
    "new": ("With the gateway’s staff", "plain"),
    "with_custodian": ("With the custodian", "plain"),
    "with_enquirer": ("Needs the enquirer’s answer", "warning"),
    "answered": ("Answered", "good"),
    "passed_on": ("Passed on", "good"),
    "converted": ("Became a request", "good"),
    "closed": ("Closed", "plain"),
}
"""Of one custodian's thread of a question."""
EVIDENCE_STATES: Final[dict[str, Status]] = {
    "awaited": ("Waits for confirmation", "plain"),
    "verified": ("Confirmed", "good"),
    "refused": ("Not accepted", "bad"),
    "expected": ("Still to come", "warning"),
    "missing": ("Not there yet", "warning"),
}
VERDICTS: Final[dict[str, Status]] = {
    "compatible": ("Fits", "good"), "conflict": ("Conflicts", "bad"), "needs_human": ("The custodian will judge", "plain"), "undertaking": ("A promise", "warning"),
}
"""Of conditions of use, for a request."""
CONDITION_STATES: Final[dict[str, Status]] = {"open": ("Open", "warning"), "met": ("Met", "good"), "waived": ("Waived", "plain")}
PROFILE_LEVELS: Final[dict[str, Status]] = {
    "stated": ("Stated", "plain"),
    "documented": ("Can be checked", "plain"),
    "verified": ("Verified", "good"),
    "ended": ("Ended", "warning"),
}
AGREEMENT_STATES: Final[dict[str, Status]] = {
    "unsigned": ("Nobody has signed yet", "warning"), "by_applicant": ("Signed by the applicant", "plain"), "by_custodian": ("Signed by the custodian", "plain"),
    "in_force": ("Signed by both sides", "good"), "replaced": ("Replaced by a later one", "plain"), "over": ("No longer in force", "plain"),
}
"""Of agreements about access."""
FILE_STATES: Final[dict[str, Status]] = {
    "waiting": ("Not scanned", "warning"), "unavailable": ("Not scanned", "warning"), "clean": ("Scanned", "good"), "refused": ("Harmful", "bad"),
}
"""Of attached files."""
DELIVERY_STATES: Final[dict[str, Status]] = {
    "queued": ("Waiting to be delivered", "plain"),
    "sent": ("Delivered", "good"),
    "acknowledged": ("Receipt confirmed", "good"),
    "failed": ("Not delivered", "plain"),
    "manual": ("Being delivered by hand", "warning"),
}
RUN_STATES: Final[dict[str, Status]] = {
    "queued": ("Waiting to start", "plain"),
    "running": ("Running", "plain"),
    "waiting": ("Waiting to go on", "plain"),
    "succeeded": ("Finished", "good"),
    "partial": ("Finished in part", "warning"),
    "held": ("Waiting for approval", "warning"),
    "failed": ("Failed", "bad"),
    "cancelled": ("Cancelled", "plain"),
}
DIGESTS: Final = {
    "never": "None of them", "problems": "Those with problems", "changes": "Those with changes or problems", "always": "All of them",
}
"""Of which runs a contact hears."""
SOURCE_STATES: Final[dict[str, Status]] = {
    "active": ("Active", "good"),
    "paused": ("Paused", "warning"),
    "untried": ("Waits for a dry run", "warning"),
    "unconfirmed": ("Waits to be switched on", "warning"),
    "disabled": ("Switched off", "plain"),
    "failing": ("Failing", "bad"),
}
OUTCOMES: Final[dict[str, Status]] = {
    "created": ("Added", "good"),
    "updated": ("Changed", "good"),
    "restored": ("Restored", "good"),
    "unchanged": ("No change", "plain"),
    "repeated": ("Listed twice", "warning"),
    "quarantined": ("Held back", "warning"),
    "rejected": ("Refused", "bad"),
    "missing": ("No longer listed", "warning"),
    "removed": ("Removed", "plain"),
    "withheld": ("Withheld by its source", "plain"),
}
HOLD_STATES: Final[dict[str, Status]] = {
    "open": ("Waits for a decision", "warning"),
    "approved": ("Approved", "plain"),
    "rejected": ("Rejected", "plain"),
    "expired": ("Not decided in time, so rejected", "plain"),
    "dissolved": ("No longer needed", "good"),
}
SEVERITIES: Final[dict[str, Status]] = {
    "error": ("Must be mended", "bad"),
    "warning": ("Should be mended", "warning"),
    "advice": ("Worth adding", "plain"),
}
SOURCE_KINDS: Final[dict[str, str]] = {
    "federation": "Gateway federation",
    "dcat": "DCAT catalogue",
    "fair-data-point": "FAIR Data Point",
    "oai-pmh": "OAI-PMH repository",
    "ckan": "CKAN portal",
    "schema-org": "Web pages with schema.org data",
    "datacite": "DataCite",
    "files": "Files",
    "web-files": "Files on a web server",
    "scan-report": "White Rabbit scan report",
    "push": "Sent through the API",
}
ROUTES: Final[dict[str, str]] = {
    "committee": "its desk on this site",
    "mailbox": "e-mail",
    "portal": "an application in its own system",
    "webhook": "its own system",
    "rems": "its REMS, where it decides",
    "open": "nobody: the data are open",
    "not_open": "nobody: it takes no requests",
    "triage": "the gateway’s staff, who look for the right desk",
}
"""How requests reach a custodian, after the word *by*."""
STATEMENTS: Final[dict[str, str]] = {
    "single_link": "One link", "links": "Several links", "prose": "Text without a link", "prose_and_link": "Text with a link", "mailbox": "A mailbox",
    "in_progress": "Not decided yet", "blank": "Nothing",
}
"""What a record says about access, sorted (gateway/access/statements.py)."""
WHEN_PUSHED: Final = "Whenever its custodian sends something"
"""In the place of a schedule, for what is sent through the API."""
TRIGGERS: Final[dict[str, str]] = {
    "schedule": "On schedule",
    "manual": "Started by a person",
    "push": "Sent by the source",
    "replay": "Repeated from what was kept",
    "retry": "Failed records again",
    "dry-run": "Trial without changes",
    "undo": "Takes back an earlier run",
}
PASSES: Final[dict[str, str]] = {"incremental": "Changes only", "full": "Full", "audit": "Full, every record read again"}
FACETS: Final[dict[str, str]] = {
    "open": "Can be requested now",
    "nation": "Nation",
    "region": "Region",
    "custodian": "Custodian",
    "network": "Network",
    "dtype": "Kind of data",
    "subtype": "Sub-kind",
    "model": "Data model",
    "vocab": "Vocabulary",
    "env": "Where it is analysed",
    "lead": "Lead time",
    "cost": "Cost",
    "material": "Samples",
    "category": "Kind of custodian",
    "place": "Place",
    "keyword": "Keyword",
    "purpose": "Purpose of collection",
    "collection": "Where it was collected",
    "assay": "Assay",
    "limitation": "Limits of use",
    "format": "File format",
    "language": "Language",
}
COLUMN_FACETS: Final[dict[str, str]] = {
    "type": "Data type",
    "vocab": "Vocabulary of the dataset",
    "custodian": "Custodian",
    "sensitive": "Marked as sensitive",
    "dataset": "Dataset",
}
COLUMN_SORTS: Final[dict[str, str]] = {"relevance": "Best match", "title": "Name", "dataset": "Dataset"}
COLUMN_VIEWS: Final[dict[str, str]] = {"list": "List", "matrix": "By dataset"}
SORTS: Final[dict[str, str]] = {
    "relevance": "Best match",
    "updated": "Recently updated",
    "newest": "Newest",
    "title": "Title",
    "start": "Earliest start",
    "population": "Most people",
    "quality": "Best described",
    "leadtime": "Shortest lead time",
}
RESULT_VIEWS: Final[dict[str, str]] = {"cards": "Cards", "table": "Table", "compact": "Compact"}
MATCHED_FIELDS: Final[dict[str, str]] = {
    "title": "title",
    "abstract": "abstract",
    "description": "description",
    "keywords": "keyword",
    "keyword": "keyword",
    "custodian": "custodian",
    "column": "column",
    "columns": "column",
    "column_names": "column",
    "column_descriptions": "column description",
    "custodian_name": "custodian",
    "table": "table",
    "table_descriptions": "table description",
    "tables": "table",
    "aliases": "other title",
    "identifiers": "identifier",
}
LIKENESSES: Final[dict[str, str]] = {
    "keywords": "Same keywords",
    "title": "In both titles",
    "dtype": "Same kind of data",
    "model": "Same data model",
    "vocab": "Same vocabularies",
    "custodian": "Same custodian",
    "abstract": "Similar summaries",
}
_UNKNOWN_TONE: Final = "plain"


def status(table: dict[str, Status], state: str) -> Status:
    """The word and tone for a state; a state we have no word for is shown as it is, in plain letters."""
    return table.get(state) or (state.replace("_", " ").capitalize(), _UNKNOWN_TONE)


def day(value: str | None) -> str:
    """``2026-11-22`` as ``22 November 2026``; a month or a year alone as such; anything else as it stands."""
    if not value:
        return NOT_REPORTED
    try:
        moment = _moment(value) if "T" in value else date.fromisoformat(value[:10])
    except ValueError:
        return _month_or_as_is(value)
    return f"{moment.day} {moment:%B} {moment.year}"


def moment(value: str | None) -> str:
    """An ISO 8601 time as ``21 November 2026, 04:10``, in UK time."""
    if not value:
        return NOT_REPORTED
    try:
        local = _moment(value)
    except ValueError:
        return value
    return f"{local.day} {local:%B} {local.year}, {local:%H:%M}"


def _moment(value: str) -> datetime:
    parsed = datetime.fromisoformat(value)
    return parsed.astimezone(LOCAL_TIME) if parsed.tzinfo else parsed


def _month_or_as_is(value: str) -> str:
    try:
        parsed = datetime.strptime(value, "%Y-%m").replace(tzinfo=LOCAL_TIME)
    except ValueError:
        return value
    return f"{parsed:%B} {parsed.year}"


def number(value: int | None) -> str:
    """Exact, for tables: ``12,900,000``."""
    return NOT_REPORTED if value is None else f"{value:,}"


def rounded(value: int | None) -> str:
    """For prose and cards: ``12.9 million``, ``48,000``; below ten thousand exact."""
    if value is None:
        return NOT_REPORTED
    for size, word in ((1_000_000_000, "billion"), (1_000_000, "million")):
        if value >= size:
            return f"{value / size:.3g} {word}" if value < 1000 * size else f"{value / size:,.0f} {word}"
    return f"{round(value, -3):,}" if value >= 100_000 else f"{round(value, -2):,}" if value >= 10_000 else f"{value:,}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """``1 dataset``, ``2,300 datasets``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def years(first: int | None, last: int | None, is_continuing: bool = False) -> str:
    """``2004 to 2019``, ``Since 1997``, ``Until 2010``."""
    if first is None and last is None:
        return "Continuing" if is_continuing else NOT_REPORTED
    if first is None:
        return f"Until {last}"
    if is_continuing:
        return f"Since {first}"
    if last is None:
        return f"From {first}"
    return str(first) if first == last else f"{first} to {last}"


def seconds(value: float | None) -> str:
    """``0.4 seconds``, ``41 seconds``, ``3 minutes 5 seconds``, ``2 hours 10 minutes``."""
    if value is None:
        return NOT_REPORTED
    if value < 0.05:
        return "under 0.1 seconds"
    if value < 10:
        return "1 second" if value == 1 else f"{value:.1f} seconds"
    whole = round(value)
    if whole < 60:
        return counted(whole, "second")
    large, small, words = (whole // 60, whole % 60, ("minute", "second"))
    if whole >= 3600:
        large, small, words = (whole // 3600, whole % 3600 // 60, ("hour", "minute"))
    return counted(large, words[0]) + (f" {counted(small, words[1])}" if small else "")


def size(value: int | None) -> str:
    """Bytes as ``512 bytes``, ``14 KB``, ``2.3 MB``."""
    if value is None:
        return NOT_REPORTED
    if value < 1000:
        return counted(value, "byte")
    return f"{value / 1000:.0f} KB" if value < 1_000_000 else f"{value / 1_000_000:.1f} MB"


def listed(items: tuple[str, ...] | list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1]))) if items else ""


def named(codes: Iterable[str] | None, names: Mapping[str, str]) -> tuple[str, ...]:
    """What codes stand for; each once, those without a name as they are."""
    return tuple(dict.fromkeys(names.get(code.strip(), code) for code in codes or ()))


def sentence_case(value: str) -> str:
    """A code word shouted in capitals made readable: ``NOT APPLICABLE`` → ``Not applicable``. Others stay as they are."""
    has_shouted_word = value.isupper() and any(len(word) > 3 for word in value.split())
    return value.capitalize() if has_shouted_word else value
