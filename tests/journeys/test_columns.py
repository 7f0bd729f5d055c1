"""Columns through the front door: the page in both its views, the API, the twins, every value of a facet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from gateway.api.shapes.search import ColumnPage
from gateway.app import create_app
from gateway.pages import shared_columns
from gateway.wiring import Services
from tests.journeys.gateways import add_files, document, harvest, make_services, write_documents

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def column(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "dataType": "varchar(20)", "description": f"What {name} holds", "sensitive": False, "values": None, **more}


def with_tables(number: int, *columns: dict[str, Any], **summary: Any) -> dict[str, Any]:
    tables = [{"name": "answers", "description": "One row a person", "columns": list(columns)}]
    return document(number, **summary) | {"structuralMetadata": {"tables": tables}}


def coded(made: dict[str, Any], *vocabularies: str) -> dict[str, Any]:
    accessibility = made["accessibility"]
    formats = {**accessibility.get("formatAndStandards", {}), "vocabularyEncodingScheme": list(vocabularies)}
    return {**made, "accessibility": {**accessibility, "formatAndStandards": formats}}


def covering(made: dict[str, Any], start: str, end: str) -> dict[str, Any]:
    return {**made, "provenance": {"temporal": {"startDate": start, "endDate": end, "timeLag": "Less 1 week"}}}


DOCUMENTS = [
    with_tables(1, column("smokingStatus", description="Current, former or never"), column("age", dataType="int"), title="Lifestyle survey"),
    with_tables(2, column("SMOKING_STATUS"), column("smoking_since", dataType="int"), column("postcode", sensitive=True), title="Hospital visits"),
    with_tables(3, *(column(f"item_{number}", dataType=f"type{number}") for number in range(240)), title="Long questionnaire"),
    covering(document(4, title="Register without columns"), "2001-01-01", "2012-12-31"),
    covering(
        coded(with_tables(5, column("diagnosis", description="ICD-10 code of the stay"), column("ward"), title="Coded stays"), "ICD10", "SNOMED CT", "OTHER"),
        "2008-04-01", "CONTINUOUS",
    ),
    with_tables(6, column("\u2014", description="Something nameless"), title="Signs for names"),
]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("columns")
    built = make_services(folder / "data", worker=False)
    write_documents(folder / "feed", DOCUMENTS)
    harvest(built, add_files(built, folder / "feed", name="Feed"))
    yield built
    built.close()


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1") as started:
        yield started


def page(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_page_lists_columns_with_their_dataset_and_where_else_they_are(client: TestClient) -> None:
    text = page(client, "/columns?q=smoking+status")
    assert "3 columns" in text
    assert text.index("SMOKING_STATUS") < text.index("smoking_since")
    assert "Lifestyle survey" in text
    assert text.count("in 1 other dataset<") == 2
    assert "only here" in text
    elsewhere = page(client, "/columns?name=smokingStatus")
    assert "2 columns" in elsewhere
    assert "smoking_since" not in elsewhere


def test_one_search_for_columns_has_one_address(client: TestClient) -> None:
    answer = client.get("/columns?per=25&type=int&q=smoking&unknown=1&page=1", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, "/columns?q=smoking&type=int")
    assert "1 column" in page(client, "/columns?q=smoking&type=int")
    assert "We do not know" in page(client, "/columns?q=smoking&view=tree")


def test_the_matrix_says_which_dataset_has_what(client: TestClient) -> None:
    text = page(client, "/columns?q=smoking+status%2C+age%2C+smoking+postcode&view=matrix")
    rows = {re.sub("<.*?>", "", row[0]).strip(): re.findall(r">(has|partly|no)<", row[1]) for row in re.findall(r'<th scope="row".*?>(.*?)</th>(.*?)</tr>', text, re.DOTALL)}
    assert rows == {"Lifestyle survey": ["has", "has", "partly"], "Hospital visits": ["has", "no", "partly"]}
    assert "Type what the columns should hold" in page(client, "/columns?view=matrix")


def test_a_dataset_found_says_which_columns_matched_and_leads_to_them(client: TestClient) -> None:
    text = page(client, "/search?q=smoking+status")
    linked = re.findall(r'<a href="(/columns\?[^"]+)"><strong>(\d+) columns?</strong>', text)
    assert len(linked) == 2
    for address, count in linked:
        assert f"{count} column" in page(client, address.replace("&amp;", "&"))
    items = client.get("/api/v1/search?q=smoking+status").json()["items"]
    assert sorted((item["title"], item["matched_columns"]) for item in items) == [("Hospital visits", 2), ("Lifestyle survey", 1)]


def test_the_columns_named_on_a_card_are_links_to_their_rows(client: TestClient) -> None:
    text = page(client, "/search?q=smoking+status")
    linked = re.findall(r'<a href="(/datasets/[^"]+)"><code>', text)
    assert len(linked) == 3
    for href in linked:
        address, _, anchor = href.replace("&amp;", "&").partition("#")
        assert f'<tr class="govuk-table__row" id="{anchor}">' in page(client, address)


def test_the_matrix_knows_the_basket(client: TestClient) -> None:
    path, ref = "/columns?q=smoking&view=matrix", _ref(client, "Hospital visits")
    assert page(client, path).count("Add to basket") == 2
    client.post("/basket/add", data={"ref": ref, "next": path}, headers={"Origin": "http://127.0.0.1"})
    text = page(client, path)
    assert (text.count("Add to basket"), text.count("Remove from basket")) == (1, 1)
    client.cookies.clear()


def test_one_click_searches_for_exactly_what_was_typed_and_one_goes_back(client: TestClient) -> None:
    for path, href in (("/search?q=nation%3Awales+surveyy", "/search"), ("/columns?q=age+smokingg", "/columns")):
        typed = path.partition("?q=")[2]
        text = page(client, path)
        assert f'href="{href}?q={typed}&amp;exact=1">Search for exactly what I typed' in text
        exact = page(client, f"{path}&exact=1")
        assert "These results are for" not in exact
        assert f'href="{href}?q={typed}">Search with other words' in exact
        assert '<input type="hidden" name="exact" value="1">' in exact, "a filter keeps it"
    text = page(client, "/search?q=heart+attack")
    assert "Also searched for: " in text
    assert "/search?q=heart+attack&amp;exact=1" in text


def test_names_beyond_what_is_asked_at_once_are_looked_up_too(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_columns, "NAMES_AT_ONCE", 3)
    names = [f"item_{number}" for number in range(10)]
    assert shared_columns.datasets_by_name(services.catalogue, [*names, "smoking status", ""]) == {**dict.fromkeys((f"item {n}" for n in range(10)), 1), "smoking status": 2}


def test_a_column_without_a_name_is_not_said_to_be_only_here(client: TestClient) -> None:
    text = page(client, "/columns?q=nameless")
    assert "1 column" in text
    assert "only here" not in text


def test_the_api_pages_through_columns_as_described(client: TestClient) -> None:
    address, names = "/api/v1/columns?q=item&limit=100", []
    while address:
        answer = client.get(address)
        ColumnPage.model_validate(answer.json())
        names += [item["name"] for item in answer.json()["items"]]
        address = answer.json()["next"]
    assert len(set(names)) == len(names) == 240
    counted = client.get("/api/v1/columns?q=smoking&type=int").json()
    assert counted["total"] == 1
    assert {facet["name"] for facet in counted["facets"]} == {"type", "vocab", "custodian", "sensitive"}


def test_twins_hold_every_column(client: TestClient) -> None:
    answer = client.get("/columns.csv?q=item")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 240
    assert rows[0]["dataset_title"] == "Long questionnaire"
    assert client.get("/columns.json?q=item").json()["total"] == 240


def test_every_value_of_a_facet_can_be_reached_and_found(client: TestClient) -> None:
    text = page(client, "/columns?q=item")
    more = re.search(r'href="(/columns/values/type\?q=item)">Show 232 more', text)
    assert more
    every = page(client, more[1])
    assert "240 values" in every
    assert "type1<" in every
    second = page(client, "/columns/values/type?q=item&values_page=2")
    assert second.count("/columns?q=item&amp;type=") == 40
    found = page(client, "/columns/values/type?q=item&find=TYPE23")
    assert "11 values" in found
    assert client.get("/columns/values/nonsense").status_code == 404
    assert client.get("/search/values/nonsense").status_code == 404
    datasets = page(client, "/search/values/custodian?q=survey&custodian=Example+Trust")
    assert "Remove" in datasets


def test_the_feed_holds_the_datasets_whose_columns_are_found_and_no_others(client: TestClient) -> None:
    answer = client.get("/columns.atom?q=smoking")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)
    assert {entry.findtext("a:title", "", ATOM) for entry in feed.findall("a:entry", ATOM)} == {"Lifestyle survey", "Hospital visits"}
    assert all(entry.findtext("a:summary", "", ATOM).startswith("Added to the catalogue.") for entry in feed.findall("a:entry", ATOM))
    assert {link.get("href") for link in feed.findall("a:link", ATOM)} == {"http://127.0.0.1:8000/columns?q=smoking", "http://127.0.0.1:8000/columns.atom?q=smoking"}
    assert not ET.fromstring(client.get("/columns.atom?q=zebrafish").content).findall("a:entry", ATOM)
    assert '<a href="/columns.atom?q=smoking">' in client.get("/columns?q=smoking").text


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("/columns?vocab=SNOMED+CT&vocab=ICD10", "/columns?vocab=ICD10&vocab=SNOMED+CT"), ("/columns?page=1&q=age&unknown=1", "/columns?q=age"),
        ("/search?nation=Wales&nation=England&q=sleep", "/search?q=sleep&nation=England&nation=Wales"),
    ],
)
def test_one_search_has_one_address_which_the_page_offers_to_keep(client: TestClient, asked: str, kept: str) -> None:
    answer = client.get(asked, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (301, kept)
    shown = client.get(kept, follow_redirects=False)
    assert shown.status_code == 200
    assert f'id="this-search" class="app-break" href="{kept.replace("&", "&amp;")}"' in shown.text


def test_a_dataset_without_a_column_list_leads_to_a_question_for_it(client: TestClient) -> None:
    ref = client.get("/api/v1/search?q=Register+without+columns").json()["items"][0]["ref"]
    assert f'href="/questions/new?kind=columns&amp;d={ref}">Ask for its column list</a>' in client.get(f"/datasets/{ref}/columns").text
    assert "Could you publish the tables and columns of this dataset?" in client.get(f"/questions/new?kind=columns&d={ref}").text


def test_where_nothing_is_found_other_words_tried_are_named(client: TestClient) -> None:
    text = page(client, "/columns?q=heart+attack")
    assert "No column holds “heart attack”" in text
    assert re.search(r"Also tried, without a result: [^.]*myocardial infarction", text)
    assert text.count("myocardial infarction") == 1
    assert '<a href="/search?q=heart+attack">Look for “heart attack” in datasets</a>' in text
    assert "Ask for data that is not listed" in text


def test_a_search_without_a_result_shows_the_nearest_columns_and_what_each_filter_takes(client: TestClient) -> None:
    text = page(client, "/search?q=smoking&network=None+such&from=2090")
    assert re.findall(r"(\w+) without “", text) == ["none", "none"]
    assert re.findall(r"<li><a href=\"[^\"]+\"><code>(.*?)</code></a> in ([^<]+)</li>", text)
    shown = re.findall(r"</code></a> in ([^<]+)</li>", text)
    assert 0 < len(shown) <= 5
    assert set(shown) <= {"Lifestyle survey", "Hospital visits"}
    assert "/columns?q=smoking" in text
    assert text.count("Ask for data that is not listed") == 1
    assert "2 datasets without “From 2090”" in page(client, "/search?q=smoking&from=2090")
    assert "No column holds it either." in page(client, "/search?q=zebrafish")
    assert page(client, "/search?q=smoking").count("Ask for data that is not listed") == 1


def test_a_datasets_columns_say_in_how_many_others_they_are(client: TestClient) -> None:
    (ref,) = {item["dataset"] for item in client.get("/api/v1/columns?q=postcode").json()["items"]}
    text = page(client, f"/datasets/{ref}/columns")
    assert text.count("in 1 other dataset<") == 1
    assert "/columns?name=SMOKING_STATUS" in text


def test_A4_the_columns_of_a_dataset_are_narrowed_and_each_has_an_address(client: TestClient) -> None:
    ref = _ref(client, "Hospital visits")
    path = client.get(f"/datasets/{ref}/columns").url.path
    text = page(client, path)
    assert re.findall(r'<tr class="govuk-table__row" id="([^"]+)">', text) == ["answers.SMOKING_STATUS", "answers.smoking_since", "answers.postcode"]
    assert '<a href="#answers.postcode">' in text
    for query, found in (
        ("?type=int", ["answers.smoking_since"]), ("?sensitive=Yes", ["answers.postcode"]), ("?sensitive=Not+reported", []), ("?table=answers&q=since", ["answers.smoking_since"]),
        ("?q=smoking&type=varchar", ["answers.SMOKING_STATUS"]), ("?table=none", []),
    ):  # fmt: skip
        narrowed = page(client, path + query)
        assert re.findall(r'<tr class="govuk-table__row" id="([^"]+)">', narrowed) == found, query
    assert '<option value="int" selected>' in page(client, f"{path}?type=int")
    assert "We could not read the page" in page(client, f"{path}?page=soon")
    moved = client.get(f"{path}?type=int&table=&page=1&x=1", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (301, f"{path}?type=int")
    listed = page(client, "/columns?q=postcode")
    assert f'<a href="{path}?table=answers&amp;q=postcode#answers.postcode">' in listed


def test_A4_columns_are_narrowed_to_those_that_name_a_vocabulary_of_the_dataset(client: TestClient) -> None:
    text = page(client, f"/datasets/{_ref(client, 'Coded stays')}/columns")
    assert re.findall(r'<option value="([^"]+)"[^>]*>', text.split('id="column-vocab"')[1].split("</select>")[0]) == ["ICD10"]
    narrowed = page(client, f"/datasets/{_ref(client, 'Coded stays')}/columns?vocab=ICD10")
    assert re.findall(r'<tr class="govuk-table__row" id="([^"]+)">', narrowed) == ["answers.diagnosis"]


def test_A4_all_columns_are_shown_on_one_page_and_in_the_dictionary(client: TestClient) -> None:
    path = client.get(f"/datasets/{_ref(client, 'Long questionnaire')}/columns").url.path
    first = page(client, path)
    assert first.count('<tr class="govuk-table__row"') == 200
    assert f'<a href="{path}?page=all">Show all 240 columns on one page</a>' in first
    assert page(client, f"{path}?page=2").count('<tr class="govuk-table__row"') == 40
    assert page(client, f"{path}?page=all").count('<tr class="govuk-table__row"') == 240
    assert "past the last column" in page(client, f"{path}?page=3")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{path}.csv").text)))
    assert (len(rows), rows[0]["name"], rows[0]["type"]) == (240, "item_0", "type0")
    listed = client.get(f"{path}.json").json()
    assert (listed["total"], listed["columns"][239]["table"]) == (240, "answers")


def test_A5_datasets_of_columns_are_compared_from_list_and_matrix(client: TestClient) -> None:
    first, second = _ref(client, "Lifestyle survey"), _ref(client, "Hospital visits")
    for path in ("/columns?q=smoking", "/columns?q=smoking&view=matrix"):
        text = page(client, path)
        assert '<form id="compare" action="/compare" method="get"' in text
        assert sorted(re.findall(r'name="d" value="([^"]+)" form="compare"', text)) == sorted([first, second])
    assert f'name="d" value="{first}" form="compare"' in page(client, "/search?q=lifestyle")
    text = page(client, f"/compare?d={first}&d={second}")
    assert f'<a href="/columns?name=smokingStatus&amp;dataset={first}&amp;dataset={second}">' in text
    assert "1 column in all of them" in text


def test_A5_datasets_of_columns_go_into_the_basket_and_into_a_search(services: Services) -> None:
    with TestClient(create_app(services=services), base_url="http://127.0.0.1", headers={"Origin": "http://127.0.0.1"}) as client:
        ref = _ref(client, "Lifestyle survey")
        for path in ("/columns?q=smoking", "/columns?q=smoking&view=matrix"):
            client.cookies.clear()
            form = re.search(rf'<form method="post" action="(/basket/add)">\s*<input type="hidden" name="ref" value="{ref}">\s*<input type="hidden" name="next" value="([^"]+)">', page(client, path))
            assert form
            back = client.post(form[1], data={"ref": ref, "next": form[2].replace("&amp;", "&")})
            assert str(back.url).endswith(path)
            assert back.text.count("Remove from basket") == 1
        client.cookies.clear()
        _assert_searches(client)


def _assert_searches(client: TestClient) -> None:
    for asked, wanted in (("q=smoking+status", {"Lifestyle survey", "Hospital visits"}), ("name=SMOKING_STATUS", {"Lifestyle survey", "Hospital visits"}), ("q=ward", {"Coded stays"})):
        link = re.search(r'<a href="([^"]+)">Search these datasets</a>', page(client, f"/columns?{asked}&vocab=ICD10" if asked == "q=ward" else f"/columns?{asked}"))
        assert link
        found = client.get(link[1].replace("&amp;", "&").replace("/search?", "/api/v1/search?")).json()["items"]
        assert {item["title"] for item in found} == wanted


def test_A5_the_matrix_has_as_many_pages_as_it_needs(tmp_path: Path) -> None:
    built = make_services(tmp_path / "data", worker=False)
    write_documents(tmp_path / "feed", [with_tables(number, column("shoe_size"), title=f"Survey {number}") for number in range(1, 54)])
    harvest(built, add_files(built, tmp_path / "feed", name="Feed"))
    with TestClient(create_app(services=built), base_url="http://127.0.0.1") as client:
        pages = [page(client, f"/columns?q=shoe&view=matrix{more}") for more in ("", "&page=2")]
        titles = [re.findall(r">(Survey \d+)</a></th>", text) for text in pages]
        assert [len(one) for one in titles] == [50, 3]
        assert len({*titles[0], *titles[1]}) == 53
        assert 'href="/columns?q=shoe&amp;view=matrix&amp;page=2" rel="next"' in pages[0]
        assert "past the last dataset" in page(client, "/columns?q=shoe&view=matrix&page=3")
    built.close()


def test_A10_a_timeline_shows_the_years_that_all_cover(client: TestClient) -> None:
    refs = "&".join(f"d={_ref(client, title)}" for title in ("Register without columns", "Coded stays"))
    text = page(client, f"/compare?{refs}")
    assert '<svg viewBox="0 0 320 106" class="app-drawing" role="img" aria-label="Both cover 2008 to 2012">' in text
    assert re.findall(r"<td[^>]*>(\d{4}|Continuing)</td>", text) == ["2001", "2012", "2008", "Continuing"]


def test_A10_differences_come_first_and_what_is_gone_says_so(client: TestClient) -> None:
    first, second = _ref(client, "Lifestyle survey"), _ref(client, "Hospital visits")
    text = page(client, f"/compare?d={first}&d={second}")
    assert re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', text) == ["People", "Columns", "Basket"]
    whole = page(client, f"/compare?d={first}&d={second}&diff=0")
    assert ">Lead time</th>" in whole
    assert client.get(f"/compare?diff=1&d={first}&d=", follow_redirects=False).headers["location"] == f"/compare?d={first}"
    alone = page(client, f"/compare?d={first}&d=nobody")
    assert "No dataset is known under this identifier." in alone
    assert "Only one dataset is chosen" in page(client, f"/compare?d={first}")
    assert "No dataset is chosen" in page(client, "/compare")
    many = page(client, "/compare?" + "&".join(f"d=abc{number}" for number in range(7)))
    assert "2 datasets beyond them are left out" in many
    rows = list(csv.reader(io.StringIO(client.get(f"/compare.csv?d={first}&d={second}").text)))
    assert rows[0] == ["", "Lifestyle survey", "Hospital visits"]
    assert ["Columns", "2", "3"] in rows


def _ref(client: TestClient, title: str) -> str:
    return str(client.get("/api/v1/search", params={"q": title}).json()["items"][0]["ref"])


def test_columns_go_with_a_dataset_that_is_withdrawn(tmp_path: Path, database_url: str | None) -> None:
    built = make_services(tmp_path / "data", database_url, worker=False)
    write_documents(tmp_path / "feed", DOCUMENTS[:2])
    slug = add_files(built, tmp_path / "feed", name="Feed")
    harvest(built, slug)
    with TestClient(create_app(services=built), base_url="http://127.0.0.1") as client:
        assert client.get("/api/v1/columns").json()["total"] == 5
        write_documents(tmp_path / "feed", [with_tables(1, column("alcohol"), title="Lifestyle survey", abstract="Asked again.")])
        harvest(built, slug)
        assert {item["name"] for item in client.get("/api/v1/columns").json()["items"]} == {"alcohol", "SMOKING_STATUS", "smoking_since", "postcode"}
    built.close()
