"""What a site's robots.txt lets us read (RFC 9309): the group for our name, else the one for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

LONGEST_DELAY_SECONDS = 30.0
RULES_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Robots:
    """``rules`` are (is allowed, pattern). ``sitemaps`` hold for everybody."""

    rules: tuple[tuple[bool, str], ...] = ()
    sitemaps: tuple[str, ...] = ()
    delay_seconds: float = 0.0

    def allows(self, url: str) -> bool:
        """By the longest pattern that fits; of two that are equally long, the one that allows."""
        address = urlsplit(url)
        path = _plain(address.path or "/") + (f"?{address.query}" if address.query else "")
        fitting = [(len(pattern), is_allowed) for is_allowed, pattern in self.rules if _fits(_plain(pattern), path)]
        return max(fitting, default=(0, True))[1]


def robots_for(lines: Iterable[tuple[str, str]], name: str) -> Robots:
    """``lines`` are (field, value) with fields in small letters; ``name`` is the product in our User-Agent."""
    groups: dict[str, list[tuple[str, str]]] = {}
    named: list[str] = []
    sitemaps: list[str] = []
    is_naming = False
    for field, value in lines:
        if field == "user-agent":
            named = [*named, value.lower()] if is_naming else [value.lower()]
            is_naming = True
            groups.setdefault(named[-1], [])
        elif field == "sitemap":
            sitemaps.append(value)
        else:
            is_naming = False
            for agent in named:
                groups[agent].append((field, value))
    return _robots(_group_for(groups, name.lower()), sitemaps)


def _group_for(groups: dict[str, list[tuple[str, str]]], name: str) -> list[tuple[str, str]]:
    ours = [agent for agent in groups if agent != "*" and name.startswith(agent)]
    return groups[max(ours, key=len)] if ours else groups.get("*", [])


def _robots(group: list[tuple[str, str]], sitemaps: list[str]) -> Robots:
    rules = [(field == "allow", value) for field, value in group if field in ("allow", "disallow") and value]
    delays = [float(value) for field, value in group if field == "crawl-delay" and value.replace(".", "", 1).isdigit()]
    return Robots(tuple(rules[:RULES_AT_MOST]), tuple(dict.fromkeys(sitemaps)), min(max(delays, default=0.0), LONGEST_DELAY_SECONDS))


def _plain(path: str) -> str:
    """The same path in one spelling of percent-encoding."""
    return quote(unquote(path, errors="surrogateescape"), safe="/*$?=&%:@!'(),;+~-._", errors="surrogateescape")


def _fits(pattern: str, path: str) -> bool:
    """``*`` stands for anything, ``$`` at the end for the end. Parts are looked for from left to right, so no pattern is slow."""
    is_whole = pattern.endswith("$")
    parts = pattern.removesuffix("$").split("*")
    if not path.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:-1] if len(parts) > 1 else ():
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if len(parts) == 1:
        return not is_whole or at == len(path)
    last = parts[-1]
    return path.endswith(last) and len(path) - len(last) >= at if is_whole else path.find(last, at) >= 0
