"""How each condition of use is judged, one small function for each kind. Whatever is not clearly answered is for a person to judge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from gateway.access import guards
from gateway.access.advice.terms import Term

Verdict = Literal["compatible", "conflict", "needs_human", "undertaking"]
Judged = tuple[Verdict, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What a request says of itself, by question key, and the state of its evidence by kind."""

    answers: Mapping[str, Any]
    evidence: Mapping[str, str]
    today: date

    @property
    def purposes(self) -> frozenset[str] | None:
        """None where they were not chosen from the list."""
        chosen = self.answers.get("project.purpose")
        return frozenset(map(str, chosen)) if isinstance(chosen, list | tuple) and chosen else None

    @property
    def is_commercial(self) -> bool | None:
        """Whether the applicant's sector is commercial, or a commercial body pays, takes part or gains."""
        sector, answer = self.answers.get("people.lead.sector"), self.answers.get("project.commercial")
        if sector == "Commercial" or answer in ("yes", True):
            return True
        return False if sector and answer in ("no", False) else None

    def day(self, key: str) -> date | None:
        return guards.day(self.answers.get(key))

    def yes(self, key: str) -> bool | None:
        answer = self.answers.get(key)
        return True if answer in ("yes", True) else False if answer in ("no", False) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    judge: Callable[[Term, Project], Judged]
    keys: tuple[str, ...] = ()


_UNSAID: Final = "the answers do not settle it, so the custodian will judge"


def _always(verdict: Verdict, because: str) -> Callable[[Term, Project], Judged]:
    return lambda _term, _project: (verdict, because)


def _research(_: Term, project: Project) -> Judged:
    if project.purposes is not None and "research" in project.purposes:
        return "compatible", "The work is research."
    return "needs_human", f"The data are for research: {_UNSAID}."


def _research_alone(_: Term, project: Project) -> Judged:
    if project.purposes == frozenset({"research"}):
        return "compatible", "The work is research and nothing else."
    return "needs_human", f"The data are for research alone, or for a kind of it: {_UNSAID}."


def _specific(_: Term, project: Project) -> Judged:
    if project.purposes == frozenset({"research"}):
        return "compatible", "The work is research alone; the custodian compares its kind with the condition."
    return "needs_human", f"Only some kinds of research are allowed: {_UNSAID}."


def _not_commercial(_: Term, project: Project) -> Judged:
    if project.is_commercial:
        return "conflict", "A commercial body applies, pays, takes part or gains; the data may not be used so."
    if project.is_commercial is False:
        return "compatible", "No commercial body takes part or gains."
    return "needs_human", f"The data are not for commercial gain: {_UNSAID}."


def _not_for_profit_body(_: Term, project: Project) -> Judged:
    sector = project.answers.get("people.lead.sector")
    if sector == "Commercial":
        return "conflict", "The applicant's organisation is commercial; only others may use the data."
    return ("compatible", "The applicant's organisation is not commercial.") if sector and sector != "Other" else ("needs_human", f"Commercial organisations may not use the data: {_UNSAID}.")


def _no_methods(_: Term, project: Project) -> Judged:
    if project.purposes == frozenset({"methods"}):
        return "conflict", "The work develops methods only; the data are not for that."
    return "needs_human", "The data may not be used for developing methods alone; the custodian compares the aims with that."


def _geography(term: Term, project: Project) -> Judged:
    allowed = _places(term.detail)
    stated = project.answers.get("settings.countries")
    countries = [*stated] if isinstance(stated, list | tuple) else []
    lead = project.answers.get("people.lead.country")
    team = project.answers.get("people.team")
    others = [one.get("country") for one in team if isinstance(one, Mapping)] if isinstance(team, list | tuple) else []
    named = [str(one) for one in (*countries, lead, *others) if one]
    if not allowed or not countries:
        return "needs_human", f"The data may be used in certain places only: {_UNSAID}."
    outside = sorted({one for one in named if not _places(one) & allowed})
    if outside:
        return "conflict", f"The data may be used in {term.detail} only; the project names {', '.join(outside)}."
    return "compatible", f"All places that the project names are within {term.detail}."


_UK: Final = {"gb", "uk", "united kingdom", "great britain", "england", "scotland", "wales", "northern ireland"}


def _places(text: str) -> frozenset[str]:
    """The nations of the United Kingdom count as it, where it is named as a whole."""
    found = {one.strip().casefold() for one in re.split(r"[,;/]| and | or ", text) if one.strip()}
    return frozenset(found | (_UK if found & {"gb", "uk", "united kingdom"} else set()))


def _no_linkage(_: Term, project: Project) -> Judged:
    linked = project.yes("data.linkage")
    if linked:
        return "conflict", "The project links the data; these may not be linked."
    return ("compatible", "Nothing is linked.") if linked is False else ("needs_human", f"The data may not be linked: {_UNSAID}.")


def _ethics(_: Term, project: Project) -> Judged:
    if project.evidence.get("REC") == "verified":
        return "compatible", "The opinion of the ethics committee was confirmed."
    if project.evidence.get("REC") == "awaited" or project.answers.get("project.ethics_status") in ("pending", "given"):
        return "undertaking", "The opinion of the ethics committee must be shown before approval."
    return "needs_human", "An ethics opinion is required, and the project says that none is needed or does not say."


def _publication(_: Term, project: Project) -> Judged:
    moratorium, end = project.day("project.moratorium"), project.day("project.end")
    if moratorium is not None and (end is None or moratorium > end):
        return "needs_human", "Results must be published; the project keeps them back until after its end."
    return "undertaking", "You promise to make the results available to others."


def _moratorium(term: Term, _: Project) -> Judged:
    until = guards.day(term.detail)
    return "undertaking", f"You promise to publish nothing before {until.isoformat()}." if until else "You promise to publish nothing before the date that the custodian names."


def _time_limit(term: Term, project: Project) -> Judged:
    limit = _limit(term.detail, project.day("project.start") or project.today)
    ends = [one for one in (project.day("project.end"), project.day("outputs.retention_until")) if one is not None]
    if limit is None or not ends:
        return "needs_human", f"The data may be used for some time only: {_UNSAID}."
    if max(ends) > limit:
        return "conflict", f"The data may be used until {limit.isoformat()}; the project or the keeping of data goes on until {max(ends).isoformat()}."
    return "compatible", f"The project and the keeping of data end before {limit.isoformat()}."


def _limit(detail: str, start: date) -> date | None:
    """A day, or a number of months."""
    months = re.fullmatch(r"\s*(\d{1,3})\s*(?:months?)?\s*", detail)
    return start + timedelta(days=round(int(months[1]) * 30.4375)) if months else guards.day(detail.strip())


def _disease(term: Term, project: Project) -> Judged:
    wanted, stated = set(_MONDO.findall(term.detail or term.stated)), project.answers.get("project.condition")
    found = {code for one in (stated if isinstance(stated, list | tuple) else [stated]) if one for code in _MONDO.findall(str(one))}
    if wanted and wanted & found:
        return "compatible", "The project is about the disease that the condition names."
    return "needs_human", f"The data are for research into one disease: {_UNSAID}."


_MONDO: Final = re.compile(r"MONDO[:_]\d{7}")
RULES: Final[Mapping[str, Rule]] = {
    "no-restriction": Rule(judge=_always("compatible", "The custodian sets no restriction.")),
    "commercial": Rule(judge=_always("compatible", "Commercial research is allowed too.")),
    "general-research": Rule(judge=_research, keys=("project.purpose",)),
    "general-research-and-care": Rule(judge=_research, keys=("project.purpose",)),
    "research-only": Rule(judge=_research_alone, keys=("project.purpose",)),
    "research-specific": Rule(judge=_specific, keys=("project.purpose",)),
    "not-for-profit": Rule(judge=_not_commercial, keys=("people.lead.sector", "project.commercial")),
    "not-for-profit-organisation": Rule(judge=_not_for_profit_body, keys=("people.lead.sector",)),
    "non-commercial": Rule(judge=_not_commercial, keys=("people.lead.sector", "project.commercial")),
    "no-methods": Rule(judge=_no_methods, keys=("project.purpose", "project.aims")),
    "geographical": Rule(judge=_geography, keys=("settings.countries", "people.lead.country", "people.team")),
    "genetic-only": Rule(judge=_always("needs_human", "The data are for genetic studies only; the custodian compares the aims with that."), keys=("project.aims",)),
    "institution": Rule(judge=_always("needs_human", "Only certain organisations may use the data; the custodian checks yours."), keys=("people.lead.organisation",)),
    "project": Rule(judge=_always("needs_human", "The data are tied to certain projects; the custodian checks yours."), keys=("project.previous",)),
    "user": Rule(judge=_always("needs_human", "Only certain people may use the data; the custodian checks who they are."), keys=("people.team",)),
    "no-linkage": Rule(judge=_no_linkage, keys=("data.linkage",)),
    "ethics": Rule(judge=_ethics, keys=("project.ethics_status",)),
    "moratorium": Rule(judge=_moratorium),
    "publication": Rule(judge=_publication, keys=("outputs.open", "project.moratorium")),
    "collaboration": Rule(judge=_always("undertaking", "You promise to work together with the people who collected the data."), keys=("people.team",)),
    "return": Rule(judge=_always("undertaking", "You promise to return derived data to the custodian."), keys=("outputs.derived",)),
    "disclosure": Rule(judge=_always("undertaking", "You promise to have outputs checked before they leave."), keys=("outputs.disclosure",)),
    "time-limit": Rule(judge=_time_limit, keys=("project.end", "outputs.retention_until")),
    "health-only": Rule(judge=_always("needs_human", "The data are for health research; the custodian compares the purpose with that."), keys=("project.purpose",)),
    "disease": Rule(judge=_disease, keys=("project.condition",)),
    "ancestry": Rule(judge=_always("needs_human", "The data are for research into origins or ancestry; the custodian compares the aims with that."), keys=("project.aims",)),
    "no-ancestry": Rule(judge=_always("needs_human", "The data are not for research into origins or ancestry; the custodian compares the aims with that."), keys=("project.aims",)),
    "clinical-care": Rule(judge=_always("needs_human", "The data are for clinical care; the custodian compares the purpose with that."), keys=("project.purpose",)),
}
"""By condition (gateway/access/advice/terms.py)."""
