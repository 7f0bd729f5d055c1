"""What a record says about access, sorted by what a person can do with it. Harvested links and addresses are suggestions, never targets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["single_link", "links", "prose", "prose_and_link", "mailbox", "in_progress", "blank"]
LINK: Final = re.compile(r"(?:https?://|www\.)(?:(?!https?://|www\.)[^\s<>\"'“”‘’,;|)\]}])+", re.IGNORECASE)
MAIL: Final = re.compile(r"(?:mailto:)?([a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
BLANK: Final = frozenset({"", "na", "none", "null", "nil", "not available", "not applicable", "not known", "unknown", "not reported", "not provided", "nan"})
IN_PROGRESS: Final = re.compile(r"(?:currently )?(?:in progress|in development|under development|to be (?:confirmed|determined|advised)|tbc|tbd|tba|pending|coming soon|work in progress)")
GLUE: Final = frozenset({"and", "or", "see", "via", "at", "the", "link", "url", "website", "web", "here", "email", "e", "mail", "mailto"})
"""Words beside a link that say nothing by themselves."""


@dataclass(frozen=True, slots=True)
class Statement:
    """``links`` and ``mailboxes`` in the order they stand in, each once."""

    kind: Kind
    links: tuple[str, ...]
    mailboxes: tuple[str, ...]
    text: str


def classify(written: str | Sequence[str] | None) -> Statement:
    """Sort a statement, or the list that a record has in its place. Tolerant of glued links, quotes, no-break spaces and case."""
    parts = [written] if isinstance(written, str) else list(written or ())
    text = " ".join("\n".join(map(str, parts)).replace("\u00a0", " ").replace("\u200b", "").split())
    links = tuple(dict.fromkeys(found.rstrip(".:!?") for found in LINK.findall(text)))
    rest = LINK.sub(" ", text)
    mailboxes = tuple(dict.fromkeys(found.rstrip(".").lower() for found in MAIL.findall(rest)))
    words = [word for word in re.findall(r"[^\W\d_]+", MAIL.sub(" ", rest).casefold()) if word not in GLUE]
    return Statement(_kind(text, links, mailboxes, has_prose=bool(words)), links, mailboxes, text)


def _kind(text: str, links: tuple[str, ...], mailboxes: tuple[str, ...], *, has_prose: bool) -> Kind:
    if links:
        if has_prose:
            return "prose_and_link"
        return "single_link" if len(links) == 1 and not mailboxes else "links"
    if mailboxes:
        return "mailbox"
    bare = re.sub(r"[^\w ]+", "", text.casefold()).strip()
    if bare in BLANK or not re.search(r"\w", text):
        return "blank"
    return "in_progress" if IN_PROGRESS.fullmatch(bare) else "prose"
