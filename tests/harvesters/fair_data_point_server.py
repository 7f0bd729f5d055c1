"""A FAIR Data Point on loopback, over catalogues and datasets that a test can change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harvesters.fetch import Fetcher
from harvesters.registry import KINDS
from harvesters.source import Held, Pass, Source
from tests.harvesters.holding import Holding
from tests.harvesters.web_server import Answer, Asked, WebServer, loopback_fetcher, serving

PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix fdp-o: <https://w3id.org/fdp/fdp-o#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix ldp: <http://www.w3.org/ns/ldp#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@dataclass
class Dataset:
    title: str | None
    modified: str = "2024-03-01T10:00:00Z"
    media_type: str = "text/csv"


@dataclass
class DataPoint:
    """``base`` is the address that the descriptions use, where it differs from that of the server. ``catalogues`` hold names
    of datasets. ``has_pages`` is the short cut of the reference implementation; ``drafts`` are listed and answer 403."""

    catalogues: dict[str, list[str]] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    base: str = ""
    has_pages: bool = True
    page_size: int = 50
    drafts: set[str] = field(default_factory=set)
    overrides: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)

    @classmethod
    def of(cls, count: int, **options: Any) -> DataPoint:
        names = [f"d{number}" for number in range(count)]
        return cls({"c1": names}, {name: Dataset(f"Walking study {name}") for name in names}, **options)

    def answer(self, asked: Asked) -> Answer:
        address = urlsplit(asked.path)
        for path in (asked.path, address.path):
            if path in self.overrides:
                override = self.overrides[path]
                return override(asked) if callable(override) else override
        parts = [part for part in address.path.split("/") if part]
        host = f"http://{asked.headers['host']}"
        base = self.base or f"{host}/fdp"
        if parts[1:2] and (parts[-1] in self.drafts):
            return Answer(status=403)
        match parts:
            case ["fdp"]:
                return self._turtle(self._root(base))
            case ["fdp", "catalog", name, "page", "dataset"] if self.has_pages and name in self.catalogues:
                return self._page(base, host, name, parse_qs(address.query))
            case ["fdp", "catalog", name] if name in self.catalogues:
                return self._turtle(self._catalogue(base, name))
            case ["fdp", "dataset", name] if name in self.datasets:
                return self._turtle(self._dataset(base, name))
            case ["fdp", "distribution", name] if name in self.datasets:
                return self._turtle(self._distribution(base, name))
        return Answer(status=404)

    def _turtle(self, text: str, **headers: str) -> Answer:
        return Answer((PREFIXES + text).encode(), headers={"Content-Type": "text/turtle", **headers})

    def _root(self, base: str) -> str:
        contained = ", ".join(f"<{base}/catalog/{name}>" for name in self.catalogues)
        contains = f" ; ldp:contains {contained}" if contained else ""
        return (
            f'<{base}> a fdp-o:FAIRDataPoint ; dct:title "A data point" .\n'
            f"<{base}/catalog/> a ldp:DirectContainer ; ldp:membershipResource <{base}> ; ldp:hasMemberRelation fdp-o:metadataCatalog{contains} .\n"
        )

    def _catalogue(self, base: str, name: str) -> str:
        contained = ", ".join(f"<{base}/dataset/{one}>" for one in self.catalogues[name])
        contains = f" ; ldp:contains {contained}" if contained else ""
        return (
            f'<{base}/catalog/{name}> a dcat:Catalog ; dct:title "A catalogue" .\n'
            f"<{base}/dataset/> a ldp:DirectContainer ; ldp:membershipResource <{base}/catalog/{name}> ; ldp:hasMemberRelation dcat:dataset{contains} .\n"
        )

    def _described(self, base: str, name: str) -> str:
        one = self.datasets[name]
        title = f'dct:title "{one.title}" ;' if one.title else ""
        return (
            f'<{base}/dataset/{name}> a dcat:Dataset ; {title} dct:description "Steps of volunteers." ; dct:publisher [ a foaf:Agent ; foaf:name "Example Trust" ] ;'
            f' fdp-o:metadataModified "{one.modified}"^^xsd:dateTime ; dcat:distribution <{base}/distribution/{name}> .\n'
        )

    def _dataset(self, base: str, name: str) -> str:
        return self._described(base, name) + (
            f"<{base}/distribution/> a ldp:DirectContainer ; ldp:membershipResource <{base}/dataset/{name}> ;"
            f" ldp:hasMemberRelation dcat:distribution ; ldp:contains <{base}/distribution/{name}> .\n"
        )

    def _distribution(self, base: str, name: str) -> str:
        media_type = self.datasets[name].media_type
        return (
            f"<{base}/distribution/{name}> a dcat:Distribution ; dcat:mediaType <https://www.iana.org/assignments/media-types/{media_type}> .\n"
        )

    def _page(self, base: str, host: str, name: str, query: dict[str, list[str]]) -> Answer:
        number = int(query["page"][0])
        open_ones = sorted((one for one in self.catalogues[name] if one not in self.drafts), key=lambda one: self.datasets[one].title or "")
        chosen = open_ones[number * self.page_size : (number + 1) * self.page_size]
        text = "".join(self._described(base, one) for one in chosen)
        following = f"{host}/fdp/catalog/{name}/page/dataset?page={number + 1}&size=50"
        is_last = (number + 1) * self.page_size >= len(open_ones)
        return self._turtle(text or f"<{base}/catalog/{name}> a dcat:Catalog .", **({} if is_last else {"Link": f'<{following}>; rel="next"'}))


class Custodian:
    """A served FAIR Data Point, and sources built on it."""

    def __init__(self, point: DataPoint, server: WebServer, fetcher: Fetcher) -> None:
        self.point, self.server, self.fetcher = point, server, fetcher

    def source(self, held: Held | None = None, *, wanted: Pass = "incremental", **changes: Any) -> Source:
        configuration = {"url": f"{self.server.url}/fdp"} | changes
        return KINDS["fair-data-point"].build(configuration, fetcher=self.fetcher, held=held or Holding(), wanted=wanted)

    def asked(self) -> list[str]:
        paths = self.server.paths
        self.server.asked.clear()
        return paths


@contextmanager
def serving_point(point: DataPoint) -> Iterator[Custodian]:
    with serving(point.answer) as server, loopback_fetcher() as fetcher:
        yield Custodian(point, server, fetcher)
