"""Custodians whose descriptions lie in systems that many have already: a repository (OAI-PMH), a CKAN portal, a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape, quoteattr

from demonstration.described import Described
from demonstration.protocols import Catalogue, Page

XML = "text/xml; charset=utf-8"
JSON = "application/json; charset=utf-8"
OAI = "http://www.openarchives.org/OAI/2.0/"
KERNEL = "http://datacite.org/schema/kernel-4"
PAGE_SIZE = 4


class Repository(Catalogue):
    """``/oai``: an OAI-PMH 2.0 repository that gives DataCite metadata, four records a page. A token is where to go on."""

    start = "/oai"

    def page(self, path: str, query: str) -> Page | None:
        if path != self.start:
            return None
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        said = {"Identify": self._identify, "ListMetadataFormats": self._formats, "ListRecords": self._records, "GetRecord": self._record}
        answer = said.get(asked.get("verb", ""))
        inner = answer(asked) if answer else '<error code="badVerb">Identify, ListMetadataFormats, ListRecords and GetRecord are known.</error>'
        return Page(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{OAI}"><responseDate>{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}</responseDate>'
            f"<request>{escape(self.base_url + self.start)}</request>{inner}</OAI-PMH>", XML,
        )  # fmt: skip

    def _identify(self, _: dict[str, str]) -> str:
        return (
            f"<Identify><repositoryName>{escape(self.facts['name'])}</repositoryName><baseURL>{escape(self.base_url + self.start)}</baseURL>"
            f"<protocolVersion>2.0</protocolVersion><adminEmail>{escape(self.facts['contact'])}</adminEmail>"
            f"<earliestDatestamp>2000-01-01T00:00:00Z</earliestDatestamp><deletedRecord>no</deletedRecord>"
            "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
        )

    def _formats(self, _: dict[str, str]) -> str:
        return (
            "<ListMetadataFormats><metadataFormat><metadataPrefix>datacite</metadataPrefix>"
            f"<schema>https://schema.datacite.org/meta/kernel-4/metadata.xsd</schema><metadataNamespace>{KERNEL}</metadataNamespace>"
            "</metadataFormat></ListMetadataFormats>"
        )

    def _records(self, asked: dict[str, str]) -> str:
        since, start = asked.get("from", ""), "0"
        if "resumptionToken" in asked:
            since, _, start = asked["resumptionToken"].rpartition("|")
            if not start.isdigit():
                return '<error code="badResumptionToken"/>'
        elif asked.get("metadataPrefix") != "datacite":
            return '<error code="cannotDisseminateFormat"/>'
        chosen = [one for one in self.datasets.values() if one.modified[: len(since)] >= since]
        if not chosen:
            return '<error code="noRecordsMatch"/>'
        following = int(start) + PAGE_SIZE
        token = f"{since}|{following}" if following < len(chosen) else ""
        entries = "".join(self._entry(one) for one in chosen[int(start) : following])
        return f'<ListRecords>{entries}<resumptionToken completeListSize="{len(chosen)}">{escape(token)}</resumptionToken></ListRecords>'

    def _record(self, asked: dict[str, str]) -> str:
        one = self.datasets.get(asked.get("identifier", "").rpartition(":")[2])
        return f"<GetRecord>{self._entry(one)}</GetRecord>" if one else '<error code="idDoesNotExist"/>'

    def _entry(self, one: Described) -> str:
        name = f"oai:{self.facts['slug']}.example.org:{one.id}"
        return (
            f"<record><header><identifier>{escape(name)}</identifier><datestamp>{one.modified}</datestamp></header>"
            f'<metadata><resource xmlns="{KERNEL}">{"".join(self._resource(one))}</resource></metadata></record>'
        )

    def _resource(self, one: Described) -> Iterator[str]:
        """Without a DOI: these datasets have none, and none is made up for them."""
        yield f'<identifier identifierType="URL">{escape(self.address(one))}</identifier>'
        yield f"<titles><title xml:lang=\"en\">{escape(one.title)}</title></titles>"
        yield f"<publisher>{escape(one.custodian)}</publisher><publicationYear>{one.issued[:4]}</publicationYear>"
        yield '<resourceType resourceTypeGeneral="Dataset">Description of a dataset</resourceType>'
        yield f"<subjects>{''.join(f'<subject>{escape(word)}</subject>' for word in one.keywords)}</subjects>"
        kinds = (("Abstract", one.abstract), ("Other", one.description))
        yield f"<descriptions>{''.join(f'<description descriptionType={quoteattr(kind)}>{escape(text)}</description>' for kind, text in kinds if text)}</descriptions>"
        dates = (("Issued", one.issued), ("Updated", one.modified), ("Collected", f"{one.start}/{one.end or '..'}" if one.start else ""))
        yield f"<dates>{''.join(f'<date dateType={quoteattr(kind)}>{escape(date)}</date>' for kind, date in dates if date)}</dates>"
        yield f"<geoLocations><geoLocation><geoLocationPlace>{escape(one.spatial)}</geoLocationPlace></geoLocation></geoLocations>"
        yield f"<language>{escape(one.languages[0])}</language>" if one.languages else ""
        yield f"<formats>{''.join(f'<format>{escape(name)}</format>' for name in one.formats)}</formats><version>{escape(one.version)}</version>"
        yield f"<rightsList><rights>{escape(one.access_page)}</rights></rightsList>" if one.access_page else ""


class Portal(Catalogue):
    """``/api/3/action/…``: the search of a CKAN portal."""

    start = ""
    search = "/api/3/action/package_search"

    def page(self, path: str, query: str) -> Page | None:
        if path != self.search:
            return None
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        since = re.search(r"metadata_modified:\[(\S+) TO \*\]", asked.get("fq", ""))
        packages = [package for package in map(self._package, self.datasets.values()) if since is None or package["metadata_modified"] >= since[1][:19]]
        packages.sort(key=lambda package: str(package["metadata_modified" if since else "id"]))
        start, rows = (int(asked.get(name, default)[:6]) if asked.get(name, default).isdigit() else 0 for name, default in (("start", "0"), ("rows", "10")))
        result = {"count": len(packages), "results": packages[start : start + rows]}
        return Page(json.dumps({"success": True, "result": result}, ensure_ascii=False), JSON)

    def _package(self, one: Described) -> dict[str, Any]:
        extras = {
            "spatial_text": one.spatial, "temporal_coverage-from": one.start, "temporal_coverage-to": one.end,
            "population_size": str(one.people) if one.people is not None else None, "language": json.dumps(list(one.languages)),
        }  # fmt: skip
        return {
            "id": one.id, "name": f"dataset-{one.id[:8]}", "title": one.title, "type": "dataset", "state": "active", "private": False,
            "notes": one.description or one.abstract, "url": one.access_page, "version": one.version, "maintainer_email": one.contact,
            "metadata_created": one.issued[:19], "metadata_modified": one.modified[:19], "tags": [{"name": word} for word in one.keywords],
            "organization": {"name": self.facts["slug"], "title": one.custodian},
            "resources": [{"format": name} for name in one.formats], "extras": [{"key": key, "value": value} for key, value in extras.items() if value],
        }  # fmt: skip


class Spreadsheet(Catalogue):
    """``/datasets.csv``: the template for descriptions, filled in."""

    start = "/datasets.csv"

    def page(self, path: str, query: str) -> Page | None:
        if path != self.start or query:
            return None
        rows = [self._row(one) for one in self.datasets.values()]
        text = io.StringIO()
        table = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\r\n")
        table.writeheader()
        table.writerows(rows)
        return Page(text.getvalue(), "text/csv; charset=utf-8")

    def _row(self, one: Described) -> dict[str, str]:
        least, most = one.ages or ("", "")
        return {
            "identifier": one.id, "version": one.version, "issued": one.issued, "modified": one.modified, "summary.title": one.title,
            "summary.abstract": one.abstract, "summary.dataCustodian.name": one.custodian, "summary.contactPoint": one.contact,
            "summary.keywords": " | ".join(one.keywords), "summary.populationSize": "" if one.people is None else str(one.people),
            "documentation.description": one.description, "coverage.spatial": one.spatial, "coverage.typicalAgeRangeMin": str(least),
            "coverage.typicalAgeRangeMax": str(most), "provenance.temporal.startDate": one.start or "", "provenance.temporal.endDate": one.end or "",
            "accessibility.access.accessRights": one.access_page or "", "accessibility.formatAndStandards.format": " | ".join(one.formats),
            "accessibility.formatAndStandards.language": " | ".join(one.languages),
        }  # fmt: skip
