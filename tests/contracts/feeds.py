"""One feed of each kind, served for real, whose records a test can change: what the contract of sources is held against.

To add a kind, write a :class:`Feed` for it and name it in ``FEEDS``.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from harvesters.fetch import Fetcher
from harvesters.registry import KINDS
from harvesters.source import Held, Pass, Source
from tests.harvesters.archives import workbook
from tests.harvesters.ckan_server import Portal, package
from tests.harvesters.dcat_server import Catalogue, Described
from tests.harvesters.fair_data_point_server import DataPoint
from tests.harvesters.fair_data_point_server import Dataset as PointDataset
from tests.harvesters.federation_server import Federation
from tests.harvesters.holding import dataset
from tests.harvesters.oai_pmh_server import Kept, Repository, dublin_core
from tests.harvesters.site_server import Site, WebPage, described
from tests.harvesters.test_datacite import Api, entry
from tests.harvesters.test_scan_reports import sheet
from tests.harvesters.web_server import Answer, Asked, WebServer, loopback_fetcher, serving


class Feed(ABC):
    """``ids`` are the local ids held now, in the order of the listing."""

    kind: ClassVar[str]
    has_pages: ClassVar[bool] = True
    detail_requests: ClassVar[int] = 0
    """That reading one record costs."""
    set_up_requests: ClassVar[int] = 0
    """Before the first page, where nothing is known of the endpoint yet."""
    has_page_each: ClassVar[bool] = False
    """Whether each record is on a page of its own."""
    least_requests: ClassVar[int] = 1
    """Of a run that finds nothing changed, for a listing of one page."""
    skips_unchanged: ClassVar[bool] = True
    """Whether an unchanged listing is answered by one mark, not gone through."""
    most_records: ClassVar[int] = 100_000
    """That a source of the kind may hold."""

    def __init__(self, server: WebServer, fetcher: Fetcher) -> None:
        self.server, self.fetcher = server, fetcher

    @property
    @abstractmethod
    def configuration(self) -> dict[str, Any]: ...

    @property
    @abstractmethod
    def ids(self) -> list[str]: ...

    @abstractmethod
    def hold(self, count: int, *, in_pages: bool = False) -> None:
        """Hold so many records; in pages of two where pages are asked for."""

    @abstractmethod
    def retitle(self, local_id: str, title: str) -> None: ...

    @abstractmethod
    def spoil(self, local_id: str) -> None:
        """Make this record one that cannot be shown, and leave the listing readable."""

    @abstractmethod
    def remove(self, local_id: str) -> None: ...

    @abstractmethod
    def answer(self, asked: Asked) -> Answer: ...

    def break_after(self, requests: int) -> None:
        """From now on, answer so many requests and then only 500."""
        self.left: int | None = requests

    left: int | None = None
    hazard: Answer | None = None
    """Answers everything, where set."""

    def respond(self, asked: Asked) -> Answer:
        if self.hazard is not None:
            return self.hazard
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                return Answer(status=500)
        return self.answer(asked)

    def source(self, held: Held, wanted: Pass = "incremental", *, fetcher: Fetcher | None = None) -> Source:
        return KINDS[self.kind].build(self.configuration, fetcher=fetcher or self.fetcher, held=held, wanted=wanted)

    def asked(self) -> int:
        """Requests since the last call."""
        count = len(self.server.asked)
        self.server.asked.clear()
        return count


class FederationFeed(Feed):
    kind = "federation"
    detail_requests = 1
    federation = Federation()

    @property
    def configuration(self) -> dict[str, Any]:
        return {"base_url": self.server.url, "list_path": "/api/list", "detail_path": "/api/one/{id}"}

    @property
    def ids(self) -> list[str]:
        return list(self.federation.documents)

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        self.federation = Federation.of(count)
        self.federation.page_size = 2 if in_pages else None

    def retitle(self, local_id: str, title: str) -> None:
        document = self.federation.documents[local_id]
        document["version"] = "2.0.0"
        document["summary"] = {**document["summary"], "title": title}

    def spoil(self, local_id: str) -> None:
        self.federation.overrides[f"/api/one/{local_id}"] = Answer(b"<html>", headers={"Content-Type": "text/html"})

    def remove(self, local_id: str) -> None:
        del self.federation.documents[local_id]

    def answer(self, asked: Asked) -> Answer:
        return self.federation.answer(asked)


class CkanFeed(Feed):
    kind = "ckan"
    skips_unchanged = False

    @property
    def configuration(self) -> dict[str, Any]:
        return {"base_url": self.server.url, "rows": self.rows}

    rows = 100
    portal = Portal()

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.portal.packages]

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        self.portal = Portal(*(package(number) for number in range(count)))
        self.rows = 2 if in_pages else 100

    def _of(self, local_id: str) -> dict[str, Any]:
        return next(one for one in self.portal.packages if one["id"] == local_id)

    def retitle(self, local_id: str, title: str) -> None:
        self._of(local_id).update(title=title, metadata_modified="2999-01-01T00:00:00.000000")

    def spoil(self, local_id: str) -> None:
        self._of(local_id).update(title="", metadata_modified="2999-01-01T00:00:00.000000")

    def remove(self, local_id: str) -> None:
        self.portal.packages.remove(self._of(local_id))

    def answer(self, asked: Asked) -> Answer:
        return self.portal.answer(asked)


class DcatFeed(Feed):
    kind = "dcat"
    catalogue = Catalogue()

    @property
    def configuration(self) -> dict[str, Any]:
        return {"url": f"{self.server.url}/catalogue.ttl"}

    @property
    def ids(self) -> list[str]:
        return list(self.catalogue.datasets)

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        self.catalogue = Catalogue(count, page_size=2 if in_pages else None)

    def retitle(self, local_id: str, title: str) -> None:
        self.catalogue.datasets[local_id].title = title

    def spoil(self, local_id: str) -> None:
        self.catalogue.datasets[local_id] = Described(None)

    def remove(self, local_id: str) -> None:
        del self.catalogue.datasets[local_id]

    def answer(self, asked: Asked) -> Answer:
        return self.catalogue.answer(asked)


class FairDataPointFeed(Feed):
    """Its pages are catalogues of two datasets each. The root, a catalogue and a page of descriptions are always asked for."""

    kind = "fair-data-point"
    detail_requests = 2
    set_up_requests = 2
    least_requests = 3
    skips_unchanged = False
    point = DataPoint()

    @property
    def configuration(self) -> dict[str, Any]:
        return {"url": f"{self.server.url}/fdp"}

    def _address(self, name: str) -> str:
        return f"{self.server.url}/fdp/dataset/{name}"

    @property
    def ids(self) -> list[str]:
        return [self._address(name) for names in self.point.catalogues.values() for name in names]

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        self.point = DataPoint.of(count)
        names = list(self.point.datasets)
        size = 2 if in_pages else max(1, count)
        self.point.catalogues = {f"c{start}": names[start : start + size] for start in range(0, count, size)}

    def retitle(self, local_id: str, title: str) -> None:
        self.point.datasets[local_id.rpartition("/")[2]] = PointDataset(title, modified="2024-06-01T00:00:00Z")

    def spoil(self, local_id: str) -> None:
        self.point.datasets[local_id.rpartition("/")[2]] = PointDataset(None, modified="2024-06-01T00:00:00Z")

    def remove(self, local_id: str) -> None:
        name = local_id.rpartition("/")[2]
        for names in self.point.catalogues.values():
            names[:] = [one for one in names if one != name]
        del self.point.datasets[name]

    def answer(self, asked: Asked) -> Answer:
        return self.point.answer(asked)


class OaiPmhFeed(Feed):
    kind = "oai-pmh"
    set_up_requests = 2
    skips_unchanged = False
    repository = Repository()

    @property
    def configuration(self) -> dict[str, Any]:
        return {"base_url": f"{self.server.url}/oai"}

    @property
    def ids(self) -> list[str]:
        return list(self.repository.records)

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        self.repository = Repository(count)
        self.repository.page_size = 2 if in_pages else 100

    def retitle(self, local_id: str, title: str) -> None:
        self.repository.records[local_id] = Kept({"oai_dc": dublin_core(title)}, datestamp="2024-06-02T10:00:00Z")

    def spoil(self, local_id: str) -> None:
        self.repository.records[local_id] = Kept({"oai_dc": dublin_core("")}, datestamp="2024-06-02T10:00:00Z")

    def remove(self, local_id: str) -> None:
        del self.repository.records[local_id]

    def answer(self, asked: Asked) -> Answer:
        return self.repository.answer(asked)


class DataCiteFeed(Feed):
    kind = "datacite"
    skips_unchanged = False
    api = Api()
    page_size = 100

    @property
    def configuration(self) -> dict[str, Any]:
        return {"base_url": self.server.url, "client_id": "example.trust", "page_size": self.page_size}

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.api.entries]

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        self.api = Api(*(entry(number) for number in range(count)))
        self.page_size = 2 if in_pages else 100

    def _change(self, local_id: str, title: str) -> None:
        place = self.ids.index(local_id)
        self.api.entries[place] = entry(place, titles=[{"title": title}], updated="2999-01-01T00:00:00.000Z")

    def retitle(self, local_id: str, title: str) -> None:
        self._change(local_id, title)

    def spoil(self, local_id: str) -> None:
        self._change(local_id, "")

    def remove(self, local_id: str) -> None:
        del self.api.entries[self.ids.index(local_id)]

    def answer(self, asked: Asked) -> Answer:
        return self.api.answer(asked)


class SchemaOrgFeed(Feed):
    """Its sitemap is always asked for; robots.txt is remembered for a day."""

    kind = "schema-org"
    set_up_requests = 2
    has_page_each = True
    site = Site()

    @property
    def configuration(self) -> dict[str, Any]:
        return {"url": f"{self.server.url}/"}

    @property
    def ids(self) -> list[str]:
        return [str(page.dataset["@id"]) for page in self.site.pages.values() if page.dataset]

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        self.site = Site.of(count)

    def _path(self, local_id: str) -> str:
        return next(path for path, page in self.site.pages.items() if page.dataset and page.dataset["@id"] == local_id)

    def retitle(self, local_id: str, title: str) -> None:
        self.site.pages[self._path(local_id)] = WebPage(described(local_id.rpartition("/")[2], name=title), "2024-08-01")

    def spoil(self, local_id: str) -> None:
        self.site.pages[self._path(local_id)] = WebPage(described(local_id.rpartition("/")[2], name=None), "2024-08-01")

    def remove(self, local_id: str) -> None:
        del self.site.pages[self._path(local_id)]

    def answer(self, asked: Asked) -> Answer:
        return self.site.answer(asked)


class FilesFeed(Feed):
    """A folder: no request is ever made, and what is removed is a file."""

    kind = "files"
    has_pages = False
    least_requests = 0
    folder: Path

    @property
    def configuration(self) -> dict[str, Any]:
        return {"path": str(self.folder)}

    @property
    def ids(self) -> list[str]:
        return sorted(path.stem for path in self.folder.iterdir())

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        for number in range(count):
            self._write(f"d{number}", dataset(f"d{number}"))

    def _write(self, local_id: str, document: Any) -> None:
        (self.folder / f"{local_id}.json").write_text(json.dumps(document))

    def retitle(self, local_id: str, title: str) -> None:
        document = json.loads((self.folder / f"{local_id}.json").read_text())
        document["summary"]["title"] = title
        document["modified"] = "2024-06-01T00:00:00Z"
        self._write(local_id, document)

    def spoil(self, local_id: str) -> None:
        document = json.loads((self.folder / f"{local_id}.json").read_text())
        document["modified"] = "2024-06-01T00:00:00Z"
        del document["summary"]["title"]
        self._write(local_id, document)

    def remove(self, local_id: str) -> None:
        (self.folder / f"{local_id}.json").unlink()

    def answer(self, asked: Asked) -> Answer:
        return Answer(status=404)


class WebFilesFeed(Feed):
    """A folder as a web server lists it: one file of lines, or as pages a file for each record."""

    kind = "web-files"
    set_up_requests = 1
    least_requests = 2
    skips_unchanged = False
    is_split = False
    documents: dict[str, dict[str, Any]]

    @property
    def configuration(self) -> dict[str, Any]:
        return {"url": f"{self.server.url}/files/"}

    @property
    def ids(self) -> list[str]:
        return sorted(self.documents)

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        self.documents = {f"d{number}": dataset(f"d{number}") for number in range(count)}
        self.is_split = in_pages

    def retitle(self, local_id: str, title: str) -> None:
        self.documents[local_id] = dataset(local_id, summary={"title": title, "abstract": "a", "dataCustodian": {"name": "T"}})

    def spoil(self, local_id: str) -> None:
        self.documents[local_id] = dataset(local_id, summary={"abstract": "a"})

    def remove(self, local_id: str) -> None:
        del self.documents[local_id]

    def answer(self, asked: Asked) -> Answer:
        files = {f"{name}.jsonl": [document] for name, document in self.documents.items()} if self.is_split else {"all.jsonl": list(self.documents.values())}
        if asked.path == "/files/":
            links = "".join(f'<a href="{name}">{name}</a>' for name in files)
            return Answer(f"<html><h1>Index of /files</h1><a href='../'>Parent</a>{links}</html>".encode(), headers={"Content-Type": "text/html"})
        held = files.get(asked.path.removeprefix("/files/"))
        return Answer("\n".join(json.dumps(one) for one in held).encode()) if held is not None else Answer(status=404)


class ScanReportFeed(FilesFeed):
    """A scan report beside the description of the one dataset that was scanned."""

    kind = "scan-report"
    most_records = 1

    @property
    def configuration(self) -> dict[str, Any]:
        return {"path": str(self.folder / "scan" / "ScanReport.xlsx"), "description": str(self.folder / "d0.json")}

    @property
    def ids(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def hold(self, count: int, *, in_pages: bool = False) -> None:
        super().hold(count, in_pages=in_pages)
        (self.folder / "scan").mkdir()
        fields = sheet(("Table", "Field", "Type", "N rows", "Fraction empty"), ("visit", "sex", "varchar", "1234", "0.25"))
        (self.folder / "scan" / "ScanReport.xlsx").write_bytes(workbook({"Field Overview": fields}))


FEEDS: dict[str, type[Feed]] = {feed.kind: feed for feed in (FederationFeed, CkanFeed, DcatFeed, DataCiteFeed, FairDataPointFeed, OaiPmhFeed, SchemaOrgFeed, WebFilesFeed, FilesFeed, ScanReportFeed)}


@contextmanager
def serving_feed(kind: str, folder: Path, count: int, *, in_pages: bool = False) -> Iterator[Feed]:
    feed: list[Feed] = []

    def answer(asked: Asked) -> Answer:
        return feed[0].respond(asked)

    with serving(answer) as server, loopback_fetcher() as fetcher:
        feed.append(FEEDS[kind](server, fetcher))
        if isinstance(feed[0], FilesFeed):
            feed[0].folder = folder
        feed[0].hold(min(count, feed[0].most_records), in_pages=in_pages)
        yield feed[0]
