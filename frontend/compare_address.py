"""The canonical address of a comparison: the datasets in the order they were chosen, and whether rows that are alike are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from frontend.addresses import with_query
from frontend.parameters import Reader

MOST: Final = 5
_REF: Final = re.compile(r"[a-z0-9]{4,16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareAddress:
    """``left_out`` counts the datasets beyond the fifth."""

    refs: tuple[str, ...] = ()
    only_differences: bool = True
    left_out: int = 0

    @classmethod
    def read(cls, parameters: Iterable[tuple[str, str]]) -> CompareAddress:
        """Never raises: what cannot be a dataset is dropped."""
        asked = Reader(parameters)
        refs = [ref for ref in asked.all("d") if _REF.fullmatch(ref)]
        return cls(refs=tuple(refs[:MOST]), only_differences=asked.last("diff") != "0", left_out=max(0, len(refs) - MOST))

    def parameters(self) -> tuple[tuple[str, str], ...]:
        return (*(("d", ref) for ref in self.refs), *(() if self.only_differences else (("diff", "0"),)))

    def query(self) -> str:
        return urlencode(self.parameters())

    def href(self, extension: str = "") -> str:
        return with_query(f"/compare{extension}", self.parameters())

    def without(self, ref: str) -> CompareAddress:
        return replace(self, refs=tuple(one for one in self.refs if one != ref))

    def showing(self, *, only_differences: bool) -> CompareAddress:
        return replace(self, only_differences=only_differences)
