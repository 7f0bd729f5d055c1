"""The conditions of use of a dataset: the words of the HDR UK specification and of the Data Use Ontology, read into one list.

Codes are told apart by their number, never by their letters: NPU is 0000018 in the older edition and 0000045 today.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One kind of condition. ``duo`` are its numbers in both editions, the present one first; ``names`` how custodians write it."""

    id: str
    words: str
    names: tuple[str, ...] = ()
    duo: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A condition as a dataset states it. ``condition`` is None for what is not known; ``detail`` what was written after it: countries, a
    date, months, a disease."""

    stated: str
    condition: Condition | None
    detail: str = ""

    @property
    def id(self) -> str:
        return self.condition.id if self.condition else "unknown"


def _one(name: str, words: str, *names: str, duo: str = "") -> Condition:
    return Condition(id=name, words=words, names=(words, *names), duo=tuple(duo.split()))


CONDITIONS: Final[Mapping[str, Condition]] = {
    one.id: one for one in (
        _one("no-restriction", "No restriction", duo="0000004"),
        _one("commercial", "Commercial research use"),
        _one("general-research", "General research use", duo="0000042"),
        _one("general-research-and-care", "General research use and clinical care", duo="0000005"),
        _one("research-only", "Research use only", duo="0000014"),
        _one("research-specific", "Research-specific restrictions", duo="0000012"),
        _one("not-for-profit", "Not for profit use", "Not for profit, non commercial use only", duo="0000018"),
        _one("not-for-profit-organisation", "Not for profit organisation use only", duo="0000045"),
        _one("non-commercial", "Non-commercial use only", duo="0000046"),
        _one("no-methods", "No general methods research", duo="0000015"),
        _one("geographical", "Geographical restrictions", duo="0000022"),
        _one("genetic-only", "Genetic studies only", duo="0000016"),
        _one("institution", "Institution-specific restrictions", duo="0000028"),
        _one("project", "Project-specific restrictions", duo="0000027"),
        _one("user", "User-specific restriction", duo="0000026"),
        _one("no-linkage", "No linkage"),
        _one("ethics", "Ethics approval required", duo="0000021"),
        _one("moratorium", "Publication moratorium", duo="0000024"),
        _one("publication", "Publication required", duo="0000019"),
        _one("collaboration", "Collaboration required", duo="0000020"),
        _one("return", "Return to database or resource", duo="0000029"),
        _one("disclosure", "Disclosure control"),
        _one("time-limit", "Time limit on use", duo="0000025"),
        _one("health-only", "Health, medical or biomedical research", "Health or medical or biomedical research", duo="0000006"),
        _one("disease", "Disease-specific research", duo="0000007"),
        _one("ancestry", "Population origins or ancestry research only", "Population origins or ancestry research", duo="0000011"),
        _one("no-ancestry", "Population origins or ancestry research prohibited", duo="0000044"),
        _one("clinical-care", "Clinical care use", duo="0000043"),
    )
}
"""Every condition that is known, in the order in which advice is shown."""
_BY_DUO: Final[Mapping[str, Condition]] = {number: one for one in CONDITIONS.values() for number in one.duo}
_NUMBER: Final = re.compile(r"DUO[:_](\d{7})", re.IGNORECASE)
_DETAIL: Final = re.compile(r"\s*(?P<name>[^:\[(]*?)\s*[:\[(]\s*(?P<detail>[^\])]+?)[\])]?\s*")


def _key(text: str) -> str:
    """Case, hyphens, brackets and a plural's *s* do not count."""
    words = re.findall(r"[a-z]+", text.casefold().replace("(s)", ""))
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in words)


_BY_NAME: Final[Mapping[str, Condition]] = {_key(name): one for one in CONDITIONS.values() for name in one.names}


def read_term(stated: str) -> Term:
    """By its number where it has one, else by its name; what follows a colon or stands in brackets is the detail."""
    number = _NUMBER.search(stated)
    name, detail = _parted(stated[number.end() :] if number else stated)
    if number is not None:
        return Term(stated=stated, condition=_BY_DUO.get(number[1]), detail=detail)
    found = _BY_NAME.get(_key(name))
    return Term(stated=stated, condition=found, detail=detail if found else "")


def _parted(text: str) -> tuple[str, str]:
    plain = re.sub(r"\(s\)", "", text, flags=re.IGNORECASE)
    found = _DETAIL.fullmatch(plain)
    return (found["name"], found["detail"]) if found else (plain, "")


def terms_of(canonical: Mapping[str, Any]) -> tuple[Term, ...]:
    """Of a dataset's canonical record; none where it states none."""
    usage = (canonical.get("accessibility") or {}).get("usage") or {}
    stated = [*(usage.get("dataUseLimitation") or ()), *(usage.get("dataUseRequirements") or ())]
    return tuple(dict.fromkeys(read_term(one) for one in stated if isinstance(one, str) and one.strip()))


def duo_terms(terms: Iterable[Term]) -> list[dict[str, Any]]:
    """For programs: the present edition's number, with the detail as a modifier. What has no number keeps its words, so that reading the
    list again gives the same terms."""
    return [
        {
            "id": f"DUO:{term.condition.duo[0]}" if term.condition and term.condition.duo else None,
            "label": term.condition.words if term.condition else None, "modifier": term.detail or None, "stated": term.stated,
        }
        for term in terms
    ]


def from_duo(listed: Iterable[Mapping[str, Any]]) -> tuple[Term, ...]:
    """The terms of a list that :func:`duo_terms` or another catalogue wrote; what cannot be mapped is kept as it was stated."""
    found = []
    for one in listed:
        number = _NUMBER.search(str(one.get("id") or ""))
        stated = str(one.get("stated") or one.get("label") or one.get("id") or "")
        condition = _BY_DUO.get(number[1]) if number else read_term(stated).condition
        found.append(Term(stated=stated, condition=condition, detail=str(one.get("modifier") or "")))
    return tuple(found)
