"""Rules about texts: placeholders, markup, broken characters, titles, abstracts, descriptions, keywords."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from schemas.rules.rule import Flaw, Rule, Subject
from schemas.rules.words import NOT_VALUES, PLACEHOLDERS, plain

ENTITY: Final = re.compile(r"&(#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});", re.ASCII)
TAG: Final = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,15}([\s/][^<>]{0,500})?>", re.ASCII)
SCRIPT: Final = re.compile(r"<(?:script|iframe|object|embed)\b|\son[a-z]{3,20}\s?=|javascript:", re.ASCII | re.IGNORECASE)
MOJIBAKE: Final = re.compile(r"Ã[\u0080-\u00bf©¨ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿]|â€[™œ\u009d\u0099\u009c˜“”¦]|Â[\u00a0£°·©]|\ufffd|ï¿½")
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f\ud800-\udfff]")
BROKEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfffÂÃâï\ufffd\\]")  # one of these stands in all that is broken
FIXED_BLANK: Final = re.compile(r"[\u00a0\u200b-\u200d\u2060\ufeff\u2007\u202f]")
BLANKS: Final = re.compile(r"[\u00a0\u200b-\u200d\u2060\ufeff\u2007\u202f]|[^\s] {2,}[^\s]")
LITERAL_BREAK: Final = re.compile(r"\\n|\\t|\\r")
LISTED: Final = ("/summary/keywords/", "/accessibility/access/jurisdiction/", "/accessibility/formatAndStandards/language/", "/enrichmentAndLinkage/tools/")
DESCRIPTION: Final = "/documentation/description"
RIGHTS: Final = "/accessibility/access/accessRights"
GENERIC_TITLES: Final = frozenset(("dataset", "data set", "data", "test", "untitled", "title", "new dataset", "database", "metadata", "sample", "demo"))
SPOT: Final = 200_000  # characters of one text that are looked at


def _placeholders(subject: Subject) -> Iterator[Flaw]:
    for path, text in subject.plain_texts:
        if len(text) < 40 and plain(text) in PLACEHOLDERS and not path.startswith(RIGHTS):  # ACC-01 speaks of these
            yield Flaw(path, f"{text.strip()!r} is a placeholder, not a value.", "Give the value, or leave the field out until it is known.", text)


def _not_values(subject: Subject) -> Iterator[Flaw]:
    for path, text in subject.texts:
        if text in NOT_VALUES and "/values/" not in path:
            yield Flaw(path, f"The text {text!r} looks like the trace of a program, not a value.", "Leave the field out where nothing is known.", text)


def _markup(subject: Subject) -> Iterator[Flaw]:
    for path, text in subject.texts.holding("<"):
        spot = text[:SPOT]
        if path == DESCRIPTION:
            if SCRIPT.search(spot):
                yield Flaw(path, "The description holds a script, which is never shown.", "Remove it; plain tags for paragraphs and lists may stay.", text, "error")
        elif found := TAG.search(spot):
            yield Flaw(path, f"The text holds the HTML tag {found.group()[:40]}, which is shown as it is.", "Write plain text.", text)


def _entities(subject: Subject) -> Iterator[Flaw]:
    for path, text in subject.texts.holding("&"):
        found = ENTITY.search(text[:SPOT])
        if found:
            yield Flaw(path, f"The text holds the HTML entity {found.group()}.", "Write the character itself, such as & or >.", text)


def _broken_characters(subject: Subject) -> Iterator[Flaw]:
    for path, text in subject.texts.matching(BROKEN):
        spot = text[:SPOT]
        said = (
            "characters broken by a wrong encoding" if MOJIBAKE.search(spot) else "control characters" if CONTROL.search(spot)
            else "a line break written as \\n" if LITERAL_BREAK.search(spot) and "://" not in spot else None
        )  # fmt: skip
        if said:
            yield Flaw(path, f"The text holds {said}.", "Type the text again, or export it as UTF-8.", text)


def _blanks(subject: Subject) -> Iterator[Flaw]:
    together = subject.texts.together
    may_be_odd = "  " in together or (not together.isascii() and FIXED_BLANK.search(together))
    for path, text in subject.texts:
        if text != text.strip():
            yield Flaw(path, "The text begins or ends with a blank.", "Remove it.", text, fix=text.strip() or None)
        elif may_be_odd and ("  " in text or not text.isascii()) and BLANKS.search(text[:SPOT]):
            yield Flaw(path, "The text holds doubled, fixed or invisible blanks.", "Use single blanks.", text)


def _repeated_texts(subject: Subject) -> Iterator[Flaw]:
    summary, description = subject.record.summary, subject.record.documentation.description
    if summary.title and summary.abstract and plain(summary.title) == plain(summary.abstract):
        yield Flaw("/summary/abstract", "The abstract only repeats the title.", "Say in one paragraph what is in the data.", summary.abstract)
    if summary.abstract and description and plain(summary.abstract) == plain(description):
        yield Flaw(DESCRIPTION, "The description only repeats the abstract.", "Tell more: how, when and of whom the data were collected.", description)


def _short_abstract(subject: Subject) -> Iterator[Flaw]:
    abstract, path = (subject.record.summary.abstract or "").strip(), "/summary/abstract"
    if abstract and len(abstract) < 50:
        yield Flaw(path, f"The abstract has {len(abstract)} characters.", "Use two or three sentences: who, what, when, where.", abstract)
    elif len(abstract) in (255, 500) and abstract[-1] not in ".!?)\"'":
        yield Flaw(path, "The abstract breaks off in the middle of a sentence.", "Shorten it to whole sentences.", abstract)


def _titles(subject: Subject) -> Iterator[Flaw]:
    title, path = (subject.record.summary.title or "").strip(), "/summary/title"
    said = (
        "says nothing about the data" if plain(title) in GENERIC_TITLES
        else "looks like the name of a file or table" if re.search(r"^\S*_\S*$|\.(?:csv|xlsx?|txt|json|sql)$", title[:300], re.ASCII | re.IGNORECASE)
        else "is an acronym alone" if re.fullmatch(r"[A-Z][A-Z0-9-]{1,9}", title, re.ASCII) else None
    )  # fmt: skip
    if said:
        yield Flaw(path, f"The title {said}.", "Name the data, the people and the area, such as 'Births in Wales'.", title)
    elif title.isupper() and len(title.split()) > 1:
        yield Flaw(path, "The title is all in capitals.", "Write it as a sentence.", title, "advice")


def _thin_description(subject: Subject) -> Iterator[Flaw]:
    description = (subject.record.documentation.description or "").strip()
    if description and (len(description) < 200 or re.fullmatch(r"https?://\S+", description)):
        said = "is only an address" if "://" in description[:8] else f"has {len(description)} characters"
        yield Flaw(DESCRIPTION, f"The description {said}.", "Tell how, when and of whom the data were collected, and what they are good for.", description)
    paragraphs = [part.strip() for part in description[:SPOT].split("\n") if len(part.strip()) > 80]
    if len(paragraphs) != len(set(paragraphs)):
        yield Flaw(DESCRIPTION, "A paragraph of the description stands twice.", "Remove one of them.")


def _lists_in_members(subject: Subject) -> Iterator[Flaw]:
    for path, text in subject.plain_texts:
        if ";,;" in text or (path.startswith(LISTED) and len(re.findall(r"[,;]", text[:2000])) >= 2):
            yield Flaw(path, "One member of the list holds several values.", "Give each value as a member of its own.", text)


def _keywords(subject: Subject) -> Iterator[Flaw]:
    summary = subject.record.summary
    counts: Counter[str] = Counter()
    for number, keyword in enumerate(summary.keywords or ()):
        path, folded = f"/summary/keywords/{number}", plain(keyword)
        counts[folded] += 1
        said = (
            "stands twice" if counts[folded] == 2 else "repeats the title" if folded == plain(summary.title or "")
            else "is a sentence" if len(keyword.split()) > 6 else None
        )  # fmt: skip
        if said:
            yield Flaw(path, f"The keyword {keyword[:60]!r} {said}.", "Give single terms that people search for.", keyword)
    if len(summary.keywords or ()) > 30:
        yield Flaw("/summary/keywords", f"There are {len(summary.keywords or ())} keywords.", "Keep the thirty that matter most.")
    for number, alias in enumerate(summary.dataset_aliases or ()):
        if plain(alias) == plain(summary.title or ""):
            yield Flaw(f"/summary/datasetAliases/{number}", "The other name repeats the title.", "Remove it.", alias)


RULES: Final = (
    Rule("TXT-01", "warning", _placeholders), Rule("TXT-02", "error", _not_values), Rule("TXT-03", "warning", _markup),
    Rule("TXT-04", "warning", _entities), Rule("TXT-05", "warning", _broken_characters), Rule("TXT-06", "advice", _blanks),
    Rule("TXT-07", "warning", _repeated_texts), Rule("TXT-08", "warning", _short_abstract), Rule("TXT-09", "warning", _titles),
    Rule("TXT-10", "advice", _thin_description), Rule("TXT-11", "warning", _lists_in_members), Rule("TXT-12", "advice", _keywords),
)  # fmt: skip
