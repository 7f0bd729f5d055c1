"""Understanding the answers of CKAN's Action API: its envelope, its errors, and which packages are datasets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harvesters.fetch import Fetched
from harvesters.identity import UnusableIdError, local_id
from harvesters.json_listing import read_json
from harvesters.source import Content, PageUnreadable, RawRecord, SourceError

Standing = Literal["listed", "deleted", "passed-by"]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """``total`` is the declared number of packages; ``entries`` are those of this page."""

    entries: tuple[Any, ...]
    total: int | None
    body_hash: str

    @property
    def newest(self) -> str | None:
        """The latest change on this page, in whole seconds of UTC."""
        moments = [str(entry.get("metadata_modified"))[:19] for entry in self.entries if isinstance(entry, Mapping)]
        return max((moment for moment in moments if len(moment) == 19), default=None)


def read_result(answer: Fetched) -> Any:
    """What stands under ``result``. Raises :class:`PageUnreadable`, with the portal's own words where it gave an error."""
    document = read_json(answer.body, charset=answer.charset, url=answer.url)
    if not isinstance(document, Mapping):
        raise PageUnreadable("not-a-list", "The answer is JSON, but not one of CKAN's Action API.", url=answer.url)
    if document.get("success") is False:
        raise PageUnreadable("request-refused", _refusal(document), url=answer.url)
    if "result" not in document:
        raise PageUnreadable("not-a-list", "The answer is JSON, but not one of CKAN's Action API: it has no result.", url=answer.url)
    return document["result"]


def read_search(answer: Fetched) -> SearchPage:
    result = read_result(answer)
    entries = result.get("results") if isinstance(result, Mapping) else None
    if not isinstance(entries, list):
        raise PageUnreadable("not-a-list", "The answer is JSON, but holds no list of packages.", url=answer.url)
    count = result.get("count")
    total = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
    return SearchPage(tuple(entries), total, answer.body_hash)


def with_portals_words(failure: SourceError) -> SourceError:
    """The failure with what the portal said about it, if it said anything in CKAN's way."""
    try:
        said = json.loads(failure.answer)
    except (ValueError, RecursionError):
        return failure
    if isinstance(said, Mapping) and said.get("success") is False:
        failure.message = f"{failure.message} {_refusal(said)}"
        failure.args = (failure.message,)
    return failure


def _refusal(document: Mapping[str, Any]) -> str:
    error = document.get("error")
    said = error.get("message") or error.get("__type") if isinstance(error, Mapping) else error
    return f"CKAN says: {str(said)[:200]}" if said else "CKAN says only that the request failed."


def standing(package: Mapping[str, Any]) -> Standing:
    """Whether a package is a dataset that is shown, one that was deleted, or something else."""
    kind, state = package.get("type"), package.get("state")
    kind = kind.get("name") if isinstance(kind, Mapping) else kind
    if kind not in (None, "dataset") or package.get("private") in (True, "true", "True"):
        return "passed-by"
    if state == "deleted":
        return "deleted"
    return "listed" if state in (None, "", "active") else "passed-by"


def record_of(entry: Any, place: str, url: str) -> RawRecord | None:
    """The record that a package is, its bytes being the package as compact JSON; ``None`` for what is no dataset."""
    try:
        found = local_id(entry.get("id")) if isinstance(entry, Mapping) else None
    except UnusableIdError as error:
        return RawRecord.unusable("bad-id", f"{place}: {error}")
    if found is None:
        return RawRecord.unusable("missing-id", f"{place} has no id.")
    where = standing(entry)
    if where == "passed-by":
        return None
    body = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    content = Content(body, url=url, locator=place)
    modified = entry.get("metadata_modified")
    return RawRecord(found, read=lambda: content, hint=modified if isinstance(modified, str) else None, deleted=where == "deleted")
