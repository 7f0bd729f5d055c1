"""What a request asks for, held against the protocol's rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

GRANULARITY: Final = "YYYY-MM-DDThh:mm:ssZ"
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
SECOND: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)
LISTING: Final = (("metadataPrefix",), ("from", "until", "set"))
VERBS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "Identify": ((), ()), "ListSets": ((), ()), "ListMetadataFormats": ((), ("identifier",)),
    "ListIdentifiers": LISTING, "ListRecords": LISTING, "GetRecord": (("identifier", "metadataPrefix"), ()),
}  # fmt: skip
"""verb -> (arguments that must be there, arguments that may be there)"""
WITH_TOKENS: Final = ("ListIdentifiers", "ListRecords", "ListSets")
LONGEST: Final = 2_000


class OaiError(Exception):
    """``code`` is one of the protocol's; the text says what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Asked:
    """``arguments`` without the verb, each once, as sent."""

    verb: str
    arguments: Mapping[str, str]

    def get(self, name: str) -> str | None:
        return self.arguments.get(name)


def read_request(pairs: Sequence[tuple[str, str]]) -> Asked:
    """Raises :class:`OaiError`: badVerb or badArgument."""
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        said = "The verb is missing." if not verbs else "The verb stands twice." if len(verbs) > 1 else "There is no such verb."
        raise OaiError("badVerb", f"{said} Verbs: {', '.join(VERBS)}.")
    arguments = {name: value for name, value in pairs if name != "verb"}
    if len(arguments) + 1 != len(pairs):
        raise OaiError("badArgument", "An argument stands twice.")
    if any(len(value) > LONGEST for value in arguments.values()):
        raise OaiError("badArgument", f"An argument is longer than {LONGEST} characters.")
    asked = Asked(verbs[0], arguments)
    _check_names(asked)
    return asked


def _check_names(asked: Asked) -> None:
    needed, allowed = VERBS[asked.verb]
    if "resumptionToken" in asked.arguments and asked.verb in WITH_TOKENS:
        if len(asked.arguments) > 1:
            raise OaiError("badArgument", "A resumption token stands alone.")
        return
    unknown = [name for name in asked.arguments if name not in (*needed, *allowed)]
    if unknown:
        raise OaiError("badArgument", f"{asked.verb} does not take {unknown[0][:100]}.")
    missing = [name for name in needed if not asked.arguments.get(name)]
    if missing:
        raise OaiError("badArgument", f"{asked.verb} needs {missing[0]}.")


def span_of(asked: Asked) -> tuple[datetime | None, datetime | None]:
    """From when on, and before when: ``until`` counts the whole of its day or second. Raises :class:`OaiError`."""
    first, last = asked.get("from"), asked.get("until")
    if first is not None and last is not None and len(first) != len(last):
        raise OaiError("badArgument", "from and until differ in granularity.")
    since, until = _moment(first, "from"), _moment(last, "until")
    if since is not None and until is not None and since > until:
        raise OaiError("badArgument", "from is later than until.")
    step = timedelta(days=1) if last is not None and len(last) == 10 else timedelta(seconds=1)
    return since, until + step if until is not None else None


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    form = "%Y-%m-%d" if DAY.fullmatch(text) else "%Y-%m-%dT%H:%M:%SZ" if SECOND.fullmatch(text) else None
    try:
        if form is None:
            raise ValueError
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        raise OaiError("badArgument", f"{name} is no UTC date in the form YYYY-MM-DD or {GRANULARITY}.") from None
