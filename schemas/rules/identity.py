"""Rules about identifiers: contacts, DOIs, ROR, ORCID, versions and other records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from schemas.rules.rule import Flaw, Rule, Subject
from schemas.rules.structure import version_number

BASE_32: Final = "0123456789abcdefghjkmnpqrstvwxyz"
ROR: Final = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}", re.ASCII)
ROR_ADDRESS: Final = re.compile(r"(?:https?://)?(?:www\.)?ror\.org/(\S{1,40})", re.ASCII | re.IGNORECASE)
ORCID: Final = re.compile(r"(?<![0-9-])[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9Xx](?![0-9-])", re.ASCII)
DOI: Final = re.compile(r"10\.[0-9]{4,9}/[!-~]+", re.ASCII)
DOI_PREFIX: Final = re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s{0,3}|doi\.org/)(?=10\.)", re.ASCII | re.IGNORECASE)
NIL: Final = "00000000-0000-0000-0000-000000000000"
CUSTODIAN: Final = "/summary/dataCustodian"
LINKAGE: Final = "/enrichmentAndLinkage"


def is_ror(text: str) -> bool:
    """The nine characters of a ROR, with its two check digits (ISO 7064 MOD 97-10 over base 32)."""
    if not ROR.fullmatch(text):
        return False
    value = 0
    for character in text[:7]:
        value = value * 32 + BASE_32.index(character)
    return 98 - (100 * value % 97) == int(text[7:])


def is_orcid(text: str) -> bool:
    """ISO 7064 MOD 11-2."""
    total = 0
    for digit in text.replace("-", "")[:15]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == text[-1].upper()


def _no_contact(subject: Subject) -> Iterator[Flaw]:
    summary = subject.record.summary
    if not any(text and text.strip() for text in (summary.contact_point, *(summary.data_custodian.contact_point or ()))):
        yield Flaw("/summary/contactPoint", "Neither the dataset nor its custodian has a contact address.", "Give the e-mail address of a team.")


def _doi_twice(subject: Subject) -> Iterator[Flaw]:
    own, linkage = _bare_doi(subject.record.summary.doi_name), subject.record.enrichment_and_linkage
    about = [_bare_doi(doi) for doi in linkage.publication_about_dataset or ()]
    using = [_bare_doi(doi) for doi in linkage.publication_using_dataset or ()]
    if own and own in (*about, *using):
        yield Flaw("/summary/doiName", "The DOI of the dataset is also listed as that of a paper.", "Give the dataset's own DOI, or leave it out.", own)
    for number, doi in enumerate(using):
        if doi in about:
            yield Flaw(f"{LINKAGE}/publicationUsingDataset/{number}", "This paper is in both lists of publications.", "List it where it fits best.", doi, "advice")


def _bare_doi(text: str | None) -> str:
    return DOI_PREFIX.sub("", (text or "").strip(), count=1).lower()


def _dois(subject: Subject) -> Iterator[tuple[str, str]]:
    linkage = subject.record.enrichment_and_linkage
    if subject.record.summary.doi_name:
        yield "/summary/doiName", subject.record.summary.doi_name
    for name, dois in (("publicationAboutDataset", linkage.publication_about_dataset), ("publicationUsingDataset", linkage.publication_using_dataset)):
        for number, doi in enumerate(dois or ()):
            yield f"{LINKAGE}/{name}/{number}", doi


def _doi_syntax(subject: Subject) -> Iterator[Flaw]:
    for path, given in _dois(subject):
        prefix = DOI_PREFIX.match(given)
        bare = given[prefix.end() :] if prefix else given
        if prefix and DOI.fullmatch(bare):
            yield Flaw(path, "The DOI is written with an address before it.", f"Write {bare[:80]}.", given, "advice", bare)
        elif not DOI.fullmatch(bare):
            yield Flaw(path, f"{given[:60]!r} is not a DOI.", "Give a DOI such as 10.1234/abc, or leave the field out.", given)


def _doi_registered(subject: Subject) -> Iterator[Flaw]:
    known = subject.facts.registered or {}
    for path, given in _dois(subject):
        if known.get(_bare_doi(given)) is False:
            yield Flaw(path, f"No registration agency knows the DOI {given}.", "Check it, or register it.", given, "warning")


def _ror(subject: Subject) -> Iterator[Flaw]:
    given, path = subject.record.summary.data_custodian.identifier, f"{CUSTODIAN}/identifier"
    text = given.strip() if isinstance(given, str) else ""
    address = ROR_ADDRESS.fullmatch(text)
    bare = (address[1].rstrip("/") if address else text).lower()
    if address or (len(text) == 9 and ROR.fullmatch(bare)):
        if not is_ror(bare):
            yield Flaw(path, f"The check digits of the ROR {bare} are wrong.", "Copy it again from ror.org.", given)
    else:
        yield Flaw(path, "The custodian has no ROR, the identifier by which organisations are found.", "Give it, such as https://ror.org/03yrm5c26.", given, "advice")


def _orcid(subject: Subject) -> Iterator[Flaw]:
    for path, text in subject.numbered_texts:
        for found in ORCID.findall(text) if "-" in text and len(text) < 20_000 else ():
            if not is_orcid(found):
                yield Flaw(path, f"The check character of the ORCID {found} is wrong.", "Copy it again from orcid.org.", found)


def _nil(subject: Subject) -> Iterator[Flaw]:
    if (subject.record.identifier or "").strip().removeprefix("urn:uuid:") == NIL:
        yield Flaw("/identifier", "The identifier is the nil UUID, which identifies nothing.", "Give the record's own identifier.", NIL)


def _version_history(subject: Subject) -> Iterator[Flaw]:
    before, version = subject.facts.before, subject.record.version
    if before is None or before.version is None:
        return
    now, then = version_number(version), version_number(before.version)
    if now and then and now < then:
        yield Flaw("/version", f"Version {version} is lower than {before.version}, which was held before.", "Raise the number with each change.", version)
    elif before.version == version and before.content_changed:
        yield Flaw("/version", f"The content changed, but the version is still {version}.", "Raise the number with each change.", version)


def _same_as_others(subject: Subject) -> Iterator[Flaw]:
    siblings, summary = subject.facts.siblings, subject.record.summary
    if siblings is None:
        return
    if summary.title and summary.title.strip().lower() in siblings.titles:
        yield Flaw("/summary/title", "Another record of this custodian has the same title.", "Say in the title what sets the two apart.", summary.title)
    for path, value in (("/summary/doiName", _bare_doi(summary.doi_name)), ("/identifier", (subject.record.identifier or "").lower())):
        if value and value in siblings.identifiers:
            yield Flaw(path, f"Another dataset has the same identifier {value}.", "Give each dataset its own.", value)


RULES: Final = (
    Rule("XFD-38", "error", _no_contact), Rule("XFD-39", "warning", _doi_twice), Rule("XFD-40", "warning", _version_history, ("before",)),
    Rule("XFD-41", "warning", _same_as_others, ("siblings",)), Rule("REF-01", "error", _ror), Rule("REF-02", "error", _orcid),
    Rule("REF-03", "error", _doi_syntax), Rule("REF-03", "warning", _doi_registered, ("registered",)), Rule("REF-13", "error", _nil),
)  # fmt: skip
