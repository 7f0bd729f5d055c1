"""A DCAT catalogue on loopback, in Turtle, in pages or whole, over datasets that a test can change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harvesters.fetch import Fetcher
from harvesters.registry import KINDS
from harvesters.source import Held, Pass, Source
from tests.harvesters.holding import Holding
from tests.harvesters.web_server import Answer, Asked, WebServer, loopback_fetcher, serving

PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@dataclass
class Described:
    """``extra`` are more statements about the dataset; without a title it cannot be shown."""

    title: str | None
    modified: str = "2024-03-01"
    extra: str = ""

    def turtle(self, address: str) -> str:
        title = f'dct:title "{self.title}"@en ;' if self.title else ""
        return f"""<{address}> a dcat:Dataset ; {title}
    dct:description "Lung function of volunteers, measured at home."@en ; dct:modified "{self.modified}"^^xsd:date ;
    dct:publisher <#trust> ; dcat:keyword "lungs"@en, "home"@en ; {self.extra}
    dcat:contactPoint [ a vcard:Kind ; vcard:fn "Data team" ; vcard:hasEmail <mailto:data@example.org> ] ;
    dcat:distribution [ a dcat:Distribution ; dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ] .
"""


class Catalogue:
    """``overrides`` answer instead, by path or by path and query. ``total`` is claimed where it is not None."""

    def __init__(self, count: int = 0, *, page_size: int | None = None) -> None:
        self.datasets = {f"https://data.example.org/d/{number}": Described(f"Breathing study {number}") for number in range(count)}
        self.page_size = page_size
        self.total: int | None = None
        self.sends_etag = True
        self.overrides: dict[str, Answer | Callable[[Asked], Answer]] = {}
        self.more = ""

    def answer(self, asked: Asked) -> Answer:
        address = urlsplit(asked.path)
        for path in (asked.path, address.path):
            if path in self.overrides:
                override = self.overrides[path]
                return override(asked) if callable(override) else override
        if address.path != "/catalogue.ttl":
            return Answer(status=404)
        return turtle(self.page(int(parse_qs(address.query).get("page", ["1"])[0])), asked, sends_etag=self.sends_etag)

    def page(self, number: int) -> str:
        size = self.page_size or max(1, len(self.datasets))
        chosen = list(self.datasets.items())[(number - 1) * size : number * size]
        lists = ", ".join(f"<{address}>" for address, _ in chosen)
        parts = [PREFIXES, '<#catalogue> a dcat:Catalog ; dct:title "A catalogue"', f" ; dcat:dataset {lists}" if lists else "", " .\n"]
        parts.append('<#trust> a foaf:Agent ; foaf:name "Example Trust" .\n')
        if self.page_size and number * size < len(self.datasets):
            parts.append(f"<?page={number}> a hydra:PartialCollectionView ; hydra:next <?page={number + 1}> .\n")
        if self.total is not None:
            parts.append(f"<#catalogue> hydra:totalItems {self.total} .\n")
        return "".join([*parts, *(described.turtle(address) for address, described in chosen), self.more])


def turtle(text: str | bytes, asked: Asked | None = None, *, sends_etag: bool = False, **headers: str) -> Answer:
    body = text.encode() if isinstance(text, str) else text
    etag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
    if asked is not None and sends_etag and asked.headers.get("if-none-match") == etag:
        return Answer(status=304)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body, headers={"Content-Type": "text/turtle; charset=utf-8", **({"ETag": etag} if sends_etag else {}), **named})


class Custodian:
    """A served catalogue, and sources built on it."""

    def __init__(self, catalogue: Catalogue, server: WebServer, fetcher: Fetcher) -> None:
        self.catalogue, self.server, self.fetcher = catalogue, server, fetcher

    def source(self, held: Held | None = None, *, wanted: Pass = "incremental", **changes: Any) -> Source:
        configuration = {"url": f"{self.server.url}/catalogue.ttl"} | changes
        return KINDS["dcat"].build(configuration, fetcher=self.fetcher, held=held or Holding(), wanted=wanted)

    def asked(self) -> list[str]:
        """The paths asked for since the last call."""
        paths = self.server.paths
        self.server.asked.clear()
        return paths


@contextmanager
def serving_catalogue(catalogue: Catalogue) -> Iterator[Custodian]:
    with serving(catalogue.answer) as server, loopback_fetcher() as fetcher:
        yield Custodian(catalogue, server, fetcher)
