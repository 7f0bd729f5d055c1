"""Indices of the server and the aliases that say what they are for.

    <name>-<mapping>-<time>        an index of datasets; its name says with which FIELDS it was made
    …-variables                    beside each of these indices and aliases: the same for the variables of the datasets
    <name>-<mapping>               alias: the index that serves those who have these FIELDS
    <name>-<mapping>-next          alias: the index a rebuild fills; writes go there too
    <name>-<mapping>-former        alias: the index that served before, kept for a day
    <name>-lease                   the lock of rebuilds

Aliases change in one step, those of both indices of a generation together, so a reader sees the old index or the new one, whole,
whatever is killed when. As the mapping is part of
the alias, programs of two versions each read and write what they understand.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, Final

from elasticsearch import Elasticsearch

from search.document import MAPPING_HASH
from search.elastic.mapping import SETTINGS, mappings
from search.engine import SearchError
from search.prepared import DATASETS
from search.prepared_variables import VARIABLES

KEPT_SECONDS: Final = 24 * 3600
VARIABLES_SUFFIX: Final = "-variables"
_PARTS: Final = ("", VARIABLES_SUFFIX)
_NANOSECONDS: Final = 10**9


@dataclass(frozen=True, slots=True)
class Generation:
    index: str
    mapping: str
    made_at: float
    """Seconds since 1970."""
    aliases: frozenset[str]


class Generations:
    def __init__(self, client: Elasticsearch, name: str) -> None:
        self._client = client
        self._name = name
        self.serving = f"{name}-{MAPPING_HASH}"
        self.next = f"{self.serving}-next"
        self.former = f"{self.serving}-former"
        self.lease = f"{name}-lease"
        self._pattern = re.compile(rf"{re.escape(name)}-([0-9a-f]{{16}})-(\d+)")

    def all(self) -> list[Generation]:
        """Newest first."""
        found = []
        for index, held in self._indices().items():
            match = self._pattern.fullmatch(index)
            if match:
                found.append(Generation(index, match[1], int(match[2]) / _NANOSECONDS, frozenset(held["aliases"])))
        return sorted(found, key=lambda generation: generation.made_at, reverse=True)

    def current(self) -> Generation | None:
        """The one that serves these FIELDS, else the newest that serves others."""
        served = [generation for generation in self.all() if self._serves(generation)]
        mine = (generation for generation in served if self.serving in generation.aliases)
        return next(mine, served[0] if served else None)

    def behind(self, alias: str) -> str | None:
        """The index that an alias of ours stands for."""
        return next((generation.index for generation in self.all() if alias in generation.aliases), None)

    def create(self, alias: str, **settings: Any) -> str:
        """An empty generation; returns its index of datasets. Without an alias it is what a killed process left."""
        index = f"{self.serving}-{time.time_ns()}"
        for name, shape in ((index, DATASETS), (index + VARIABLES_SUFFIX, VARIABLES)):
            self._client.indices.create(index=name, mappings=mappings(shape), settings={**SETTINGS, **settings})
        self._client.indices.update_aliases(actions=_adding(index, alias))
        return index

    def change(self, index: str, **settings: Any) -> None:
        """Change the settings of a generation's indices, and let what was written be found."""
        names = [index + part for part in _PARTS]
        self._client.indices.put_settings(index=names, settings=settings)
        self._client.indices.refresh(index=names)

    def documents(self, index: str) -> int:
        return int(self._client.count(index=index)["count"])

    def delete(self, index: str) -> None:
        for part in reversed(_PARTS):
            self._client.indices.delete(index=index + part, ignore_unavailable=True)

    def serve(self, index: str) -> None:
        """Let a finished generation serve instead of the one that does. That one becomes the former, and the former before it goes."""
        now = self.all()
        actions = [*_adding(index, self.serving), *_removing(index, self.next)]
        actions += [change for generation in now if self.serving in generation.aliases for change in self._retired(generation.index)]
        actions += [
            {"remove_index": {"index": generation.index + part}} for generation in now if self.former in generation.aliases for part in _PARTS
        ]
        self._client.indices.update_aliases(actions=actions)

    def roll_back(self) -> None:
        """Let the former generation serve again; the one that served becomes the former. Raises SearchError where there is none."""
        now = self.all()
        former = next((generation.index for generation in now if self.former in generation.aliases), None)
        if former is None:
            raise SearchError("There is no former index to go back to.")
        actions = [*_adding(former, self.serving), *_removing(former, self.former)]
        actions += [change for generation in now if self.serving in generation.aliases for change in self._retired(generation.index)]
        self._client.indices.update_aliases(actions=actions)

    def remove_old(self) -> None:
        """Clear away what a day has passed over since the serving generation was made."""
        now = self.all()
        serving = next((generation for generation in now if self.serving in generation.aliases), None)
        if serving and time.time() - serving.made_at > KEPT_SECONDS:
            for generation in now:
                if generation.made_at < serving.made_at:
                    self.delete(generation.index)

    def remove_broken_off(self) -> None:
        """Clear away what killed rebuilds left. Only with the lease."""
        for generation in self.all():
            if not self._serves(generation) and not any(alias.endswith("-former") for alias in generation.aliases):
                self.delete(generation.index)
        held = self._indices()
        for index in held:
            if index.endswith(VARIABLES_SUFFIX) and index.removesuffix(VARIABLES_SUFFIX) not in held:
                self._client.indices.delete(index=index, ignore_unavailable=True)

    def _indices(self) -> dict[str, Any]:
        return dict(self._client.indices.get_alias(index=f"{self._name}-*").items())

    def _serves(self, generation: Generation) -> bool:
        return f"{self._name}-{generation.mapping}" in generation.aliases

    def _retired(self, index: str) -> list[dict[str, Any]]:
        return [*_removing(index, self.serving), *_adding(index, self.former)]


def _adding(index: str, alias: str) -> list[dict[str, Any]]:
    return [{"add": {"index": index + part, "alias": alias + part}} for part in _PARTS]


def _removing(index: str, alias: str) -> list[dict[str, Any]]:
    return [{"remove": {"index": index + part, "alias": alias + part, "must_exist": True}} for part in _PARTS]
