"""By what a CKAN package is recognised, what it is called, and which of its members change although nobody changed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MARKS: Final = ("metadata_modified", "metadata_created", "resources", "num_resources", "owner_org")
VOLATILE: Final = frozenset({
    "archiver", "qa", "tracking_summary", "revision_id", "revision_timestamp", "relationships_as_subject", "relationships_as_object",
    "num_resources", "num_tags", "score", "view_count", "_version_",
})  # fmt: skip
ALIASES: Final = ("name", "guid", "uri", "identifier", "doi")


def is_of_harvester(key: str) -> bool:
    """Whether an extra was put there by a harvester: it tells where a portal got the package from."""
    return key.startswith(("harvest_", "metadata_provenance", "import_source", "guid"))


def without_volatile(package: Mapping[str, Any]) -> dict[str, Any]:
    """The package without what changes although nobody changed it: checks, counts, and traces of harvesters."""
    kept = {name: value for name, value in package.items() if name not in VOLATILE}
    if isinstance(kept.get("resources"), list):
        kept["resources"] = [
            {name: value for name, value in one.items() if name not in VOLATILE} if isinstance(one, Mapping) else one for one in kept["resources"]
        ]
    if isinstance(kept.get("extras"), list):
        kept["extras"] = [pair for pair in kept["extras"] if not (isinstance(pair, Mapping) and is_of_harvester(str(pair.get("key"))))]
    return kept


def identities(package: Mapping[str, Any]) -> tuple[str, ...]:
    """The package's id first, then other names of it, extras included."""
    extras = package.get("extras")
    pairs = {pair.get("key"): pair.get("value") for pair in extras if isinstance(pair, Mapping)} if isinstance(extras, list) else {}
    stated = [package.get("id"), *(package.get(name) or pairs.get(name) for name in ALIASES)]
    return tuple(dict.fromkeys(text.strip() for text in stated if isinstance(text, str) and text.strip()))


def is_package(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("id"), str) and any(mark in document for mark in MARKS) and "summary" not in document
