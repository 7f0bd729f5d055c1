"""Dates, numbers and states in words; custodians' text made safe."""

import pytest

from frontend import words
from frontend.custodian_text import excerpt, linked, plain, rich, safe_address


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2026-11-22", "22 November 2026"), ("2026-11-22T23:30:00+00:00", "22 November 2026"), ("2026-11", "November 2026"), ("2026", "2026"),
     ("around 2004", "around 2004"), (None, "Not reported"), ("", "Not reported")],
)  # fmt: skip
def test_dates_are_written_in_full(value: str | None, shown: str) -> None:
    assert words.day(value) == shown


def test_times_are_in_uk_time() -> None:
    assert words.moment("2026-07-01T04:10:00+00:00") == "1 July 2026, 05:10"


@pytest.mark.parametrize(
    ("value", "shown"), [(12_934_211, "12.9 million"), (999, "999"), (48_112, "48,100"), (690_400, "690,000"), (1_000_000_000, "1 billion"), (0, "0"), (None, "Not reported")]
)
def test_numbers_in_prose_are_rounded(value: int | None, shown: str) -> None:
    assert words.rounded(value) == shown


@pytest.mark.parametrize(
    ("first", "last", "goes_on", "shown"),
    [(2004, 2019, False, "2004 to 2019"), (1997, None, True, "Since 1997"), (1997, None, False, "From 1997"), (None, None, False, "Not reported"), (2010, 2010, False, "2010")],
)
def test_years_in_words(first: int | None, last: int | None, goes_on: bool, shown: str) -> None:
    assert words.years(first, last, goes_on) == shown


@pytest.mark.parametrize(("value", "shown"), [(0.4, "0.4 seconds"), (62, "1 minute 2 seconds"), (7800, "2 hours 10 minutes"), (None, "Not reported")])
def test_durations_in_words(value: float | None, shown: str) -> None:
    assert words.seconds(value) == shown


def test_every_state_of_a_part_has_a_word() -> None:
    assert len(words.PART_STATES) == 16


def test_unknown_state_is_shown_as_it_is() -> None:
    assert words.status(words.RUN_STATES, "half_done") == ("Half done", "plain")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A &amp;amp; B", "A & B"),
        ("<p>One</p><p>two</p>", "One two"),
        ("age <5 years and >2", "age <5 years and >2"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("<script>alert(1)</script>safe", "safe"),
        (None, ""),
    ],
)
def test_plain_text_has_no_mark_up(text: str | None, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("<h1>Big</h1>text", "<p><strong>Big</strong></p>text"),
        ("&lt;p&gt;escaped&lt;/p&gt;", "<p>escaped</p>"),
        ("<p><img src=x onerror=alert(1)>x</p>", "<p>x</p>"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("<p><a href='javascript:x'>a</a></p>", "<p>a</p>"),
        ("    indented by accident", "<p>indented by accident</p>"),
        ("", ""),
    ],
)
def test_rich_text_keeps_structure_and_loses_the_rest(text: str, html: str) -> None:
    assert rich(text).strip() == html


@pytest.mark.parametrize(
    ("value", "address"),
    [("https://a.example/b?c", "https://a.example/b?c"), ("a@b.example", "mailto:a@b.example"), ("javascript:alert(1)", None), ("see website", None),
     ("http:relative", None), ("//host/x", None), ("https://[bad", None), ("data:text/html,x", None)],
)  # fmt: skip
def test_only_web_and_mail_addresses_are_linked(value: str, address: str | None) -> None:
    assert safe_address(value) == address
    assert ("<a " in linked(value)) == (address is not None)


def test_excerpt_is_cut_at_a_word() -> None:
    assert excerpt("one two, three", 10) == "one two…"
