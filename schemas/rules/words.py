"""Words that rules look for: placeholders, traces of programs, role words, identifiers, environments."""

from __future__ import annotations

import re
from typing import Final

PLACEHOLDERS: Final = frozenset(
    (
        "tbc", "tbd", "n/a", "na", "none", "xxx", "todo", "unknown", "not known", "not available", "in progress", "not avaliable",
        "see description", "lorem ipsum", "to be confirmed", "to be determined", "not applicable", "not stated", "to follow",
    )
)  # fmt: skip
NOT_VALUES: Final = frozenset(("null", "undefined", "NaN", "[object Object]", "None"))
STOCK_ACCESS: Final = frozenset(
    ("in progress", "contact the publisher", "contact the data custodian", "tbc", "tbd", "n/a", "none", "to be confirmed", "not available", "not known", "not applicable", "na", "unknown")
)
ROLE_WORDS: Final = (
    "access", "admin", "application", "biobank", "contact", "cohort", "dars", "data", "enquir", "gateway", "governance", "hello", "help",
    "info", "inquir", "mail", "office", "request", "research", "registry", "secretar", "service", "study", "support", "team", "trial",
)  # fmt: skip
PUBLIC_MAIL: Final = (
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk", "outlook.com", "live.com", "yahoo.com", "yahoo.co.uk", "icloud.com",
    "btinternet.com", "aol.com", "protonmail.com",
)  # fmt: skip
IDENTIFIER_WORDS: Final = (
    ("nhs", "number"), ("nhs", "no"), ("nhsno",), ("nhsnumber",), ("chi",), ("chi", "number"), ("forename",), ("surname",), ("firstname",),
    ("lastname",), ("first", "name"), ("last", "name"), ("patient", "name"), ("full", "name"), ("dob",), ("date", "of", "birth"),
    ("birth", "date"), ("birthdate",), ("postcode",), ("post", "code"), ("email",), ("phone",), ("telephone",), ("mobile",), ("address",),
    ("mrn",), ("hospital", "number"), ("ip",), ("national", "insurance"), ("passport",),
)  # fmt: skip
SECURE: Final = re.compile(r"(?<![A-Za-z])(?:TRE|SDE|TREs|SDEs|trusted research environment|secure data environment|(?:data )?safe haven)(?![A-Za-z])")


def plain(text: str) -> str:
    """As words are compared with these lists: without outer blanks and a last full stop, in lower case."""
    return text.strip().rstrip(".").lower()


def names_secure_environment(text: str | None) -> bool:
    return SECURE.search(text or "") is not None or any(
        words in (text or "").lower() for words in ("trusted research environment", "secure data environment", "safe haven")
    )


def words_of(name: str) -> tuple[str, ...]:
    """``PatientNHS_Number2`` -> patient, nhs, number: the words of a column's name."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name[:200])
    return tuple(word for word in re.split(r"[^a-z]+", spaced.lower()) if word)
