"""Linked data as other catalogues meet it: read by independent parsers, found from the page, paged to the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
import rdflib
from rdflib.namespace import DCAT, RDF
from starlette.testclient import TestClient

from gateway.app import create_app
from gateway.pages.linked_data import negotiated
from gateway.wiring import Services
from schemas.linked_data import read_dcat
from schemas.record import Dataset
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # raised inside rdflib
FORMS = {"ttl": ("text/turtle", "turtle"), "rdf": ("application/rdf+xml", "xml"), "jsonld": ("application/ld+json", "json-ld"), "nt": ("application/n-triples", "nt")}
HYDRA = rdflib.Namespace("http://www.w3.org/ns/hydra/core#")
COUNT = 230


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder: Path = tmp_path_factory.mktemp("linked")
    built = make_services(folder / "data", worker=False, public_url="https://gateway.example")
    write_documents(folder / "feed", [document(number) for number in range(COUNT)])
    harvest(built, add_files(built, folder / "feed", name="Feed"))
    yield built
    built.close()


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="https://gateway.example", follow_redirects=False) as started:
        yield started


@pytest.fixture(scope="module")
def path(client: TestClient) -> str:
    ref = client.get("/api/v1/datasets?limit=1").json()["items"][0]["ref"]
    return str(client.get(f"/datasets/{ref}").headers["location"])


@pytest.mark.parametrize("extension", FORMS)
def test_every_form_is_read_by_an_independent_parser_and_says_the_same(client: TestClient, path: str, extension: str) -> None:
    media, parser = FORMS[extension]
    answer = client.get(f"{path}.{extension}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media
    graph = rdflib.Graph().parse(data=answer.content, format=parser)
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(dataset).startswith("https://gateway.example/id/datasets/")
    turtle = rdflib.Graph().parse(data=client.get(f"{path}.ttl").content, format="turtle")
    assert len(graph) == len(turtle)
    again = client.get(f"{path}.{extension}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_our_own_output_gives_the_record_back(client: TestClient, path: str) -> None:
    (reading,) = read_dcat(client.get(f"{path}.ttl").content, "turtle")
    ref = path.rsplit("/", 1)[-1].split("-", maxsplit=1)[0]
    record = Dataset.from_json(client.get(f"/api/v1/datasets/{ref}").json()["record"])
    assert reading.record == record


def test_the_persistent_address_leads_to_the_form_asked_for(client: TestClient, path: str) -> None:
    ref = path.rsplit("/", 1)[-1].split("-", maxsplit=1)[0]
    for accept, extension in (("text/turtle", ".ttl"), ("application/ld+json", ".jsonld"), ("text/html", ""), ("*/*", ""), ("application/json", ".json")):
        answer = client.get(f"/id/datasets/{ref}", headers={"Accept": accept})
        assert (answer.status_code, answer.headers["location"]) == (303, path + extension)
        assert answer.headers["vary"] == "Accept"
    assert client.get("/id/datasets/nothing").status_code == 404


@pytest.mark.parametrize(
    ("accept", "extension"),
    [
        ("", ""), ("text/html,application/xhtml+xml,*/*;q=0.8", ""), ("application/rdf+xml;q=0.5, text/turtle;q=0.9", "ttl"), ("text/*", ""),
        ("application/n-triples", "nt"), ("image/png", ""), ("text/turtle;q=0", ""), ("text/turtle;q=nonsense, application/rdf+xml", "rdf"),
    ],
)
def test_negotiation_follows_the_weights(accept: str, extension: str) -> None:
    assert negotiated(accept) == extension


def test_the_page_holds_structured_data_and_signposts_that_answer(client: TestClient, path: str) -> None:
    answer = client.get(path)
    tree = html5lib.parse(answer.text, namespaceHTMLElements=False)
    (block,) = [json.loads(element.text or "") for element in tree.iter("script") if element.get("type") == "application/ld+json"]
    assert block["@type"] == "Dataset"
    assert block["url"] == f"https://gateway.example{path}"
    assert {"name", "description", "identifier", "keywords", "publisher", "includedInDataCatalog", "isAccessibleForFree"} - set(block) <= {"isAccessibleForFree"}
    links = [link.split(";", 1) for link in answer.headers["link"].split(", ")]
    relations = {part.split('rel="')[1].split('"')[0] for _, part in links}
    assert relations == {"cite-as", "type", "describedby"}
    for target, part in links:
        if 'rel="describedby"' in part:
            assert client.get(target.strip("<>")).status_code == 200


def test_the_catalogue_is_paged_to_its_end_without_loss(client: TestClient) -> None:
    following: str | None = "/catalogue.ttl"
    found: set[str] = set()
    pages = 0
    while following:
        graph = rdflib.Graph().parse(data=client.get(following).content, format="turtle")
        found |= {str(dataset) for dataset in graph.subjects(RDF.type, DCAT.Dataset)}
        assert str(graph.value(None, HYDRA.totalItems) or next(graph.objects(None, HYDRA.totalItems))) == str(COUNT)
        following = next((str(address) for address in graph.objects(None, HYDRA.next)), None)
        pages += 1
    assert (pages, len(found)) == (3, COUNT)
    assert client.get("/catalogue.ttl?page=4").status_code == 404


def test_a_custodian_has_a_catalogue_of_its_own(client: TestClient) -> None:
    graph = rdflib.Graph().parse(data=client.get("/custodians/example-trust/catalogue.nt").content, format="nt")
    assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == 100
    assert client.get("/custodians/nobody/catalogue.nt").status_code == 404


def test_an_unknown_profile_is_refused_and_an_unmet_one_is_said(client: TestClient, path: str) -> None:
    assert client.get(f"{path}.ttl?profile=none").status_code == 422
    unmet = client.get(f"{path}.ttl?profile=healthdcat-ap").headers["x-profile-not-met"]
    assert "dcatap:applicableLegislation" in unmet


def test_every_own_term_is_explained_at_its_address(client: TestClient, path: str) -> None:
    text = client.get(f"{path}.nt").text
    used = {piece.split(">")[0] for piece in text.split("<https://gateway.example/vocabulary#")[1:]}
    page = client.get("/vocabulary").text
    described = rdflib.Graph().parse(data=client.get("/vocabulary.ttl").content, format="turtle")
    named = {str(subject).rsplit("#", 1)[-1] for subject in described.subjects()}
    assert used - named == set()
    assert used
    assert [term for term in used if f'id="{term}"' not in page] == []
