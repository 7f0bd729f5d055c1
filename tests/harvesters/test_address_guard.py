"""Which addresses are called, by their text and by what they resolve to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from harvesters.address_guard import AddressGuard, is_public, plain_address
from harvesters.fetch import Fetcher, FetchPolicy
from harvesters.source import FetchRefused
from tests.harvesters.web_server import Answer, loopback_fetcher, serving

NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.2.3",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1",
    "3fff::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1", "ff0e::1", "100::1", "5f00::1",
    "4000::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
REFUSED_TEXTS = [
    "http://data.example/", "ftp://data.example/", "file:///etc/passwd", "gopher://data.example/", "data:,x", "javascript:1",
    "https://user:secret@data.example/", "https://user@data.example/", "https://data.example:8080/", "https://data.example:22/",
    "https://127.0.0.1/", "https://127.1/", "https://0/", "https://2130706433/", "https://0x7f.1/", "https://0x7f000001/",
    "https://017700000001/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]/", "https://127.0.0.1./", "https://１２７.0.0.1/", "https://127。0。0。1/", "https:///x", "//x", "",
    "https://exa mple/", "https://[::1", "https://data.example:99999/",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a12_h2_special_addresses_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_h2_public_addresses_are_public_in_every_form(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("text", REFUSED_TEXTS)
def test_h1_an_address_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(FetchRefused) as refused:
        AddressGuard(FetchPolicy()).parse(text)
    assert refused.value.reason == "address-refused"
    assert "secret" not in refused.value.message


def test_an_ordinary_address_is_accepted() -> None:
    guard = AddressGuard(FetchPolicy())
    assert str(guard.parse("https://data.example/list?offset=1")) == "https://data.example/list?offset=1"
    assert guard.parse("https://bücher.example/").raw_host == b"xn--bcher-kva.example"


def test_h1_an_operator_may_allow_a_network_a_port_and_plain_http() -> None:
    policy = FetchPolicy(allow_http=True, allowed_networks=("10.1.0.0/16",), allowed_ports=frozenset({8080}))
    guard = AddressGuard(policy)
    assert guard.parse("http://10.1.2.3:8080/")
    assert guard.check_resolved("nhs.example", ["10.1.2.3", "::ffff:10.1.2.4"])
    with pytest.raises(FetchRefused):
        guard.check_resolved("nhs.example", ["10.2.2.3"])
    with pytest.raises(FetchRefused):
        guard.parse("http://10.1.515:8080/")


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a12_h2_a_name_that_leads_to_a_special_address_is_refused_where_the_socket_opens(address: str) -> None:
    with Fetcher(resolver=lambda host, port: [address], sleep=lambda _: None) as fetcher, pytest.raises(FetchRefused) as refused:
        fetcher.get("https://data.example/list?token=abc", accept="*/*")
    assert refused.value.reason == "address-refused"
    assert "abc" not in f"{refused.value.message}{refused.value.url}"


def test_a12_h2_public_and_private_answers_together_are_refused() -> None:
    with Fetcher(resolver=lambda host, port: ["8.8.8.8", "127.0.0.1"]) as fetcher, pytest.raises(FetchRefused) as refused:
        fetcher.get("https://data.example/", accept="*/*")
    assert refused.value.reason == "address-refused"


def test_a12_h2_a_name_that_changes_its_address_is_judged_again_at_each_connection() -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with serving(lambda _: Answer(b"one", headers={"Connection": "close"})) as server:
        fetcher = loopback_fetcher(resolver=lambda host, port: next(answers))
        with fetcher:
            assert fetcher.get(f"http://data.example:{server.port}/", accept="*/*").body == b"one"
            with pytest.raises(FetchRefused) as refused:
                fetcher.get(f"http://data.example:{server.port}/", accept="*/*")
    assert refused.value.reason == "address-refused"
    assert len(server.asked) == 1


def test_h2_the_judged_address_is_the_one_that_is_dialled() -> None:
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serving(lambda _: Answer(b"x")) as server, loopback_fetcher(resolver=resolver) as fetcher:
        fetcher.get(f"http://data.example:{server.port}/", accept="*/*")
    assert asked == ["data.example"]
    assert server.asked[0].headers["host"] == f"data.example:{server.port}"


def test_c8_a_shown_address_holds_no_secret() -> None:
    assert plain_address("https://me:pw@data.example/a?key=1#x") == "https://data.example/a"
    assert plain_address("https://a:b:c") == "an invalid address"
