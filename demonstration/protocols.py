"""Custodians that speak another protocol than the federation: a DCAT catalogue, a FAIR Data Point, pages for search engines.

Addresses of datasets are lasting ones that begin with ``https://<slug>.example.org``, wherever the demonstration listens.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from demonstration import turtle
from demonstration.described import Described, described
from demonstration.holdings import Holding

TURTLE = "text/turtle; charset=utf-8"
PAGE_SIZE = 2


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered: a text of a media type, with more headers where there are any."""

    text: str
    media_type: str
    link: str | None = None


class Catalogue:
    """Of one custodian. ``base_url`` is where it listens; ``lasting`` is where its addresses say they are."""

    def __init__(self, holding: Holding, base_url: str) -> None:
        self.facts = holding.facts
        self.base_url = base_url
        self.lasting = f"https://{holding.facts['slug']}.example.org"
        self.datasets = {document.id: described(document) for document in holding.documents}

    def page(self, path: str, query: str) -> Page | None:
        """None where there is nothing."""
        raise NotImplementedError

    def address(self, one: Described) -> str:
        return f"{self.lasting}/dataset/{one.id}"


class DcatCatalogue(Catalogue):
    """``/catalogue.ttl``, in Hydra pages of two datasets."""

    start = "/catalogue.ttl"

    def page(self, path: str, query: str) -> Page | None:
        asked = parse_qs(query).get("page", ["1"])[0]
        if path != self.start or not asked.isdigit():
            return None
        number = int(asked[:6])
        chosen = list(self.datasets.values())[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        listed = ", ".join(f"<{self.address(one)}>" for one in chosen)
        catalogue = f"<{self.lasting}/catalogue> a dcat:Catalog, hydra:Collection ; dct:title {turtle.quoted(self.facts['name'])}"
        parts = [turtle.PREFIXES, catalogue, f" ; dcat:dataset {listed}" if listed else "", f" ; hydra:totalItems {len(self.datasets)} .\n"]
        if number * PAGE_SIZE < len(self.datasets):
            parts.append(f"<?page={number}> a hydra:PartialCollectionView ; hydra:next <{self.start}?page={number + 1}> .\n")
        return Page("".join([*parts, *(turtle.dataset(one, self.address(one)) for one in chosen)]), TURTLE)


class FairDataPoint(Catalogue):
    """``/fdp``: a root, one catalogue, its datasets and their distributions, each a document of its own."""

    start = "/fdp"

    def __init__(self, holding: Holding, base_url: str) -> None:
        super().__init__(holding, base_url)
        self.root = f"{self.lasting}/fdp"

    def address(self, one: Described) -> str:
        return f"{self.root}/dataset/{one.id}"

    def page(self, path: str, query: str) -> Page | None:
        parts = path.strip("/").split("/")
        one = self.datasets.get(parts[-1])
        match parts:
            case ["fdp"]:
                return self._turtle(self._contains(self.root, "catalog", "fdp-o:metadataCatalog", ["research"]), f"<{self.root}> a fdp-o:FAIRDataPoint")
            case ["fdp", "catalog", "research"]:
                node = f"{self.root}/catalog/research"
                return self._turtle(self._contains(node, "dataset", "dcat:dataset", list(self.datasets)), f"<{node}> a dcat:Catalog")
            case ["fdp", "catalog", "research", "page", "dataset"]:
                return self._descriptions(parse_qs(query).get("page", ["0"])[0])
            case ["fdp", "dataset", _] if one is not None:
                return Page(turtle.PREFIXES + self._dataset(one), TURTLE)
            case ["fdp", "distribution", _] if one is not None:
                statements = " ; ".join(turtle.distribution_statements(one))
                return Page(f"{turtle.PREFIXES}<{self.root}/distribution/{one.id}> {statements} .\n", TURTLE)
        return None

    def _turtle(self, container: str, node: str) -> Page:
        return Page(f"{turtle.PREFIXES}{node} ; dct:title {turtle.quoted(self.facts['name'])} .\n{container}", TURTLE)

    def _contains(self, node: str, name: str, relation: str, members: list[str]) -> str:
        contained = ", ".join(f"<{self.root}/{name}/{member}>" for member in members)
        return (
            f"<{self.root}/{name}/> a ldp:DirectContainer ; ldp:membershipResource <{node}> ;\n"
            f"    ldp:hasMemberRelation {relation} ; ldp:contains {contained} .\n"
        )

    def _dataset(self, one: Described) -> str:
        changed = f"fdp-o:metadataModified {turtle.quoted(one.modified)}^^xsd:dateTime"
        return turtle.dataset(one, self.address(one), distribution=f"{self.root}/distribution/{one.id}", more=(changed,))

    def _descriptions(self, number: str) -> Page:
        """All there are on the first page, and an empty one behind it."""
        chosen = sorted(self.datasets.values(), key=lambda one: one.title) if number == "0" else []
        return Page(turtle.PREFIXES + "".join(self._dataset(one) for one in chosen), TURTLE)


class WebSite(Catalogue):
    """A page for each dataset with its description for search engines in it, a sitemap and a robots.txt."""

    start = "/"

    def page(self, path: str, query: str) -> Page | None:
        if query:
            return None
        if path == "/robots.txt":
            return Page(f"User-agent: *\nDisallow: /demonstration/\nSitemap: {self.base_url}/sitemap.xml\n", "text/plain; charset=utf-8")
        if path == "/sitemap.xml":
            return self._sitemap()
        one = self.datasets.get(path.removeprefix("/dataset/").removesuffix(".html"))
        return self._page(one) if one is not None and path.startswith("/dataset/") else None

    def _sitemap(self) -> Page:
        entries = "".join(
            f"<url><loc>{self.base_url}/dataset/{one.id}.html</loc><lastmod>{one.modified}</lastmod></url>" for one in self.datasets.values()
        )
        return Page(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>', "application/xml; charset=utf-8")

    def _page(self, one: Described) -> Page:
        data = json.dumps(self.json_ld(one), ensure_ascii=False, indent=1).replace("</", "<\\/")
        return Page(
            f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(one.title)}</title>\n'
            f'<script type="application/ld+json">{data}</script></head>\n'
            f"<body><h1>{html.escape(one.title)}</h1><p>{html.escape(one.abstract)}</p></body></html>\n",
            "text/html; charset=utf-8",
        )

    def json_ld(self, one: Described) -> dict[str, Any]:
        stated = {
            "@context": "https://schema.org/", "@type": "Dataset", "@id": self.address(one), "identifier": one.id, "name": one.title,
            "abstract": one.abstract, "description": one.description, "version": one.version, "datePublished": one.issued,
            "dateModified": one.modified, "keywords": list(one.keywords), "spatialCoverage": one.spatial,
            "temporalCoverage": f"{one.start}/{one.end or '..'}" if one.start else None, "inLanguage": list(one.languages),
            "publisher": {"@type": "Organization", "name": one.custodian, "contactPoint": {"@type": "ContactPoint", "contactType": "access requests", "email": one.contact}},
            "creator": {"@type": "Organization", "name": one.creator} if one.creator else None, "conditionsOfAccess": one.access_page,
            "distribution": [{"@type": "DataDownload", "encodingFormat": name} for name in one.formats],
        }  # fmt: skip
        return {name: value for name, value in stated.items() if value}

