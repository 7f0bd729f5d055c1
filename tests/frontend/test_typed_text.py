"""Addresses in what people typed: this service's own are links, those elsewhere only in what a desk wrote, and nothing else is anything but text."""

from __future__ import annotations

import pytest

from frontend.typed_text import typed

HERE = "https://gateway.example"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("See /datasets/7kq2m.", 'See <a href="/datasets/7kq2m">/datasets/7kq2m</a>.'),
        (f"({HERE}/search?q=sleep&nation=Wales)", f'(<a href="/search?q=sleep&amp;nation=Wales">{HERE}/search?q=sleep&amp;nation=Wales</a>)'),
        ("/columns?q=a\n/custodians/vale", '<a href="/columns?q=a">/columns?q=a</a>\n<a href="/custodians/vale">/custodians/vale</a>'),
        ("and/search or /datasetsx or /account", "and/search or /datasetsx or /account"),
        ("https://elsewhere.example/a", "https://elsewhere.example/a"),
        (f"{HERE}.evil.example/datasets/a {HERE}@evil.example", f"{HERE}.evil.example/datasets/a {HERE}@evil.example"),
        ('<a href="javascript:x">', "&lt;a href=&#34;javascript:x&#34;&gt;"),
        ("", ""),
    ],
)
def test_own_addresses_become_links_and_everything_else_stays_text(text: str, html: str) -> None:
    assert str(typed(text, HERE)) == html


def test_what_a_desk_wrote_may_lead_elsewhere_over_the_web_alone() -> None:
    told = str(typed("Ask https://data.example/x, or javascript:alert(1) or ftp://a.example", HERE, links_elsewhere=True))
    assert told == (
        'Ask <a href="https://data.example/x" rel="nofollow noopener noreferrer">https://data.example/x</a>, or javascript:alert(1) or ftp://a.example'
    )
