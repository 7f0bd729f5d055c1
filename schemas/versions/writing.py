"""Canonical record -> HDR UK 4.0.0: real lists go back into the forms that the version permits. Nothing is filled in."""

from __future__ import annotations

from typing import Any

from schemas.record import Dataset


def as_4_0_0(record: Dataset) -> dict[str, Any]:
    """The record as a 4.0.0 document. What is not stated is left out, so that a check finds it missing."""
    document = record.as_json()
    access = document.get("accessibility", {}).get("access", {})
    for name in ("accessRights", "accessRequestCost"):
        if access.get(name) is not None:
            access[name] = ", ".join(access[name]) or None
    spatial = document.get("coverage", {}).get("spatial")
    if spatial and not all("://" in place for place in spatial):
        document["coverage"]["spatial"] = ", ".join(spatial)
    media = document.get("documentation", {}).get("associatedMedia")
    if media and not all("://" in address for address in media):
        document["documentation"]["associatedMedia"] = ", ".join(media)
    omics = document.get("omics", {})
    for name in ("assay", "platform"):
        if omics.get(name):
            omics[name] = omics[name][0]
    return {name: _without_empty(section) for name, section in document.items()}


def _without_empty(section: Any) -> Any:
    if not isinstance(section, dict):
        return section
    kept = {name: _without_empty(value) for name, value in section.items()}
    return {name: value for name, value in kept.items() if value != {}}
