"""An OAI-PMH repository on loopback: all verbs that harvesters use, over records that a test can change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from harvesters.fetch import Fetcher
from harvesters.registry import KINDS
from harvesters.source import Held, Pass, Source
from tests.harvesters.holding import Holding
from tests.harvesters.web_server import Answer, Asked, WebServer, loopback_fetcher, serving

OAI = "http://www.openarchives.org/OAI/2.0/"
NAMESPACES = {
    "oai_dc": f"{OAI}oai_dc/", "datacite": "http://datacite.org/schema/kernel-4", "oai_datacite": "http://schema.datacite.org/oai/oai-1.1/",
    "dcat": "http://www.w3.org/ns/dcat#", "marcxml": "http://www.loc.gov/MARC21/slim",
}  # fmt: skip


def dublin_core(title: str, *, kind: str = "Dataset", more: str = "") -> str:
    return (
        f'<oai_dc:dc xmlns:oai_dc="{NAMESPACES["oai_dc"]}" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title>'
        f"<dc:description>Blood pressure of volunteers.</dc:description><dc:publisher>Example Trust</dc:publisher><dc:type>{kind}</dc:type>{more}</oai_dc:dc>"
    )


def datacite(title: str, doi: str = "10.1234/a", *, kind: str = "Dataset") -> str:
    return (
        f'<resource xmlns="{NAMESPACES["datacite"]}"><identifier identifierType="DOI">{doi}</identifier><titles><title>{escape(title)}</title></titles>'
        f'<publisher>Example Trust</publisher><resourceType resourceTypeGeneral="{kind}"/></resource>'
    )


@dataclass
class Kept:
    """``metadata`` by prefix."""

    metadata: dict[str, str]
    datestamp: str = "2024-05-01T10:00:00Z"
    is_deleted: bool = False
    sets: tuple[str, ...] = ()


class Repository:
    """``override`` answers instead where it gives something. Answers to errors come with ``error_status``."""

    def __init__(self, count: int = 0) -> None:
        self.records = {f"oai:example.org:{number}": Kept({"oai_dc": dublin_core(f"Study {number}")}) for number in range(count)}
        self.formats = ["marcxml", "oai_dc"]
        self.granularity, self.deletions = "YYYY-MM-DDThh:mm:ssZ", "no"
        self.page_size, self.error_status, self.states_total = 100, 200, True
        self.response_date = "2024-06-01T12:00:00Z"
        self.override: Callable[[dict[str, str]], Answer | None] = lambda _: None
        self.expired: set[str] = set()

    def answer(self, asked: Asked) -> Answer:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(asked.path).query or asked.body.decode()).items()}
        found = self.override(query)
        if found is not None:
            return found
        verbs = {
            "Identify": self._identify, "ListMetadataFormats": self._formats, "ListRecords": self._list, "ListIdentifiers": self._list,
            "GetRecord": self._get, "ListSets": self._sets,
        }  # fmt: skip
        verb = verbs.get(query.get("verb", ""))
        return verb(query) if verb else self.error("badVerb")

    def wrapped(self, inner: str, status: int = 200) -> Answer:
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="{OAI}"><responseDate>{self.response_date}</responseDate>'
            f"<request>http://127.0.0.1/oai</request>{inner}</OAI-PMH>"
        )
        return Answer(body.encode(), status, {"Content-Type": "text/xml; charset=utf-8"})

    def error(self, code: str, said: str = "") -> Answer:
        return self.wrapped(f'<error code="{code}">{said}</error>', self.error_status)

    def _identify(self, _: dict[str, str]) -> Answer:
        return self.wrapped(
            f"<Identify><repositoryName>Example</repositoryName><granularity>{self.granularity}</granularity>"
            f"<deletedRecord>{self.deletions}</deletedRecord><earliestDatestamp>2000-01-01</earliestDatestamp></Identify>"
        )

    def _formats(self, _: dict[str, str]) -> Answer:
        listed = "".join(
            f"<metadataFormat><metadataPrefix>{name}</metadataPrefix><schema>x</schema><metadataNamespace>{NAMESPACES[name]}</metadataNamespace></metadataFormat>"
            for name in self.formats
        )
        return self.wrapped(f"<ListMetadataFormats>{listed}</ListMetadataFormats>")

    def _sets(self, _: dict[str, str]) -> Answer:
        names = sorted({name for one in self.records.values() for name in one.sets})
        if not names:
            return self.error("noSetHierarchy")
        return self.wrapped(f"<ListSets>{''.join(f'<set><setSpec>{name}</setSpec><setName>x</setName></set>' for name in names)}</ListSets>")

    def _list(self, query: dict[str, str]) -> Answer:
        if "resumptionToken" in query:
            if query.keys() != {"verb", "resumptionToken"}:
                return self.error("badArgument", "exclusive")
            if query["resumptionToken"] in self.expired:
                return self.error("badResumptionToken", "expired")
            prefix, since, chosen, start = query["resumptionToken"].split("|")
        else:
            prefix, since, chosen, start = query["metadataPrefix"], query.get("from", ""), query.get("set", ""), "0"
        if self.granularity == "YYYY-MM-DD" and len(since) > 10:
            return self.error("badArgument", "granularity")
        return self._page(query["verb"], prefix, since, chosen, int(start))

    def _page(self, verb: str, prefix: str, since: str, chosen: str, start: int) -> Answer:
        found = [
            (name, one) for name, one in self.records.items()
            if one.datestamp[: len(since)] >= since and (not chosen or chosen in one.sets) and prefix in one.metadata
        ]  # fmt: skip
        if not found:
            return self.error("noRecordsMatch")
        entries = "".join(self._entry(verb, name, one, prefix) for name, one in found[start : start + self.page_size])
        following = start + self.page_size
        total = f' completeListSize="{len(found)}"' if self.states_total else ""
        token = f"{prefix}|{since}|{chosen}|{following}" if following < len(found) else ""
        last = f"<resumptionToken{total}>{token}</resumptionToken>" if token or start else ""
        return self.wrapped(f"<{verb}>{entries}{last}</{verb}>")

    def _entry(self, verb: str, name: str, one: Kept, prefix: str) -> str:
        status = ' status="deleted"' if one.is_deleted else ""
        header = f"<header{status}><identifier>{name}</identifier><datestamp>{one.datestamp}</datestamp></header>"
        return header if verb == "ListIdentifiers" else f"<record>{header}<metadata>{one.metadata[prefix]}</metadata></record>"

    def _get(self, query: dict[str, str]) -> Answer:
        one = self.records.get(query["identifier"])
        if one is None:
            return self.error("idDoesNotExist")
        return self.wrapped(f"<GetRecord>{self._entry('GetRecord', query['identifier'], one, query['metadataPrefix'])}</GetRecord>")


class Custodian:
    """A served repository, and sources built on it."""

    def __init__(self, repository: Repository, server: WebServer, fetcher: Fetcher) -> None:
        self.repository, self.server, self.fetcher = repository, server, fetcher

    def source(self, held: Held | None = None, *, wanted: Pass = "incremental", secret: str | None = None, **changes: Any) -> Source:
        return KINDS["oai-pmh"].build(
            {"base_url": f"{self.server.url}/oai", **changes}, fetcher=self.fetcher, held=held or Holding(), wanted=wanted, secret=secret
        )

    def asked(self) -> list[dict[str, str]]:
        """The queries since the last call."""
        found = [{name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()} for path in self.server.paths]
        self.server.asked.clear()
        return found

    def verbs(self) -> list[str]:
        return [query["verb"] for query in self.asked()]


@contextmanager
def serving_repository(repository: Repository, **options: Any) -> Iterator[Custodian]:
    with serving(repository.answer) as server, loopback_fetcher(**options) as fetcher:
        yield Custodian(repository, server, fetcher)
