"""Places as nations and regions of the United Kingdom. Texts, codes (ISO 3166-2, ONS) and web addresses all resolve."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from search.language import fold, plain_text

ENGLAND, SCOTLAND, WALES, NORTHERN_IRELAND = "England", "Scotland", "Wales", "Northern Ireland"
UNITED_KINGDOM: Final = "United Kingdom"
NATIONS: Final = (ENGLAND, SCOTLAND, WALES, NORTHERN_IRELAND, UNITED_KINGDOM)
_NAMES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (r"great britain|\bgb[- ]?gbn\b", (ENGLAND, SCOTLAND, WALES)),
    (r"northern[- ]ireland|\bgb[- ]?nir\b|\bn92000002\b|\bulster\b", (NORTHERN_IRELAND,)),
    (r"\bengland\b|\bgb[- ]?eng\b|\be92000001\b|\benglish\b", (ENGLAND,)),
    (r"\bscotland\b|\bgb[- ]?sct\b|\bs92000003\b|\bscottish\b", (SCOTLAND,)),
    (r"(?<!new south )\bwales\b|\bgb[- ]?wls\b|\bw92000004\b|\bwelsh\b|\bcymru\b", (WALES,)),
    (r"\bunited[- ]kingdom\b|\bu\.?k\b\.?|\bgb[- ]?ukm\b|\bk02000001\b|\bcountries/gb\b|^gbr?$", (UNITED_KINGDOM,)),
)
_REGIONS: Final[tuple[tuple[str, str], ...]] = (
    ("North East", r"north[- ]east(ern)? england|\be12000001\b|\bnewcastle\b|\bdurham\b|\bsunderland\b|^north[- ]east$"),
    ("North West", r"north[- ]west(ern)? england|\be12000002\b|\bmanchester\b|\bliverpool\b|\blancashire\b|\bsalford\b|\bcheshire\b|\bcumbria\b|^north[- ]west$"),
    ("Yorkshire and The Humber", r"\byorkshire\b|\be12000003\b|\bleeds\b|\bsheffield\b|\bbradford\b|\bhumber\b"),
    ("East Midlands", r"east midlands|\be12000004\b|\bleicester(shire)?\b|\bnottingham(shire)?\b|\bderby(shire)?\b"),
    ("West Midlands", r"west midlands|\be12000005\b|\bbirmingham\b|\bcoventry\b|\bstaffordshire\b"),
    ("East of England", r"east of england|\be12000006\b|\bcambridge(shire)?\b|\bnorfolk\b|\bsuffolk\b|\bessex\b|\bluton\b"),
    ("London", r"\blondon\b|\be12000007\b"),
    ("South East", r"south[- ]east(ern)? england|\be12000008\b|\boxford(shire)?\b|\bkent\b|\bsussex\b|\bsurrey\b|\bhampshire\b|\bsouthampton\b|^south[- ]east$"),
    ("South West", r"south[- ]west(ern)? england|\be12000009\b|\bbristol\b|\bdevon\b|\bcornwall\b|\bexeter\b|\bavon\b|^south[- ]west$"),
)  # fmt: skip
_NAME_PATTERNS: Final = tuple((re.compile(pattern), nations) for pattern, nations in _NAMES)
_REGION_PATTERNS: Final = tuple((name, re.compile(pattern)) for name, pattern in _REGIONS)
_UK_LONG: Final = re.compile(r"united[- ]kingdom(?: of)?(?: great britain)?(?: (?:and|&) northern ireland)?")
_ADDRESS: Final = re.compile(r"https?://\S+")
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Places:
    nations: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Values, or their parts, in which neither nation nor region was recognised."""


def resolve(values: Iterable[str]) -> Places:
    """Nations and regions named by spatial coverage values. A region of England does not make the nation England whole,
    but is in it, so England is named too."""
    nations: set[str] = set()
    regions: set[str] = set()
    others: dict[str, None] = {}
    for value in values:
        for part in re.split(r"[;,|]", plain_text(value)):
            found_nations, found_regions = _named_shortly(part) if len(part) <= _LONGEST else _named(part)
            nations.update(found_nations)
            regions.update(found_regions)
            words = _ADDRESS.sub("", part).strip(" ().")
            if not found_nations and not found_regions and words and len(words) <= _LONGEST:
                others[words] = None
    if regions:
        nations.add(ENGLAND)
    return Places(
        tuple(name for name in NATIONS if name in nations),
        tuple(name for name, _ in _REGIONS if name in regions),
        tuple(others),
    )


def _named(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Nations and regions."""
    folded = _UK_LONG.sub("united kingdom", fold(text).replace("_", " ").replace("-", " "))
    nations = frozenset(name for pattern, names in _NAME_PATTERNS if pattern.search(folded) for name in names)
    regions = frozenset(name for name, pattern in _REGION_PATTERNS if pattern.search(folded))
    return nations, regions


_named_shortly: Final = lru_cache(maxsize=4096)(_named)
"""Most records name one of a few places."""
