"""Our OAI-PMH repository: every verb and error, held against the protocol's grammar and its own XML schema, and read by an independent client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch
from sqlalchemy import select
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.models import Record
from gateway.sources.registering import NewSource, Policy, add_source
from gateway.store import federated
from gateway.wiring import Services
from schemas.writing.datacite import NAMESPACE as DATACITE
from search.engine import Query
from tests.corpus import CORPUS, corpus
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents
from tests.journeys.pushing import add_custodian, key_of, program, put
from tests.journeys.served import listening
from tests.services import PostgreSQL, leave_out

GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).with_name("oai_pmh.rng")))
PROTOCOL, KERNEL = ("specification", "oaipmh", "oai-pmh.xsd"), ("specification", "datacite", "kernel-4", "metadata.xsd")
OAI = {"o": "http://www.openarchives.org/OAI/2.0/", "dc": "http://purl.org/dc/elements/1.1/", "d": DATACITE}
COUNT = 130
"""More than a page of the list."""


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A catalogue that only tests which do not change it use."""
    folder = tmp_path_factory.mktemp("oai")
    server = request.getfixturevalue("_postgresql") if request.param == "postgresql" else None
    if isinstance(server, str):
        leave_out(server)
    with server.database() if server else nullcontext() as url:
        services = make_services(folder / "data", url, worker=False, public_url="https://gateway.example.org")
        write_documents(folder / "feed", [document(number) for number in range(COUNT)])
        write_documents(folder / "other", [document(500, title="R&D <of> sleep", dataCustodian={"name": "Other Trust"}, doiName="10.5555/12345")])
        for name in ("feed", "other"):
            harvest(services, add_files(services, folder / name, name=name))
        with TestClient(create_app(services=services), base_url="https://gateway.example.org") as client:
            yield client


def ask(client: TestClient, **arguments: str) -> etree._Element:
    """The answer to one request; whatever it is, it follows the grammar."""
    answer = client.get("/oai", params={name.rstrip("_"): value for name, value in arguments.items()})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    return checked(answer.content)


def checked(body: bytes) -> etree._Element:
    root = etree.fromstring(body)
    assert GRAMMAR.validate(root), GRAMMAR.error_log
    if CORPUS.joinpath(*PROTOCOL).exists():
        assert protocol_schema().validate(root), protocol_schema().error_log
    return root


@cache
def protocol_schema() -> etree.XMLSchema:
    """The schema of the protocol. It demands a schema for every format as well, which is another matter: those are lax here."""
    text = corpus(*PROTOCOL).read_text(encoding="utf-8")
    assert 'processContents="strict"' in text
    return etree.XMLSchema(etree.fromstring(text.replace('processContents="strict"', 'processContents="lax"').encode()))


@cache
def kernel_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(corpus(*KERNEL)))


def find(root: etree._Element, path: str) -> list[Any]:
    found: list[Any] = root.xpath(path, namespaces=OAI)
    return found


def error(client: TestClient, **arguments: str) -> str:
    return str(find(ask(client, **arguments), "string(//o:error/@code)"))


def test_identify_formats_and_sets_say_what_the_repository_is(repository: TestClient) -> None:
    said = ask(repository, verb="Identify")
    assert find(said, "string(//o:baseURL)") == "https://gateway.example.org/oai"
    assert find(said, "string(//o:deletedRecord)") == "persistent"
    assert [one.text for one in find(said, "//*[local-name()='repositoryIdentifier']")] == ["gateway.example.org"]
    assert [one.text for one in find(ask(repository, verb="ListMetadataFormats"), "//o:metadataPrefix")] == ["oai_dc", "datacite", "dcat"]
    assert [one.text for one in find(ask(repository, verb="ListSets"), "//o:setSpec")] == ["example-trust", "other-trust"]


@pytest.mark.parametrize("verb", ["ListIdentifiers", "ListRecords"])
def test_a_list_goes_on_by_tokens_that_keep_what_was_asked(repository: TestClient, verb: str) -> None:
    first = ask(repository, verb=verb, metadataPrefix="oai_dc", set="example-trust")
    token = find(first, "//o:resumptionToken")[0]
    assert (token.get("completeListSize"), token.get("cursor")) == (str(COUNT), "0")
    last = ask(repository, verb=verb, resumptionToken=token.text)
    end = find(last, "//o:resumptionToken")[0]
    assert (end.text, end.get("cursor")) == (None, "100")
    identifiers = [one.text for page in (first, last) for one in find(page, "//o:header/o:identifier")]
    assert len(identifiers) == len(set(identifiers)) == COUNT
    assert {one.text for page in (first, last) for one in find(page, "//o:header/o:setSpec")} == {"example-trust"}
    assert not find(ask(repository, verb=verb, metadataPrefix="oai_dc", set="other-trust"), "//o:resumptionToken")


def test_a_record_is_given_in_each_format(repository: TestClient) -> None:
    identifier = find(ask(repository, verb="ListIdentifiers", metadataPrefix="oai_dc", set="other-trust"), "string(//o:identifier)")
    got = {prefix: ask(repository, verb="GetRecord", identifier=str(identifier), metadataPrefix=prefix) for prefix in ("oai_dc", "datacite", "dcat")}
    assert find(got["oai_dc"], "string(//dc:title)") == "R&D <of> sleep"
    assert find(got["oai_dc"], "string(//dc:type)") == "Dataset"
    assert "10.5555/12345" in [one.text for one in find(got["oai_dc"], "//dc:identifier")]
    assert find(got["datacite"], "string(//d:identifier[@identifierType='DOI'])") == "10.5555/12345"
    assert [child.tag.partition("}")[2] for child in find(got["datacite"], "//d:resource/*")][:6] == [
        "identifier", "creators", "titles", "publisher", "publicationYear", "resourceType",
    ]
    assert b"http://www.w3.org/ns/dcat#" in etree.tostring(got["dcat"])
    assert find(ask(repository, verb="ListMetadataFormats", identifier=str(identifier)), "//o:metadataFormat")


ERRORS: tuple[tuple[str, dict[str, str]], ...] = (
    ("badVerb", {}), ("badVerb", {"verb": "Steal"}),
    ("badArgument", {"verb": "ListRecords"}), ("badArgument", {"verb": "Identify", "set": "x"}),
    ("badArgument", {"verb": "GetRecord", "identifier": "x"}),
    ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "yesterday"}),
    ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2024-02-30"}),
    ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2024-01-01", "until": "2024-01-02T00:00:00Z"}),
    ("badArgument", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from_": "2024-02-01", "until": "2024-01-01"}),
    ("badArgument", {"verb": "ListRecords", "resumptionToken": "x", "metadataPrefix": "oai_dc"}),
    ("badResumptionToken", {"verb": "ListRecords", "resumptionToken": "x"}), ("badResumptionToken", {"verb": "ListSets", "resumptionToken": "x"}),
    ("cannotDisseminateFormat", {"verb": "ListRecords", "metadataPrefix": "marcxml"}),
    ("idDoesNotExist", {"verb": "GetRecord", "identifier": "oai:gateway.example.org:nothing", "metadataPrefix": "oai_dc"}),
    ("idDoesNotExist", {"verb": "ListMetadataFormats", "identifier": "nothing"}),
    ("noRecordsMatch", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "1990-01-01"}),
    ("noRecordsMatch", {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "nobody"}),
)  # fmt: skip


VERBS: tuple[dict[str, str], ...] = (
    {"verb": "Identify"}, {"verb": "ListMetadataFormats"}, {"verb": "ListSets"},
    *({"verb": verb, "metadataPrefix": prefix} for verb in ("ListIdentifiers", "ListRecords") for prefix in ("oai_dc", "datacite", "dcat")),
)  # fmt: skip


def test_every_verb_and_error_follows_the_xml_schema_of_the_protocol(repository: TestClient) -> None:
    schema = protocol_schema()
    identifier = str(find(ask(repository, verb="ListIdentifiers", metadataPrefix="oai_dc"), "string(//o:identifier)"))
    records = [{"verb": "GetRecord", "identifier": identifier, "metadataPrefix": prefix} for prefix in ("oai_dc", "datacite", "dcat")]
    for arguments in (*VERBS, *records, {"verb": "ListMetadataFormats", "identifier": identifier}):
        root = ask(repository, **arguments)
        assert schema.validate(root), (arguments, schema.error_log)
        assert not find(root, "//o:error"), arguments
        token = str(find(root, "string(//o:resumptionToken)"))
        if token:
            assert schema.validate(ask(repository, verb=arguments["verb"], resumptionToken=token)), (arguments, schema.error_log)
    for code, arguments in ERRORS:
        root = ask(repository, **arguments)
        assert schema.validate(root), (arguments, schema.error_log)
        assert find(root, "string(//o:error/@code)") == code


def test_records_in_the_datacite_format_follow_the_xml_schema_of_datacite(repository: TestClient) -> None:
    schema = kernel_schema()
    for group in ("example-trust", "other-trust"):
        found = find(ask(repository, verb="ListRecords", metadataPrefix="datacite", set=group), "//d:resource")
        assert found
        for resource in found:
            alone = etree.fromstring(etree.tostring(resource))
            assert schema.validate(alone), schema.error_log


def test_every_wrong_request_is_answered_with_the_protocols_error(repository: TestClient) -> None:
    assert [(error(repository, **arguments), arguments) for _, arguments in ERRORS] == list(ERRORS)
    twice = checked(repository.get("/oai?verb=ListSets&verb=ListSets").content)
    assert find(twice, "string(//o:error/@code)") == "badVerb"
    assert find(checked(repository.get("/oai?verb=GetRecord&identifier=a&identifier=b&metadataPrefix=oai_dc").content), "string(//o:error/@code)") == "badArgument"


def test_a_token_of_another_verb_or_altered_is_refused(repository: TestClient) -> None:
    token = str(find(ask(repository, verb="ListIdentifiers", metadataPrefix="oai_dc"), "string(//o:resumptionToken)"))
    assert error(repository, verb="ListRecords", resumptionToken=token) == "badResumptionToken"
    assert error(repository, verb="ListIdentifiers", resumptionToken=token[:-2] + "zz") == "badResumptionToken"


def test_requests_by_form_are_answered_as_by_address(repository: TestClient) -> None:
    arguments = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "set": "other-trust"}
    posted = checked(repository.post("/oai", data=arguments).content)
    asked = ask(repository, **arguments)
    assert find(posted, "string(//o:header/o:identifier)") == find(asked, "string(//o:header/o:identifier)")
    assert dict(find(posted, "//o:request")[0].attrib) == arguments


def test_sickle_lists_everything_then_only_changes_and_deletions(tmp_path: Path, database_url: str | None) -> None:
    with listening(tmp_path / "data", database_url) as (services, address):
        add_custodian(services)
        with program(services, key_of(services)) as client:
            for number in range(5):
                put(client, f"d{number}", document(number))
            reader = Sickle(f"{address}/oai")
            listed = list(reader.ListRecords(metadataPrefix="oai_dc"))
            assert sorted(one.metadata["title"][0] for one in listed) == [f"Study of sleep number {number}" for number in range(5)]
            put(client, "d1", document(1, title="Changed"))
            client.delete("/api/v1/custodians/example-trust/datasets/d2")
        since = _second_of_the_last(services)
        changed = {one.header.identifier: one for one in reader.ListRecords(metadataPrefix="oai_dc", **{"from": since})}
        gone = [one for one in changed.values() if one.deleted]
        assert [one.header.identifier for one in gone] == [one.header.identifier for one in listed if one.metadata["title"][0].endswith("number 2")]
        assert "Changed" in [one.metadata["title"][0] for one in changed.values() if not one.deleted]
        assert reader.Identify().deletedRecord == "persistent"
        assert [one.setSpec for one in reader.ListSets()] == ["example-trust"]
        with pytest.raises(NoRecordsMatch):
            reader.ListIdentifiers(metadataPrefix="oai_dc", **{"from": "2990-01-01"})


def _second_of_the_last(services: Services) -> str:
    with services.store.reading() as session:
        return federated.changes(session, federated.Span(), after=None, limit=1000)[-1].changed_at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def other_database_url(database_url: str | None, request: pytest.FixtureRequest) -> Iterator[str | None]:
    """For a second gateway, of the same kind of database."""
    if database_url is None:
        yield None
        return
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    with server.database() as address:
        yield address


@pytest.mark.parametrize("prefix", ["oai_dc", "datacite"])
def test_our_own_harvester_reads_it_with_deletions(tmp_path: Path, prefix: str, database_url: str | None, other_database_url: str | None) -> None:
    with listening(tmp_path / "here", database_url) as (services, address):
        add_custodian(services)
        there = make_services(tmp_path / "there", other_database_url, worker=False)
        policy = Policy(allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[int(address.rpartition(":")[2])], min_interval_seconds=0)
        wanted = NewSource(
            name="Other", kind="oai-pmh", configuration={"base_url": f"{address}/oai", "metadata_prefix": prefix}, schedule="manual", policy=policy,
        )
        with program(services, key_of(services)) as client:
            for number in range(4):
                put(client, f"d{number}", document(number))
            slug = add_source(there.store, there.sealer, wanted, now=there.clock()).slug
            assert harvest(there, slug).counters == {"created": 4}
            client.delete("/api/v1/custodians/example-trust/datasets/d2")
        assert harvest(there, slug).counters["removed"] == 1
        with there.store.reading() as session:
            states = Counter(session.scalars(select(Record.state)))
        assert states == {"live": 3, "removed": 1}
        assert there.catalogue.search(Query(limit=1)).total == 3
        there.close()
