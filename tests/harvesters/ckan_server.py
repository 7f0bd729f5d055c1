"""A CKAN portal on loopback: the part of the Action API that harvesters use, over packages that a test can change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harvesters.fetch import Fetcher
from harvesters.registry import KINDS
from harvesters.source import Held, Pass, Source
from tests.harvesters.holding import Holding
from tests.harvesters.web_server import Answer, Asked, WebServer, as_json, loopback_fetcher, serving


def package(number: int, **changes: Any) -> dict[str, Any]:
    """A package as CKAN answers it; written for these tests."""
    stated = {
        "id": f"00000000-0000-4000-9000-{number:012d}", "name": f"breathing-{number}", "title": f"Breathing study {number}",
        "notes": "Lung function of volunteers, measured at home every morning.", "type": "dataset", "state": "active", "private": False,
        "metadata_created": "2024-01-01T09:00:00.000001", "metadata_modified": f"2024-05-{number % 28 + 1:02d}T10:00:00.123456",
        "organization": {"id": "0a", "name": "example-trust", "title": "Example Trust", "description": ""},
        "maintainer_email": "data@example.org", "tags": [{"name": "lungs", "display_name": "lungs"}],
        "extras": [{"key": "frequency", "value": "Monthly"}, {"key": "harvest_source_title", "value": "Another portal"}],
        "resources": [{"format": "CSV", "url": "https://example.org/lungs.csv", "tracking_summary": {"total": 4}}],
        "num_resources": 1, "num_tags": 1,
    }
    return stated | changes


class Portal:
    """``overrides`` answer instead, by action. ``count`` is what search claims, where it is not the truth."""

    def __init__(self, *packages: dict[str, Any]) -> None:
        self.packages = list(packages)
        self.overrides: dict[str, Answer | Callable[[dict[str, str]], Answer | None]] = {}
        self.most_rows = 1000
        self.count: int | None = None
        self.before_answering: Callable[[dict[str, str]], None] = lambda _: None

    def answer(self, asked: Asked) -> Answer:
        address = urlsplit(asked.path)
        action = address.path.removeprefix("/api/3/action/")
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        self.before_answering(query)
        override = self.overrides.get(action)
        found = override(query) if callable(override) else override
        if found is not None:
            return found
        if action == "package_search":
            return self._search(query)
        if action == "package_list":
            return result([one["name"] for one in self.packages][int(query.get("offset", 0)) :][: int(query["limit"])])
        if action == "package_show":
            return self._show(query["id"])
        return Answer(status=404)

    def _search(self, query: dict[str, str]) -> Answer:
        chosen = [one for one in self.packages if _is_chosen(one, query.get("fq", ""))]
        names = [part.split()[0] for part in query["sort"].split(", ")]
        chosen.sort(key=lambda one: [str(one.get(name)) for name in names])
        start, rows = int(query["start"]), min(int(query["rows"]), self.most_rows)
        count = len(chosen) if self.count is None else self.count
        return result({"count": count, "results": chosen[start : start + rows], "facets": {}})

    def _show(self, name: str) -> Answer:
        found = next((one for one in self.packages if name in (one["id"], one["name"])), None)
        return result(found) if found else refused(404, "Not found")


def _is_chosen(one: dict[str, Any], wanted: str) -> bool:
    since = re.search(r"metadata_modified:\[(\S+) TO \*\]", wanted)
    after = re.search(r'id:\{"([^"]+)" TO \*\]', wanted)
    organisation = re.search(r"organization:(\S+)", wanted)
    is_newer = since is None or one["metadata_modified"][:19] >= since[1][:19]
    is_further = after is None or one["id"] > after[1]
    return is_newer and is_further and (organisation is None or one["organization"]["name"] == organisation[1])


def result(value: Any) -> Answer:
    return as_json(json.dumps({"help": "…", "success": True, "result": value}))


def refused(status: int, message: str) -> Answer:
    answer = as_json(json.dumps({"help": "…", "success": False, "error": {"message": message, "__type": "Error"}}))
    answer.status = status
    return answer


class Custodian:
    """A served portal, and sources built on it."""

    def __init__(self, portal: Portal, server: WebServer, fetcher: Fetcher) -> None:
        self.portal, self.server, self.fetcher = portal, server, fetcher

    def source(self, held: Held | None = None, *, wanted: Pass = "incremental", secret: str | None = None, **changes: Any) -> Source:
        return KINDS["ckan"].build(
            {"base_url": self.server.url, **changes}, fetcher=self.fetcher, held=held or Holding(), wanted=wanted, secret=secret
        )

    def asked(self) -> list[dict[str, str]]:
        """The queries since the last call, with the action."""
        found = []
        for path in self.server.paths:
            address = urlsplit(path)
            query = {name: values[-1] for name, values in parse_qs(address.query).items()}
            found.append({"action": address.path.rpartition("/")[2], **query})
        self.server.asked.clear()
        return found


@contextmanager
def serving_portal(portal: Portal, **options: Any) -> Iterator[Custodian]:
    with serving(portal.answer) as server, loopback_fetcher(**options) as fetcher:
        yield Custodian(portal, server, fetcher)
