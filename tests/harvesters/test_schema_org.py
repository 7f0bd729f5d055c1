"""Descriptions in web pages, found by sitemaps, over real HTTP (3.6)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from harvesters.lastmod import is_trusted
from harvesters.parsing import parse
from harvesters.registry import WrongConfiguration, configure
from harvesters.robots import robots_for
from harvesters.singly import ReadsAgain, SingleRecords
from harvesters.source import FetchDeferred, Source, SourceError
from tests.corpus import corpus
from tests.harvesters.holding import Holding, kinds
from tests.harvesters.site_server import NOW, Custodian, Site, WebPage, described, serving_site
from tests.harvesters.web_server import Answer

D = "https://data.example.org/d/"


@pytest.fixture
def custodian() -> Iterator[Custodian]:
    with serving_site(Site.of(3)) as custodian:
        yield custodian


def test_pages_of_a_sitemap_become_records(custodian: Custodian) -> None:
    met, marks = Holding().run(custodian.source())
    assert kinds(met) == {f"{D}{number}": "accepted" for number in range(3)}
    record = met[0].record
    assert record is not None
    assert (record.summary.title, record.summary.data_custodian.name, record.summary.keywords) == ("Hearing study 0", "Example Trust", ["hearing", "volunteers"])
    assert (marks[-1].complete, marks[-1].why_incomplete) == (True, None)
    assert custodian.asked() == ["/robots.txt", "/sitemap.xml", "/d/0", "/d/1", "/d/2"]


def test_b1_unchanged_costs_the_sitemap_alone(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.asked()
    met, marks = holding.run(custodian.source(holding))
    assert (met, custodian.asked()) == ([], ["/sitemap.xml"])
    assert all(mark.unchanged for mark in marks)
    assert marks[-1].complete


def test_a_later_date_lets_one_page_be_read_again(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.asked()
    custodian.site.pages["/d/1"] = WebPage(described(1, name="Renamed"), "2024-06-01")
    met, _ = holding.run(custodian.source(holding))
    assert custodian.asked() == ["/sitemap.xml", "/d/1"]
    assert kinds(met) == {f"{D}1": "accepted"}


@pytest.mark.parametrize("lastmod", [None, "2024-05-01", "nonsense"])
def test_dates_that_mean_nothing_are_not_believed(custodian: Custodian, lastmod: str | None) -> None:
    for page in custodian.site.pages.values():
        page.lastmod = lastmod
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.asked()
    custodian.site.pages["/d/1"] = WebPage(described(1, name="Renamed"), lastmod)
    met, _ = holding.run(custodian.source(holding))
    assert len(custodian.asked()) == 4
    assert custodian.fetcher.statistics.not_modified == 2
    assert kinds(met) == {f"{D}1": "accepted"}


def test_dates_of_a_site_that_says_now_for_everything_are_not_believed() -> None:
    just_now = [(NOW - timedelta(minutes=minute)).isoformat() for minute in range(4)]
    assert not is_trusted(just_now, now=NOW)
    assert is_trusted(["2024-05-01", "2024-05-02T10:00:00Z", "2024-03"], now=NOW)
    assert is_trusted(["2024-05-01"], now=NOW)


def test_robots_txt_is_kept_for_us_and_asked_once_a_day(custodian: Custodian) -> None:
    custodian.site.robots = "User-agent: *\nDisallow: /\n\nUser-agent: test\nDisallow: /d/1\nCrawl-delay: 7\nSitemap: HOST/other.xml"
    whole = custodian.site.sitemap(custodian.server.url)
    custodian.site.overrides["/other.xml"] = Answer(whole.encode(), headers={"Content-Type": "application/xml"})
    holding = Holding()
    met, marks = holding.run(custodian.source(holding))
    assert kinds(met) == {f"{D}0": "accepted", f"{D}2": "accepted"}
    assert marks[-1].warnings == ("disallowed",)
    assert custodian.asked() == ["/robots.txt", "/other.xml", "/d/0", "/d/2"]
    assert custodian.fetcher.statistics.waited_seconds > 18
    holding.run(custodian.source(holding))
    assert custodian.asked() == ["/other.xml"]


def test_a_failing_robots_txt_stops_the_crawl_and_a_missing_one_does_not(custodian: Custodian) -> None:
    custodian.site.robots = None
    assert len(Holding().run(custodian.source())[0]) == 3
    custodian.site.overrides["/robots.txt"] = Answer(status=503)
    with pytest.raises(FetchDeferred):
        Holding().run(custodian.source())


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /private", "/private/x", False), ("Disallow: /private", "/public", True), ("Disallow:", "/x", True),
        ("Disallow: /\nAllow: /d/", "/d/1", True), ("Disallow: /*.pdf$", "/a/b.pdf", False), ("Disallow: /*.pdf$", "/a/b.pdf?x", True),
        ("Disallow: /a*b*c", "/a--b--c--", False), ("Disallow: /a%20b", "/a b", False), ("Allow: /d\nDisallow: /d", "/d", True),
        ("Disallow: /" + "*a" * 500 + "$", "/" + "a" * 5000 + "b", True),
    ],
)  # fmt: skip
def test_rules_of_robots_txt(rules: str, path: str, allowed: bool) -> None:
    lines = [("user-agent", "*"), *(tuple(line.lower().split(":", 1)) for line in rules.split("\n"))]
    robots = robots_for([(name, value.strip()) for name, value in lines], "gateway")
    assert robots.allows(f"https://example.org{path}") == allowed


def test_an_index_gzip_and_plain_lists_are_read(custodian: Custodian) -> None:
    url = custodian.server.url
    index = f"<sitemapindex><sitemap><loc>{url}/a.xml.gz</loc></sitemap><sitemap><loc>{url}/b.txt</loc></sitemap></sitemapindex>"
    inner = f"<urlset><url><loc>{url}/d/0</loc></url></urlset>"
    custodian.site.overrides = {
        "/sitemap.xml": Answer(index.encode()), "/a.xml.gz": Answer(gzip.compress(inner.encode())),
        "/b.txt": Answer(f"\ufeff{url}/d/1\r\n{url}/d/2\r\nhttp://169.254.169.254/x\r\n".encode()),
    }
    met, marks = Holding().run(custodian.source())
    assert len(met) == 3
    assert (marks[-1].complete, marks[-1].warnings) == (True, ("address-refused",))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(b"<!doctype html><html></html>"), "html-instead-of-data"), (Answer(b"<urlset><url>"), "bad-xml"), (Answer(b""), "empty-answer"),
        (Answer(b"<rss><channel/></rss>"), "not-a-list"), (Answer(b"hello"), "not-a-list"), (Answer(status=404), "not-found"),
        (Answer(b'<!DOCTYPE x [<!ENTITY a "b">]><urlset/>'), "dtd-forbidden"), (Answer(gzip.compress(b"x")[:-4]), "truncated"),
        (Answer(gzip.compress(b"<urlset>" + b" " * 80_000_000)), "too-large"), (Answer(b"\x1f\x8bnonsense"), "compression"),
    ],
)  # fmt: skip
def test_a_sitemap_that_cannot_be_read_fails_the_run_with_its_reason(custodian: Custodian, answer: Answer, reason: str) -> None:
    custodian.site.overrides["/sitemap.xml"] = answer
    with pytest.raises(SourceError) as failure:
        Holding().run(custodian.source())
    assert failure.value.reason == reason


def test_one_of_several_sitemaps_that_fails_leaves_the_others_and_an_incomplete_pass(custodian: Custodian) -> None:
    url = custodian.server.url
    index = f"<sitemapindex><sitemap><loc>{url}/gone.xml</loc></sitemap><sitemap><loc>{url}/b.txt</loc></sitemap></sitemapindex>"
    custodian.site.overrides = {"/sitemap.xml": Answer(index.encode()), "/b.txt": Answer(f"{url}/d/1".encode())}
    met, marks = Holding().run(custodian.source())
    assert (len(met), marks[-1].complete, marks[-1].why_incomplete) == (1, False, "not-found")


def test_include_and_exclude_choose_pages(custodian: Custodian) -> None:
    met, _ = Holding().run(custodian.source(include="*/d/0 */d/1", exclude=["*/d/1"]))
    assert set(kinds(met)) == {f"{D}0"}


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("<!-- {} -->", "accepted"), ("//<![CDATA[\n{}\n//]]>", "accepted"), ("\ufeff{}", "accepted"), ("ENTITIES", "accepted"),
        ("{},", "rejected"), ("", "rejected"), ('{{"@type": "Dataset", "name": ,}}', "rejected"),
    ],
)
def test_a_script_is_read_as_pages_write_it_and_else_refused_with_its_place(custodian: Custodian, script: str, kind: str) -> None:
    text = json.dumps(described(0))
    inner = text.replace('"', "&quot;") if script == "ENTITIES" else script.format(text)
    custodian.site.pages = {"/d/0": WebPage(None, "2024-05-01", body=f'<html><body>\n<script type="application/ld+json; charset=utf-8">{inner}</script></body></html>')}
    met, marks = Holding().run(custodian.source())
    assert [outcome.kind for outcome in met] == [kind]
    if kind == "rejected":
        assert met[0].reason in ("bad-json", "empty-answer")
        assert "/d/0: Script 1 (from line 2)" in (met[0].detail or "")
    assert marks[-1].complete


def test_common_faults_of_json_are_told_in_words(custodian: Custodian) -> None:
    for path, script in (("/d/0", '{"@type": "Dataset", "name": , "x": 1}'), ("/d/1", '{"@type": "Dataset", "name": "x",}')):
        custodian.site.pages[path].body = f'<html><script type="application/ld+json">{script}</script></html>'
    met, _ = Holding().run(custodian.source())
    details = " ".join(outcome.detail or "" for outcome in met)
    assert "a name is followed by no value" in details
    assert "there is a comma before a closing bracket" in details


def test_microdata_graphs_and_catalogues_are_read(custodian: Custodian) -> None:
    microdata = """<html><body><div itemscope itemtype="http://schema.org/Dataset" itemid="https://data.example.org/d/m">
        <h1 itemprop="name">In microdata</h1><p itemprop="description">Words.</p>
        <span itemprop="publisher" itemscope itemtype="http://schema.org/Organization"><b itemprop="name">Example Trust</b></span></div></body></html>"""
    graph = {"@context": "http://schema.org", "@graph": [
        {"@type": "Organization", "@id": "#trust", "name": "Example Trust"}, {"@type": ["Dataset", "Thing"], "@id": f"{D}g", "name": "In a graph", "publisher": {"@id": "#trust"}},
        {"@type": "DataCatalog", "dataset": [described("c1"), described("c2"), {"@type": "Dataset", "@id": f"{D}only-named"}]},
    ]}  # fmt: skip
    mentioned = described("own", isPartOf=described("mentioned"), isBasedOn={"@type": "Dataset", "@id": f"{D}other", "name": "Other"})
    custodian.site.pages = {
        "/m": WebPage(None, "2024-05-01", body=microdata), "/g": WebPage(graph, "2024-05-02"), "/o": WebPage(mentioned, "2024-05-03"),
    }
    met, _ = Holding().run(custodian.source())
    assert kinds(met) == {f"{D}{name}": "accepted" for name in ("m", "g", "c1", "c2", "own")}
    by_id = {outcome.local_id: outcome.record for outcome in met}
    graphed, in_microdata = by_id[f"{D}g"], by_id[f"{D}m"]
    assert graphed is not None
    assert in_microdata is not None
    assert graphed.summary.data_custodian.name == in_microdata.summary.data_custodian.name == "Example Trust"


@pytest.mark.parametrize(
    ("dataset", "head", "identity"),
    [
        ({"@id": "#it"}, "", "URL/d/0#it"), ({"@id": None}, '<link rel="canonical" href="/lasting">', "URL/lasting"),
        ({"@id": None, "url": "https://data.example.org/u"}, "", "https://data.example.org/u"),
        ({"@id": None, "identifier": {"@type": "PropertyValue", "propertyID": "local", "value": "7"}}, "", "local:7"),
        ({"@id": None}, "", "URL/d/0"),
    ],
)  # fmt: skip
def test_what_a_dataset_is_known_by(custodian: Custodian, dataset: dict[str, object], head: str, identity: str) -> None:
    custodian.site.pages = {"/d/0": WebPage(described(0, **dataset), "2024-05-01", head=head)}
    met, _ = Holding().run(custodian.source())
    assert [(outcome.local_id, outcome.kind) for outcome in met] == [(identity.replace("URL", custodian.server.url), "accepted")]


def test_three_passes_without_a_dataset_count_as_absence(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.site.pages["/d/1"] = WebPage(None, "2024-06-01")
    seen = []
    for _ in range(3):
        met, marks = holding.run(custodian.source(holding))
        seen.append((f"{D}1" in {local_id for mark in marks for local_id in mark.local_ids}, [outcome.reason for outcome in met]))
        assert marks[-1].complete
    assert seen == [(True, ["no-dataset"]), (True, ["no-dataset"]), (False, [])]


def test_s2_a_listed_page_that_is_gone_was_seen(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.site.pages["/d/1"].lastmod = "2024-07-01"
    custodian.site.overrides["/d/1"] = Answer(status=410)
    met, marks = holding.run(custodian.source(holding))
    assert [(outcome.local_id, outcome.reason) for outcome in met] == [(f"{D}1", "detail-missing")]
    assert marks[-1].complete
    assert f"{D}1" in {local_id for mark in marks for local_id in mark.local_ids}


def test_s1_a_page_that_fails_leaves_the_pass_incomplete_and_a_failing_server_ends_it(custodian: Custodian) -> None:
    custodian.site.overrides["/d/1"] = Answer(status=500)
    _, marks = Holding().run(custodian.source())
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "server-error")
    custodian.site.pages = Site.of(20).pages
    custodian.site.overrides = {f"/d/{number}": Answer(status=500) for number in range(20)}
    with pytest.raises(FetchDeferred):
        Holding().run(custodian.source())


def test_a_page_that_needs_scripts_is_told_so_and_other_pages_say_nothing(custodian: Custodian) -> None:
    shell = '<html><body><div id="app"></div><script src="/app.js"></script></body></html>'
    custodian.site.pages = {"/": WebPage(None, "2024-05-01", body=shell), "/about": WebPage(None, "2024-05-02")}
    custodian.site.pages["/paper.pdf"] = WebPage(None, "2024-05-03")
    custodian.site.overrides["/paper.pdf"] = Answer(b"%PDF-1.7 ...", headers={"Content-Type": "application/pdf"})
    met, marks = Holding().run(custodian.source())
    assert [(outcome.kind, outcome.reason) for outcome in met] == [("rejected", "no-dataset")]
    assert "scripts" in (met[0].detail or "")
    assert marks[-1].complete


def test_a_run_goes_on_after_the_page_it_had_reached(custodian: Custodian) -> None:
    holding = Holding()
    items = list(custodian.source().records())
    second = [item for item in items if hasattr(item, "page_key") and item.page_key.startswith("page:")][1]
    custodian.asked()
    rest = list(custodian.source(holding).records(second.cursor))
    assert custodian.asked() == ["/robots.txt", "/sitemap.xml", "/d/2"]
    assert rest[-1].complete


@pytest.mark.parametrize("configuration", [{"url": "example.org"}, {"url": "https://u:p@example.org/"}, {}, {"url": "https://example.org/", "secret": "x"}])
def test_a_configuration_that_cannot_work_is_refused(configuration: dict[str, str]) -> None:
    with pytest.raises(WrongConfiguration):
        configure("schema-org", configuration)


def test_a2_real_landing_pages_are_read() -> None:
    """What each recorded page becomes: its identity and what was said of it."""
    folder = corpus("schemaorg", "html")
    site = Site({f"/{path.name}": WebPage(None, f"2024-05-{number + 1:02d}", body=path.read_text()) for number, path in enumerate(sorted(folder.iterdir()))})
    with serving_site(site) as custodian:
        met, marks = Holding().run(custodian.source())
    assert marks[-1].complete
    assert [(outcome.local_id.rpartition("/")[2], outcome.kind, outcome.reason) for outcome in met] == [
        ("dataset", "accepted", None), ("dataset", "rejected", "duplicate-id"), ("NJ7XSO", "accepted", None), ("rise-alba", "accepted", None),
        ("rise-alba", "rejected", "duplicate-id"), ("rise-alba", "rejected", "duplicate-id"), ("zenodo.1196821", "accepted", None),
    ], "three pages describe one dataset in different words; the blog post is none"


@pytest.mark.parametrize(
    ("name", "pages"),
    [("hdruk-gateway-2020-11-20.txt", 417), ("hdruk-gateway-2021-04-07.txt", 470), ("schemata-pages.sitemap.xml", 0), ("schemata-pages.sitemap.xml.gz", 0)],
)
def test_a2_real_sitemaps_are_read(name: str, pages: int) -> None:
    entries = list(parse("sitemap", corpus("sitemaps", name).read_bytes()))
    assert len(entries) == pages
    assert all(entry["url"].startswith("http") for entry in entries)


def again(custodian: Custodian, holding: Holding, *local_ids: str, **changes: Any) -> list[tuple[str, str, str | None]]:
    met, marks = holding.run(SingleRecords(singly(custodian.source(holding, **changes)), local_ids))
    assert marks == [], "it is no listing"
    return [(outcome.local_id, outcome.kind, outcome.reason) for outcome in met]


def singly(source: Source) -> ReadsAgain:
    assert isinstance(source, ReadsAgain)
    return source


def test_c3_only_the_pages_of_what_failed_are_asked_again_each_once(custodian: Custodian) -> None:
    two = {"@context": "https://schema.org/", "@graph": [described("a", name=None), described("b", name=None), described("c")]}
    custodian.site.pages["/two"] = WebPage(two, "2024-05-09")
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.asked()
    two["@graph"] = [described("a"), described("b"), described("c")]
    assert again(custodian, holding, f"{D}a", f"{D}b") == [(f"{D}a", "accepted", None), (f"{D}b", "accepted", None)], "and nothing of the third"
    assert custodian.asked() == ["/two"]


def test_c3_a_page_that_failed_when_nothing_was_known_of_it_goes_by_its_address(custodian: Custodian) -> None:
    page = f"{custodian.server.url}/d/1"
    custodian.site.overrides["/d/1"] = Answer(status=500)
    holding = Holding()
    met, _ = holding.run(custodian.source(holding))
    assert [(outcome.local_id, outcome.reason) for outcome in met if outcome.kind == "rejected"] == [(page, "server-error")]
    custodian.asked()
    assert again(custodian, holding, page) == [(page, "rejected", "server-error")]
    custodian.site.overrides = {"/d/1": Answer(status=404)}
    assert again(custodian, holding, page) == [(page, "rejected", "detail-missing")]
    custodian.site.overrides = {}
    assert again(custodian, holding, page) == [(f"{D}1", "accepted", None)], "under the identifier that the page states"
    assert set(custodian.asked()) == {"/d/1"}
    assert kinds(holding.run(custodian.source(holding))[0]) == {f"{D}1": "unchanged"}


def test_c3_what_its_page_does_not_show_any_more_is_reported_missing(custodian: Custodian) -> None:
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.site.pages["/d/0"] = WebPage(described("other"), "2024-06-01")
    custodian.site.pages["/d/1"] = WebPage(None, "2024-06-01")
    custodian.site.overrides["/d/2"] = Answer(status=410)
    assert again(custodian, holding, f"{D}0", f"{D}1", f"{D}2") == [
        (f"{D}0", "rejected", "detail-missing"), (f"{D}1", "rejected", "no-dataset"), (f"{D}2", "rejected", "detail-missing"),
    ]  # fmt: skip


def test_c3_a_page_is_asked_again_by_the_rules_of_every_run(custodian: Custodian) -> None:
    custodian.site.robots = "User-agent: *\nDisallow: /d/1\nCrawl-delay: 7"
    custodian.site.pages["/d/0"] = WebPage(described(0, name=None), "2024-05-01")
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.asked()
    waited = custodian.fetcher.statistics.waited_seconds
    refused = [f"{custodian.server.url}/d/1", "http://169.254.169.254/d", "doi:10.5072/unknown"]
    assert again(custodian, holding, *refused, f"{D}0") == [
        (refused[0], "rejected", "disallowed"), (refused[1], "rejected", "address-refused"), (refused[2], "rejected", "detail-missing"),
        (f"{D}0", "quarantined", "blocking-findings"),
    ]  # fmt: skip
    assert custodian.asked() == ["/d/0"], "robots.txt is remembered for a day"
    assert custodian.fetcher.statistics.waited_seconds > waited
    assert again(custodian, Holding(), f"{custodian.server.url}/d/0", exclude=["*/d/0"]) == [(f"{custodian.server.url}/d/0", "rejected", "detail-missing")]
    assert custodian.asked() == ["/robots.txt"]


def test_c3_a_site_that_fails_is_not_asked_for_every_page(custodian: Custodian) -> None:
    custodian.site.pages = Site.of(20).pages
    holding = Holding()
    holding.run(custodian.source(holding))
    custodian.site.overrides = {f"/d/{number}": Answer(status=500) for number in range(20)}
    custodian.asked()
    with pytest.raises(FetchDeferred):
        again(custodian, holding, *(f"{D}{number}" for number in range(20)))
    assert len(set(custodian.asked())) == 5
