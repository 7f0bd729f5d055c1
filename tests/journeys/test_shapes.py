"""Shapes over what a DCAT source sent (3.2): on demand, by file, and a plain word where the validator is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gateway.errors import Unprocessable
from gateway.sources.shapes import check_shapes
from tests.contracts.feeds import serving_feed
from tests.corpus import corpus
from tests.journeys.gateways import (
    add_feed,
    add_files,
    document,
    harvest,
    make_services,
    write_documents,
    writing_statements,
)

PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> . @prefix ex: <https://example.org/s#> .\n"
STRICT = PREFIXES + """ex:dataset a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property ex:spatial, ex:theme .
ex:spatial sh:path dct:spatial ; sh:minCount 1 ; sh:message "A place is needed." .
ex:theme sh:path dcat:theme ; sh:minCount 1 ; sh:severity sh:Warning ."""
EASY = PREFIXES + """@prefix owl: <http://www.w3.org/2002/07/owl#> . <https://example.org/o> owl:imports <http://127.0.0.1:9/never> .
ex:titled a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path dct:title ; sh:minCount 1 ] ."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_shapes_are_counted_by_file_and_severity_and_write_nothing(tmp_path: Path, database_url: str | None) -> None:
    shapes = tmp_path / "shapes"
    shapes.mkdir()
    (shapes / "strict.ttl").write_text(STRICT)
    (shapes / "easy.ttl").write_text(EASY)
    services = make_services(tmp_path / "data", database_url, worker=False)
    try:
        with serving_feed("dcat", tmp_path, 120) as feed:
            slug = add_feed(services, feed)
            harvest(services, slug)
        with writing_statements(services) as written:
            report = check_shapes(services.store, services.files, slug, shapes)
        assert report.datasets == 120
        assert {name: dict(found) for name, found in report.counts.items()} == {"easy.ttl": {}, "strict.ttl": {"error": 120, "warning": 120}}
        assert any("A place is needed." in one["message"] for one in report.examples)
        assert written == []
        official = check_shapes(services.store, services.files, slug, corpus("dcat", "shacl", "dcat-ap-3.0.1", "shapes.ttl"))
        assert official.datasets == 120
    finally:
        services.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_missing_for_checking_shapes_is_said(tmp_path: Path, database_url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    services = make_services(tmp_path / "data", database_url)
    try:
        write_documents(tmp_path / "feed", [document(1)])
        slug = add_files(services, tmp_path / "feed")
        harvest(services, slug)
        (tmp_path / "s.ttl").write_text(STRICT)
        (tmp_path / "broken.ttl").write_text("<")
        with pytest.raises(Unprocessable, match="is a graph"):
            check_shapes(services.store, services.files, slug, tmp_path / "s.ttl")
        with pytest.raises(Unprocessable, match="cannot be read as Turtle"):
            check_shapes(services.store, services.files, slug, tmp_path / "broken.ttl")
        monkeypatch.setitem(sys.modules, "pyshacl", None)
        with pytest.raises(Unprocessable, match="not installed"):
            check_shapes(services.store, services.files, slug, tmp_path / "s.ttl")
    finally:
        services.close()
