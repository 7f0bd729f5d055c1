"""The ways to data: each with its steps, and side by side; and the page that says how to get at one dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.dataset import DatasetHead
from frontend.views.forms import FormView
from frontend.views.layout import Link, PageView
from frontend.views.requests import ActionField


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayStep:
    """``zone``: researcher, ethics, custodian."""

    zone: str
    zone_words: str
    title: str
    about: str = ""
    link: str | None = None
    has_public_involvement: bool = False
    typical_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayCard:
    """``evidence`` and ``evidence_by_answers`` in words. ``is_unchecked``: nobody compared it with its source for six months."""

    id: str
    title: str
    body: str
    nation: str
    applies_when: str
    source: str
    last_checked: str
    steps: tuple[PathwayStep, ...]
    is_unchecked: bool = False
    evidence: tuple[str, ...] = ()
    evidence_by_answers: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    needs_enquiry_first: bool = False
    needs_training: bool = False

    @property
    def href(self) -> str:
        return f"/pathways/{self.id}"

    def of_zone(self, zone: str) -> tuple[PathwayStep, ...]:
        return tuple(step for step in self.steps if step.zone == zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwaysView(PageView):
    """All of them; ``chosen`` are the ids ticked for comparing."""

    template: ClassVar[str] = "pathways/list.html"

    cards: tuple[PathwayCard, ...]

    @property
    def title(self) -> str:
        return "Ways to data"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayView(PageView):
    """One way. ``custodians`` are those here that follow it."""

    template: ClassVar[str] = "pathways/one.html"

    card: PathwayCard
    custodians: tuple[Link, ...] = ()

    @property
    def title(self) -> str:
        return self.card.title


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRow:
    """``values`` has one entry for each way, each a list of lines. ``differs``: they do not all say the same."""

    label: str
    values: tuple[tuple[str, ...], ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePathwaysView(PageView):
    """Side by side. ``all_cards`` are the ways to choose from."""

    template: ClassVar[str] = "pathways/compare.html"
    width: ClassVar[str] = "wide"

    cards: tuple[PathwayCard, ...]
    rows: tuple[ComparedRow, ...]
    all_cards: tuple[PathwayCard, ...]
    only_differences: bool = False

    @property
    def title(self) -> str:
        return "Ways to data, side by side"

    def is_chosen(self, name: str) -> bool:
        return any(card.id == name for card in self.cards)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionOfUse:
    """A condition that the custodian states. ``judged`` says from what it is judged; ``words`` None for one that is not known."""

    stated: str
    words: str | None
    judged: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetAccessView(PageView):
    """How to get at a dataset. ``decisions`` counts the custodian's decisions of a year (timings need five)."""

    template: ClassVar[str] = "dataset/access.html"

    head: DatasetHead
    card: PathwayCard
    route: str
    rights: tuple[str, ...] = ()
    lead_time: str | None = None
    cost: str | None = None
    jurisdiction: str | None = None
    environment: str | None = None
    controller: str | None = None
    processor: str | None = None
    contact: str | None = None
    conditions: tuple[ConditionOfUse, ...] = ()
    decisions: int = 0
    median_days: int | None = None

    @property
    def title(self) -> str:
        return f"Access: {self.head.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayRow:
    id: str
    title: str
    nation: str
    version: int
    last_checked: str
    is_unchecked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayOffice(PageView):
    """All ways, for those who keep them. ``published`` is the title of the one that was published a moment ago, ``removed`` of one removed."""

    template: ClassVar[str] = "admin/pathways.html"

    rows: tuple[PathwayRow, ...]
    published: str = ""
    removed: str = ""

    @property
    def title(self) -> str:
        return "Keep the ways to data"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFields:
    number: int
    fields: tuple[ActionField, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRow:
    """A version. ``at`` and ``by`` are None for what came with the gateway; ``changed`` names fields. ``is_removed``: the way was removed."""

    version: int
    at: str | None
    by: str | None
    changed: tuple[str, ...]
    source: str
    is_removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayRemoval:
    """``do``: remove (it was added here), restore (it came with the gateway). ``used`` are sentences about who still needs it."""

    do: str
    confirm: ActionField
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPathwayView(FormView):
    """``name`` is empty for a new one. ``differs`` names the fields that are not as in what holds; ``preview`` shows what was typed, or what
    holds where somebody was faster (``overtaken``)."""

    template: ClassVar[str] = "admin/pathway.html"

    csrf: str
    action: str
    name: str
    version: int
    first: tuple[ActionField, ...]
    steps: tuple[StepFields, ...]
    last: tuple[ActionField, ...]
    history: tuple[EditionRow, ...] = ()
    removal: PathwayRemoval | None = None
    preview: PathwayCard | None = None
    differs: tuple[str, ...] = ()
    overtaken: str = ""

    @property
    def status(self) -> int:
        return 409 if self.overtaken else 422 if self.errors else 200

    @property
    def heading(self) -> str:
        return f"Way to data: {self.name}" if self.name else "A new way to data"
