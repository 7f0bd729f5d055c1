"""A2: what the corpus holds of each protocol, served over loopback with its real media types and harvested into a whole gateway.

The report of each is asserted exactly: how the run ended, and how many records are published, quarantined and rejected, and why.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from gateway.models import Outcome, Record, Run
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.wiring import Services
from search.engine import Query
from tests.corpus import CORPUS, corpus
from tests.harvesters import test_linked_corpus as linked
from tests.harvesters.ckan_server import Portal, refused, result
from tests.harvesters.oai_pmh_server import Repository
from tests.harvesters.test_ckan import FOUND, SHOWN
from tests.harvesters.test_datacite import Api
from tests.harvesters.test_oai_pmh import ERRORS, ZENODO, recorded
from tests.harvesters.test_web_files import WAF
from tests.harvesters.web_server import Answer, Asked, as_json, serving
from tests.journeys.gateways import make_services
from tests.journeys.pushing import add_custodian

Report = dict[str, int]
PUBLISHED = ("created", "updated", "restored")
HTML, XML, JSON = "text/html; charset=utf-8", "application/xml", "application/json"


class Gateway:
    """One gateway, to which each feed is a source of its own."""

    def __init__(self, services: Services, servers: ExitStack) -> None:
        self.services, self.servers = services, servers
        self.count = 0

    def harvest(self, kind: str, answer: Callable[[Asked], Answer], *, path: str = "", named: str = "base_url", **configuration: Any) -> Run:
        server = self.servers.enter_context(serving(answer))
        self.count += 1
        policy = Policy(allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[server.port], attempts=1, min_interval_seconds=0)
        wanted = NewSource(
            name=f"Source {self.count}", kind=kind, configuration={named: server.url + path, **configuration}, schedule="manual", policy=policy,
            custodian="example-trust",
        )
        slug = add_source(self.services.store, self.services.sealer, wanted, now=self.services.clock()).slug
        run = self.services.harvesting.run(self.services.harvesting.queue_run(slug))
        self.services.catalogue.index_pending()
        return run

    def report(self, run: Run) -> Report:
        """How many were published, and of the others how many for each reason; the run's own counters say the same."""
        with self.services.store.reading() as session:
            rows = session.execute(
                select(Outcome.outcome, Outcome.reason, func.count()).where(Outcome.run_id == run.id).group_by(Outcome.outcome, Outcome.reason)
            ).all()
        told: Counter[str] = Counter()
        counters: Counter[str] = Counter()
        for outcome, reason, count in rows:
            counters[outcome] += count
            told["published" if outcome in PUBLISHED else f"{outcome}: {reason}" if reason else outcome] += count
        assert {name: count for name, count in run.counters.items() if name != "unchanged"} == counters
        return dict(told)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with ExitStack() as stack:
        services = make_services(tmp_path_factory.mktemp("corpus") / "data")
        stack.callback(services.close)
        add_custodian(services)
        yield Gateway(services, stack)
        with services.store.reading() as session:
            shown = session.scalar(select(func.count()).select_from(Record).where(Record.state == "live"))
        assert services.catalogue.search(Query(limit=1, each_description=True)).total == shown, "the index holds what is published"


def in_a_gateway(told: dict[str, int]) -> Report:
    """What a source's own tests say of a document, as a run reports it."""
    return {
        "published" if name in ("published", "accepted") else f"quarantined: {name}" if name == "blocking-findings" else f"rejected: {name}": count
        for name, count in told.items()
    }


@pytest.mark.parametrize("name", linked.KNOWN)
def test_a2_linked_data(gateway: Gateway, name: str) -> None:
    expected = linked.EXPECTED.get(name, {"published": 1})
    run = gateway.harvest("dcat", linked.answer, path=f"/{name}", named="url")
    if isinstance(expected, str):
        assert (run.state, run.reason, gateway.report(run)) == ("failed", expected, {})
        return
    assert gateway.report(run) == in_a_gateway(expected)
    is_cut_off = name == "dcat/converted-rdfxml/hydra-page1.rdf"
    has_problems = is_cut_off or expected.keys() - {"published"}
    assert (run.state, run.reason) == ("partial" if has_problems else "succeeded", "address-refused" if is_cut_off else None)


def page(path: Path, media_type: str) -> Answer:
    return Answer(path.read_bytes(), headers={"Content-Type": media_type})


def test_a2_landing_pages_by_their_sitemap(gateway: Gateway) -> None:
    """Three pages describe one dataset in different words, two another; the blog post is none."""
    folder = corpus("schemaorg", "html")

    def answer(asked: Asked) -> Answer:
        if asked.path == "/sitemap.xml":
            entries = "".join(f"<url><loc>http://{asked.headers['host']}/{path.name}</loc></url>" for path in sorted(folder.iterdir()))
            return Answer(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode(), headers={"Content-Type": XML})
        path = folder / asked.path.removeprefix("/")
        return page(path, HTML) if path.is_file() else Answer(status=404)

    run = gateway.harvest("schema-org", answer, path="/", named="url")
    assert (run.state, run.reason, gateway.report(run)) == ("partial", None, {"published": 4, "rejected: duplicate-id": 3})


SITEMAPS = {
    "hdruk-gateway-2020-11-20.txt": "text/plain", "hdruk-gateway-2021-04-07.txt": "text/plain",
    "schemata-pages.sitemap.xml": XML, "schemata-pages.sitemap.xml.gz": "application/gzip",
}  # fmt: skip


@pytest.mark.parametrize("name", SITEMAPS)
def test_a2_sitemaps(gateway: Gateway, name: str) -> None:
    """Each names pages of another server than the one that sent it, and none of those is asked."""
    path, media_type = corpus("sitemaps", name), SITEMAPS[name]
    asked: list[str] = []

    def answer(request: Asked) -> Answer:
        asked.append(request.path)
        if request.path == "/robots.txt":
            return Answer(f"Sitemap: http://{request.headers['host']}/{name}\n".encode(), headers={"Content-Type": "text/plain"})
        return page(path, media_type) if request.path == f"/{name}" else Answer(status=404)

    run = gateway.harvest("schema-org", answer, path="/", named="url")
    names_pages = name.endswith(".txt")
    assert (run.state, run.reason, gateway.report(run)) == ("succeeded", None, {})
    assert run.http.get("warnings") == (["address-refused"] if names_pages else None)
    assert set(asked) == {"/robots.txt", f"/{name}"}


@pytest.mark.parametrize("name", WAF)
def test_a2_folder_listings_of_real_servers(gateway: Gateway, name: str) -> None:
    """The files themselves are documents of DataCite from the corpus: those of the servers are not in it."""
    base, files = WAF[name]
    listing, folder = corpus("sitemaps", "web-accessible-folders", name), corpus("datacite", "documents")
    documents = dict(zip(files, ("datacite.xml", "datacite_dataset.xml"), strict=True))
    at = urlsplit(base).path

    def answer(asked: Asked) -> Answer:
        if asked.path == at:
            return page(listing, HTML)
        file = documents.get(asked.path.removeprefix(at))
        return page(folder / file, XML) if file else Answer(status=404)

    run = gateway.harvest("web-files", answer, path=at, named="url")
    assert (run.state, run.reason, gateway.report(run)) == ("succeeded", None, {"published": 2})


def test_a2_documents_of_datacite_in_a_folder(gateway: Gateway) -> None:
    folder = corpus("datacite", "documents")
    names = sorted(path.name for path in folder.iterdir())

    def answer(asked: Asked) -> Answer:
        if asked.path == "/documents/":
            links = "".join(f'<li><a href="{name}">{name}</a></li>' for name in names)
            return Answer(f"<html><h1>Index of /documents</h1><ul>{links}</ul></html>".encode(), headers={"Content-Type": HTML})
        path = folder / asked.path.removeprefix("/documents/")
        return page(path, XML if path.suffix == ".xml" else JSON) if path.is_file() else Answer(status=404)

    run = gateway.harvest("web-files", answer, path="/documents/", named="url")
    assert len(names) == 21
    assert (run.state, run.reason, gateway.report(run)) == ("partial", None, {"published": 17, "rejected: duplicate-id": 4})


def test_a2_answers_of_datacites_api(gateway: Gateway) -> None:
    entries = [json.loads(path.read_text())["data"] for path in sorted(corpus("datacite", "rest-api").glob("*.json"))]
    run = gateway.harvest("datacite", Api(*entries).answer, client_id="example.trust", page_size=10)
    assert (run.state, run.reason, gateway.report(run)) == ("succeeded", None, {"published": 37})


@pytest.mark.parametrize("name", FOUND)
def test_a2_searches_of_ckan_portals(gateway: Gateway, name: str) -> None:
    body = corpus("ckan", name).read_bytes()
    expected: dict[str, Any] = dict(FOUND[name])
    is_complete = expected.pop("complete", True)

    def search(query: dict[str, str]) -> Answer:
        return as_json(body) if query["start"] == "0" else result({"count": json.loads(body)["result"]["count"], "results": []})

    portal = Portal()
    portal.overrides = {"package_search": search, "package_list": Answer(status=404)}
    run = gateway.harvest("ckan", portal.answer)
    ending = ("partial", "count-mismatch") if not is_complete else ("partial", None) if expected.keys() - {"accepted"} else ("succeeded", None)
    assert (run.state, run.reason, gateway.report(run)) == (*ending, in_a_gateway(expected))


@pytest.mark.parametrize("name", SHOWN)
def test_a2_packages_of_ckan_portals(gateway: Gateway, name: str) -> None:
    portal, status = Portal(), 404 if ".404." in name else 200
    portal.overrides = {
        "package_search": refused(400, "off"), "package_list": result(["one"]),
        "package_show": Answer(corpus("ckan", name).read_bytes(), status, {"Content-Type": JSON}),
    }
    run = gateway.harvest("ckan", portal.answer)
    ending = ("succeeded", None) if SHOWN[name] == "accepted" else ("partial", "detail-missing")
    assert (run.state, run.reason, gateway.report(run)) == (*ending, in_a_gateway({SHOWN[name]: 1}))


def test_a2_an_error_of_a_ckan_portal(gateway: Gateway) -> None:
    portal = Portal()
    portal.overrides = {"package_search": Answer(corpus("ckan", "gdi-user-portal", "package_show_with_error.500.json").read_bytes(), 500, {"Content-Type": JSON})}
    run = gateway.harvest("ckan", portal.answer)
    assert (run.state, run.reason, gateway.report(run)) == ("failed", "server-error", {})


def oai(answers: Callable[[dict[str, str]], Answer | None]) -> Callable[[Asked], Answer]:
    repository = Repository()
    repository.override = answers
    return repository.answer


def test_a2_a_list_of_an_older_oai_server_over_its_tokens(gateway: Gateway) -> None:
    verbs = {"Identify": "Identify.xml", "ListMetadataFormats": "ListMetadataFormats.xml"}
    run = gateway.harvest(
        "oai-pmh", oai(lambda query: recorded("sickle-samples", query.get("resumptionToken") or verbs.get(query["verb"], "ListRecords.xml"))), path="/oai", all_types=True,
    )
    assert (run.state, run.reason, gateway.report(run)) == ("partial", "count-mismatch", {"published": 1, "rejected: missing-id": 1, "repeated": 3})


def test_a2_an_older_oai_server_without_records(gateway: Gateway) -> None:
    run = gateway.harvest("oai-pmh", oai(lambda query: recorded("sickle-samples", "noRecordsMatch.xml") if query["verb"] == "ListRecords" else None), path="/oai")
    assert (run.state, run.reason, gateway.report(run)) == ("succeeded", None, {})


@pytest.mark.parametrize("name", ERRORS)
def test_a2_errors_of_an_older_oai_server(gateway: Gateway, name: str) -> None:
    run = gateway.harvest("oai-pmh", oai(lambda query: recorded("sickle-samples", name) if query["verb"] == "ListRecords" else None), path="/oai")
    assert (run.state, run.reason, gateway.report(run)) == ("failed", ERRORS[name], {})


@pytest.mark.parametrize("name", ZENODO)
@pytest.mark.parametrize("all_types", [True, False])
def test_a2_pages_of_a_large_oai_repository(gateway: Gateway, name: str, all_types: bool) -> None:
    """After each page comes the recorded refusal of its token, with status 422: the page is read once more, and then the run fails."""
    verbs = {"Identify": "identify-02.xml", "ListMetadataFormats": "list_metadata_formats-00.xml"}

    def answers(query: dict[str, str]) -> Answer:
        return recorded("zenodo-2026", "list_records-10.xml" if "resumptionToken" in query else verbs.get(query["verb"], name))

    run = gateway.harvest("oai-pmh", oai(answers), path="/oai", all_types=all_types, metadata_prefix="oai_dc")
    every, datasets, ending = ZENODO[name]
    published = (every if all_types else datasets).get("accepted", 0)
    expected = {"published": published, "repeated": published if ending else 0}
    assert (run.state, run.reason) == (("failed", ending) if ending else ("succeeded", None))
    assert gateway.report(run) == {name: count for name, count in expected.items() if count}


def test_a2_a_page_for_people_where_a_repository_should_be(gateway: Gateway) -> None:
    run = gateway.harvest("oai-pmh", oai(lambda _: recorded("zenodo-2026", "identify-00.html")), path="/oai")
    assert (run.state, run.reason, gateway.report(run)) == ("failed", "html-instead-of-data", {})


def test_a2_a_fair_data_point_of_the_first_kind(gateway: Gateway) -> None:
    """The datasets of two of its catalogues are not in the corpus."""
    folder = corpus("dcat", "fair-data-point", "records")
    at = {
        "/fdp": "dtl-fdp", "/fdp/textmining": "textmining-catalog", "/fdp/transcriptomics": "transcriptomics-catalog",
        "/fdp/comparativeGenomics": "comparative-genomics-catalog", "/fdp/textmining/gene-disease-association_disgenet": "disgenet",
        "/fdp/textmining/gene-disease-association_lumc": "gda-lumc", "/fdp/textmining/gene-disease-association_disgenet/html": "disgenet-html-page",
        "/fdp/textmining/gene-disease-association_disgenet/textfile-gzip": "disgenet-textfile-gzip",
    }  # fmt: skip
    run = gateway.harvest(
        "fair-data-point", lambda asked: page(folder / f"{at[asked.path]}.ttl", "text/turtle") if asked.path in at else Answer(status=404), path="/fdp", named="url",
    )
    assert (run.state, run.reason, gateway.report(run)) == ("partial", None, {"published": 2, "rejected: detail-missing": 2})


FEDERATIONS = ("", "mdw", "gateway-client")


@pytest.mark.parametrize("name", FEDERATIONS)
def test_a2_federations(gateway: Gateway, name: str) -> None:
    folder = corpus("hdruk", "federation", name)

    def answer(asked: Asked) -> Answer:
        if asked.path.startswith("/list"):
            return page(folder / "list.json", JSON) if not parse_qs(urlsplit(asked.path).query) else Answer(status=404)
        path = folder / f"{asked.path.removeprefix('/one/')}.json"
        return page(path if path.exists() else folder / "dataset.json", JSON)

    run = gateway.harvest("federation", answer, list_path="/list", detail_path="/one/{id}")
    assert (run.state, run.reason, gateway.report(run)) == ("succeeded", None, {"published": 1})


def test_a2_every_folder_of_the_corpus_has_a_test_here() -> None:
    """So that a protocol that is added to the corpus is not forgotten."""
    if not CORPUS.exists():
        corpus("dcat")
    protocols = {"dcat", "oaipmh", "ckan", "schemaorg", "datacite", "sitemaps"}
    assert protocols <= {path.name for path in CORPUS.iterdir()}
    assert {path.name for path in corpus("sitemaps").iterdir() if path.is_file() and path.suffix != ".md"} == set(SITEMAPS)
    assert {path.name for path in corpus("sitemaps", "web-accessible-folders").iterdir()} == set(WAF)
    assert {path.name for path in corpus("hdruk", "federation").iterdir() if path.is_dir()} == {*FEDERATIONS} - {""}
