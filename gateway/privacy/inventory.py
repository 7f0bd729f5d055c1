"""Reads ``inventory.toml``: the kinds of personal data, and which columns of which table hold them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("inventory.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A row of the retention table. ``ends`` is ``job`` (a nightly one of this name), ``closure``, ``never``, or ``with:<kind>``."""

    name: str
    data: str
    purpose: str
    basis: str
    recipients: str
    level: str
    kept_until: str
    then: str
    ends: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """``kind`` is empty where no column can hold personal data. ``encrypted`` and ``hashed`` are among all columns."""

    name: str
    kind: str
    personal: tuple[str, ...]
    other: tuple[str, ...]
    encrypted: tuple[str, ...] = ()
    hashed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    kinds: Mapping[str, Kind]
    tables: Mapping[str, Table]
    places: Mapping[str, str]
    """Folders of the data folder that can hold personal data -> kind."""


@lru_cache(maxsize=1)
def inventory() -> Inventory:
    held = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Inventory(
        kinds={name: Kind(name=name, **facts) for name, facts in held["kinds"].items()},
        tables={name: _table(name, facts) for name, facts in held["tables"].items()},
        places=held["places"],
    )


def _table(name: str, facts: Mapping[str, object]) -> Table:
    def listed(key: str) -> tuple[str, ...]:
        found = facts.get(key, [])
        assert isinstance(found, list), f"{name}.{key} must be a list"
        return tuple(found)

    return Table(
        name=name, kind=str(facts.get("kind", "")), personal=listed("personal"), other=listed("other"), encrypted=listed("encrypted"),
        hashed=listed("hashed"),
    )
