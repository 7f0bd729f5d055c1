"""The reference of the dataset specification: its versions, the fields of one, and what changed between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.layout import Link, PageView
from schemas.reference import FieldChange, FieldEntry


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """``changes`` leads to what is different from the version before, where there is one of the same model."""

    name: str
    href: str
    fields: int
    schema_href: str
    changes: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationIndexView(PageView):
    template: ClassVar[str] = "help/specification.html"

    versions: tuple[VersionEntry, ...]

    @property
    def title(self) -> str:
        return "Dataset specification – Help"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationView(PageView):
    """The fields of one version. ``sha256`` is that of the schema they were read from."""

    template: ClassVar[str] = "help/specification-version.html"

    name: str
    fields: tuple[FieldEntry, ...]
    schema_href: str
    sha256: str

    @property
    def title(self) -> str:
        return f"{self.name} – Dataset specification"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecificationChangesView(PageView):
    template: ClassVar[str] = "help/specification-changes.html"

    older: Link
    newer: Link
    changes: tuple[FieldChange, ...]

    @property
    def title(self) -> str:
        return f"From {self.older.words} to {self.newer.words} – Dataset specification"


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyView(PageView):
    """The catalogue's own terms for linked data: one for each field, named by its path."""

    template: ClassVar[str] = "help/vocabulary.html"

    fields: tuple[FieldEntry, ...]

    @property
    def title(self) -> str:
        return "Vocabulary"
