"""Harvesting a file at an address and folders that web servers list, over a real loopback server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harvesters.fetch import Fetcher
from harvesters.parsing import parse
from harvesters.registry import KINDS, WrongConfiguration, configure
from harvesters.source import Held, Mark, Pass, RawRecord, Source, SourceError
from tests.corpus import corpus
from tests.harvesters.archives import HOSTILE_ARCHIVES, ONE_DATASET, archive, workbook
from tests.harvesters.holding import Holding, dataset, kinds
from tests.harvesters.web_server import Answer, Asked, WebServer, loopback_fetcher, serving

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Site:
    """``files`` by path: bytes and media type. An ETag is sent where ``etags`` is set."""

    def __init__(self, **files: tuple[bytes, str]) -> None:
        self.files = {path.replace("__", "/").replace("_dot_", "."): file for path, file in files.items()}
        self.etags = True

    def answer(self, asked: Asked) -> Answer:
        found = self.files.get(asked.path)
        if found is None:
            return Answer(status=404)
        body, media_type = found
        etag = f'"{hash(body)}"'
        if self.etags and asked.headers.get("if-none-match") == etag:
            return Answer(status=304)
        return Answer(body, headers={"Content-Type": media_type, **({"ETag": etag} if self.etags else {})})


class Custodian:
    def __init__(self, site: Site, server: WebServer, fetcher: Fetcher) -> None:
        self.site, self.server, self.fetcher = site, server, fetcher

    def source(self, path: str, held: Held | None = None, *, wanted: Pass = "incremental", secret: str | None = None, **changes: Any) -> Source:
        configuration = {"url": self.server.url + path, **changes}
        return KINDS["web-files"].build(configuration, fetcher=self.fetcher, held=held or Holding(), wanted=wanted, secret=secret)

    def asked(self) -> list[str]:
        paths = self.server.paths
        self.server.asked.clear()
        return paths


@contextmanager
def serving_site(files: dict[str, tuple[bytes, str]]) -> Iterator[Custodian]:
    site = Site()
    site.files = dict(files)
    with serving(site.answer) as server, loopback_fetcher() as fetcher:
        yield Custodian(site, server, fetcher)


def lines(*names: str) -> bytes:
    return "\n".join(json.dumps(dataset(name)) for name in names).encode()


def listing(*names: str) -> bytes:
    links = "".join(f'<tr><td><a href="{name}">{name}</a></td></tr>' for name in names)
    return f'<html><h1>Index of /</h1><a href="?C=N;O=D">Name</a><a href="../">Parent Directory</a>{links}</html>'.encode()


FILES: dict[str, tuple[str, bytes, str, list[str]]] = {
    "lines": ("/d.jsonl", lines("a", "b"), "application/octet-stream", ["a", "b"]),
    "lines by media type": ("/export", lines("a", "b"), "application/x-ndjson", ["a", "b"]),
    "workbook": ("/export?format=xlsx", workbook({"Datasets": ONE_DATASET}), XLSX, ["a"]),
    "table": ("/t.csv", b"identifier,summary.title,summary.dataCustodian.name\nx,Sleep,Trust\n", "text/csv; charset=utf-8", ["x"]),
    "archive": ("/all.zip", archive({"a.json": lines("a"), "b.jsonl": lines("b")}), "application/zip", ["a", "b"]),
    "json": ("/api", json.dumps({"datasets": [dataset("a")]}).encode(), "application/json", ["a"]),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_at_an_address_is_read_by_its_ending_or_media_type(name: str) -> None:
    path, body, media_type, expected = FILES[name]
    with serving_site({path: (body, media_type)}) as custodian:
        held = Holding()
        met, marks = held.run(custodian.source(path, held))
        assert (kinds(met), marks[-1].complete) == (dict.fromkeys(expected, "accepted"), True)
        assert all(outcome.content is not None and outcome.content.url == custodian.server.url + path for outcome in met)
        custodian.asked()
        met, marks = held.run(custodian.source(path, held))
        assert (met, custodian.asked(), marks[-1].unchanged, marks[-1].complete) == ([], [path], True, True)
        assert marks[-1].local_ids == tuple(expected)


def test_an_equal_file_without_validators_is_not_opened_again() -> None:
    with serving_site({"/d.jsonl": (lines("a"), "text/plain")}) as custodian:
        custodian.site.etags = False
        held = Holding()
        held.run(custodian.source("/d.jsonl", held))
        met, marks = held.run(custodian.source("/d.jsonl", held))
        assert (met, marks[-1].unchanged) == ([], True)
        custodian.site.files["/d.jsonl"] = (lines("a", "b"), "text/plain")
        met, marks = held.run(custodian.source("/d.jsonl", held))
        assert (kinds(met), marks[-1].complete) == ({"a": "unchanged", "b": "accepted"}, True)


def test_a_folder_is_read_with_its_folders_and_only_its_children() -> None:
    files = {
        "/f/": (listing("a.json", "notes.txt", "sub/", "/elsewhere.json", "http://127.0.0.1:9/x.json", "sub/deep.json", ".hidden.json", "a.json"), "text/html"),
        "/f/a.json": (json.dumps(dataset("a")).encode(), "application/json"), "/f/sub/": (listing("b.json"), "text/html"),
        "/f/sub/b.json": (json.dumps(dataset("b")).encode(), "application/json"),
    }  # fmt: skip
    with serving_site(files) as custodian:
        met, marks = Holding().run(custodian.source("/f/"))
        assert (kinds(met), marks[-1].complete) == ({"a": "accepted", "b": "accepted"}, True)
        assert sorted(custodian.asked()) == ["/f/", "/f/a.json", "/f/sub/", "/f/sub/b.json"]


def test_s2_a_listed_file_that_is_not_there_removes_nothing_and_the_others_are_read() -> None:
    files = {"/f/": (listing("a.json", "b.json"), "text/html"), "/f/b.json": (json.dumps(dataset("b")).encode(), "application/json")}
    with serving_site(files) as custodian:
        met, marks = Holding().run(custodian.source("/f/"))
    assert [(outcome.local_id, outcome.reason or outcome.kind) for outcome in met] == [("", "detail-missing"), ("b", "accepted")]
    assert (marks[-1].complete, marks[-1].why_incomplete) == (False, "detail-missing")


def test_an_empty_folder_lists_nothing_which_only_a_person_can_confirm() -> None:
    with serving_site({"/f/": (listing(), "text/html")}) as custodian:
        met, marks = Holding().run(custodian.source("/f/"))
    assert (met, marks[-1].complete) == ([], True)


@pytest.mark.parametrize("name", ["ratio 1,000", "link", "cut off"])
def test_a13_a_hostile_archive_at_an_address_ends_in_its_reason(name: str) -> None:
    make, reason = HOSTILE_ARCHIVES[name]
    with serving_site({"/all.zip": (make(), "application/zip")}) as custodian:
        [outcome], marks = Holding().run(custodian.source("/all.zip"))
    assert (outcome.reason, marks[-1].complete) == (reason, False)


def test_a1_web_files_resume_behind_each_file() -> None:
    files = {f"/f/{name}.json": (json.dumps(dataset(name)).encode(), "application/json") for name in "abc"}
    with serving_site({"/f/": (listing("c.json", "a.json", "b.json"), "text/html"), **files}) as custodian:
        items = list(custodian.source("/f/").records())
        marks = [item for item in items if isinstance(item, Mark)]
        for done, mark in enumerate(marks[:-1], start=1):
            rest = list(custodian.source("/f/").records(mark.cursor))
            assert [item.local_id for item in rest if isinstance(item, RawRecord)] == list("abc")[done:]


def test_credentials_are_sent_in_a_header_and_a_missing_file_says_so() -> None:
    with serving_site({"/d.jsonl": (lines("a"), "text/plain")}) as custodian:
        list(custodian.source("/d.jsonl", auth="BEARER", secret="s3cret").records())
        assert [asked.headers["authorization"] for asked in custodian.server.asked] == ["Bearer s3cret"]
        with pytest.raises(SourceError) as failure:
            list(custodian.source("/other.jsonl").records())
    assert failure.value.reason == "not-found"


@pytest.mark.parametrize(("configuration", "said"), [({"url": "/srv/data"}, "https"), ({"url": "file:///etc/passwd"}, "https"), ({}, "url is needed")])
def test_a_local_path_is_never_taken_for_an_address(configuration: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongConfiguration, match=said):
        configure("web-files", configuration)


WAF = {
    "apache-noaa-waf.html": ("https://data.noaa.gov/waf/NOAA/nmfs/garfo/iso/xml/", ["1463.xml", "1503.xml"]),
    "bts-waf.html": ("https://transtats.bts.gov/NTADmetadata/", ["USDOT_BTS_NTAD_119th_Congressional_Districts.xml", "USDOT_BTS_NTAD_1991_FAP.xml"]),
    "ms-iis-waf.html": ("https://edg.epa.gov/WAFer_harvest/ISO/", [
        "enviroatlas-metadata-waf_ACS_Demographics_by_Tract_2008_2012_EA.xml", "enviroatlas-metadata-waf_Ag_On_Slopes.xml",
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", WAF)
def test_a2_listings_of_real_servers_give_the_files_in_them(name: str) -> None:
    base, expected = WAF[name]
    body = Path(corpus("sitemaps") / "web-accessible-folders" / name).read_bytes()
    found = list(parse("folder-listing", body, base=base))
    assert found == [{"address": base + file, "is_folder": False} for file in expected]
