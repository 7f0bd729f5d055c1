"""A13: documents of linked data that mean harm or are broken: each ends in a named reason or a record, and the next is read."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from harvesters.source import PageUnreadable
from tests.harvesters.dcat_server import PREFIXES, Catalogue, Custodian, Described, serving_catalogue, turtle
from tests.harvesters.holding import Holding, kinds
from tests.harvesters.web_server import Answer

D = "https://data.example.org/d/"
XML = {"Content-Type": "application/rdf+xml"}
JSON = {"Content-Type": "application/ld+json"}
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/" xmlns:dcat="http://www.w3.org/ns/dcat#">'
BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
CONTEXT = {"dct": "http://purl.org/dc/terms/", "dcat": "http://www.w3.org/ns/dcat#"}


@pytest.fixture(scope="module")
def custodian() -> Iterator[Custodian]:
    with serving_catalogue(Catalogue(1)) as custodian:
        yield custodian


def one(extra: str) -> Answer:
    return turtle(PREFIXES + Described("Odd", extra=extra).turtle(f"{D}odd") + "<#trust> a foaf:Agent ; foaf:name 'Example Trust' .")


def linked(**members: object) -> Answer:
    return Answer(json.dumps({"@context": CONTEXT, "@type": "dcat:Dataset", "@id": f"{D}odd", "dct:title": "Odd", **members}).encode(), headers=JSON)


REFUSED: dict[str, tuple[Answer, str]] = {
    "entity bomb": (Answer(f'<!DOCTYPE x [<!ENTITY l0 "lol">{BOMB}]>{RDF}&l9;</rdf:RDF>'.encode(), headers=XML), "dtd-forbidden"),
    "external entity": (Answer(f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{RDF}&e;</rdf:RDF>'.encode(), headers=XML), "dtd-forbidden"),
    "document type alone": (Answer(f"<?xml version='1.0'?><!DOCTYPE rdf:RDF>{RDF}</rdf:RDF>".encode(), headers=XML), "dtd-forbidden"),
    "document type in UTF-16": (Answer(f"<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE x>{RDF}</rdf:RDF>".encode("utf-16"), headers=XML), "dtd-forbidden"),
    "XML nested deeply": (Answer((RDF + "<dcat:Dataset><dct:relation>" * 3000).encode(), headers=XML), "too-deep"),
    "JSON nested deeply": (Answer(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, headers=JSON), "too-deep"),
    "blank nodes nested deeply": (one("dct:relation " + "[ dct:relation " * 3000 + "1" + "]" * 3000 + " ;"), "too-deep"),
    "not a number": (Answer(b'{"@context": {}, "dct:title": NaN}', headers=JSON), "bad-json"),
    "truncated JSON": (Answer(b'{"@context": {"a": "b:c"}, "@graph": [{"@id": "x"', headers=JSON), "bad-json"),
    "remote context": (Answer(b'{"@context": "https://evil.example/c.jsonld", "@id": "x:y"}', headers=JSON), "unknown-context"),
    "context of a file": (Answer(b'{"@context": ["file:///etc/passwd"], "@id": "x:y"}', headers=JSON), "unknown-context"),
    "imported context": (Answer(b'{"@context": {"@import": "https://evil.example/c"}, "@id": "x:y"}', headers=JSON), "unknown-context"),
    "prefix without end": (turtle("@prefix dct: <http://purl.org/dc/terms/"), "bad-rdf"),
    "bad prefixed name": (turtle(PREFIXES + "dct:a/b a dcat:Dataset ."), "bad-rdf"),
    "undecodable": (turtle(b'<a:a> <a:b> "\x81\x8d\x8f" .'), "encoding"),
    "HTML for XML": (Answer(b"<html><head></head><body>Log in</body></html>", headers=XML), "html-instead-of-data"),
    "lone surrogate in JSON": (Answer(b'{"@context": {"dct": "http://purl.org/dc/terms/", "dcat": "http://www.w3.org/ns/dcat#"}, "@type": "dcat:Dataset", "@id": "https://data.example.org/d/odd", "dct:title": "Odd \\ud800"}', headers=JSON), "bad-rdf"),
    "empty list": (Answer(b"[]", headers=JSON), "no-dataset"),
}  # fmt: skip
READ: dict[str, Answer] = {
    "circle of blank nodes": one("dct:relation _:a . _:a dct:relation _:b . _:b dct:relation _:a . <x:y> dct:title 'z' ; "),
    "one mebibyte of newlines": one('dct:provenance """' + "\n" * 2**20 + '""" ;'),
    "literal above the limit": one('dct:provenance "' + "x" * (2**20 + 5) + '" ;'),
    "34,866 keywords": one("dcat:keyword " + ", ".join(f'"w{number}"' for number in range(34_866)) + " ;"),
    "8,000 distributions": one("dcat:distribution " + ", ".join(f"[ dct:title '{number}' ]" for number in range(8_000)) + " ;"),
    "blank in an address": one("dcat:landingPage <https://example.org/a b> ;"),
    "literal where an address belongs": one('dcat:landingPage "https://example.org/a" ; dct:license "open" ;'),
    "UTF-8 mark": turtle(b"\xef\xbb\xbf" + one("").body),
    "UTF-16 mark": turtle(one("").body.decode().encode("utf-16")),
    "Windows-1252 under the name of UTF-8": turtle(one("dct:alternative 'caf\u00e9' ;").body.decode().encode("cp1252")),
    "control characters": one(r'dct:alternative "a\u0000b\u0007c" ;'),
    "direction override": one('dct:alternative "a\u202eb" ;'),
    "key twice": Answer(json.dumps({"@context": CONTEXT, "@type": "dcat:Dataset", "@id": f"{D}odd", "dct:title": "Odd"}).replace('"dct:title"', '"dct:title": "First", "dct:title"').encode(), headers=JSON),
    "100,000 members": linked(**{f"dct:m{number}": number for number in range(100_000)}),
    "script in a title": linked(**{"dct:title": "<script>alert(1)</script> Odd"}),
}  # fmt: skip


def assert_the_next_one_is_read(custodian: Custodian) -> None:
    custodian.catalogue.overrides.clear()
    met, _ = Holding().run(custodian.source())
    assert kinds(met) == {f"{D}0": "accepted"}


@pytest.mark.parametrize("name", REFUSED)
def test_a13_h7_a_document_that_cannot_be_read_is_refused_with_its_reason(custodian: Custodian, name: str) -> None:
    answer, reason = REFUSED[name]
    custodian.catalogue.overrides["/catalogue.ttl"] = answer
    with pytest.raises(PageUnreadable) as refused:
        Holding().run(custodian.source())
    assert refused.value.reason == reason
    assert "passwd" not in refused.value.message or reason == "unknown-context"
    assert_the_next_one_is_read(custodian)


@pytest.mark.parametrize("name", READ)
def test_a13_h9_h10_an_odd_document_is_read_as_far_as_it_goes(custodian: Custodian, name: str) -> None:
    custodian.catalogue.overrides["/catalogue.ttl"] = READ[name]
    met, marks = Holding().run(custodian.source())
    [outcome] = met
    assert (outcome.local_id, outcome.kind) in ((f"{D}odd", "accepted"), (f"{D}odd", "quarantined"))
    assert outcome.record is not None
    assert not any("\0" in text or "\u202e" in text or "\ud800" in text for text in json.dumps(outcome.record.as_json(), ensure_ascii=False).splitlines())
    assert marks[-1].complete
    assert_the_next_one_is_read(custodian)
