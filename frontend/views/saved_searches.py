"""Saved searches: the list, one with its news, and the form that saves one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from frontend.views.forms import FormView
from frontend.views.layout import PageView


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearchLine:
    """``news`` is ``3 new, 1 changed``; empty where there are none since ``since``. ``vanished`` are filters that fit nothing any more."""

    name: str
    asked: str
    href: str
    """Where the search is run."""
    path: str
    """Of its own page."""
    news: str
    since: str
    found: str
    """``12 datasets``"""
    often: str
    vanished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewsLine:
    """``why`` says whether it is new or changed."""

    title: str
    href: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearchesView(PageView):
    """``removed`` is the public id of the search that was removed just now, and can be had back."""

    template: ClassVar[str] = "accounts/saved-searches.html"
    width: ClassVar[str] = "narrow"

    csrf: str
    searches: tuple[SavedSearchLine, ...]
    removed: str = ""
    done: str = ""

    @property
    def title(self) -> str:
        return "Saved searches"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearchView(FormView):
    """One search. Fields: name, often. ``news_left`` counts those that are not listed."""

    template: ClassVar[str] = "accounts/saved-search.html"

    csrf: str
    search: SavedSearchLine
    choices: tuple[tuple[str, str], ...]
    feed: str
    news: tuple[NewsLine, ...] = ()
    news_left: int = 0
    looked_at: str = ""
    done: str = ""

    @property
    def heading(self) -> str:
        return self.search.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSearchView(FormView):
    """Fields: of (the address), name, often."""

    template: ClassVar[str] = "accounts/save-search.html"

    csrf: str
    asked: str
    href: str
    choices: tuple[tuple[str, str], ...]

    @property
    def heading(self) -> str:
        return "Save this search"
