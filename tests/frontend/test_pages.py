"""Every page in every state, without a browser: it renders, parses, and keeps the rules of mark-up."""

import dataclasses
import re
from collections import Counter
from importlib import import_module
from itertools import pairwise
from pkgutil import iter_modules
from typing import Any

import brotli
import html5lib
import pytest

import frontend.views
from frontend import assets, render, words
from frontend.render import page
from frontend.views.home import HomeView
from frontend.views.layout import PageView
from frontend.views.reading import HelpView, TextPageView
from tests.frontend.samples import PAGES, card, search

NAMESPACE = "{http://www.w3.org/1999/xhtml}"
HTML_BUDGET = {"DatasetOverviewView": 12_000, "SearchView": 12_000, "DatasetColumnsView": 12_000}
OTHER_BUDGET = 20_000


@pytest.fixture(params=PAGES, ids=str)
def shown(request: pytest.FixtureRequest) -> tuple[PageView, str, Any]:
    view = PAGES[request.param]
    html = page(view)
    return view, html, html5lib.HTMLParser(strict=True).parse(html)


def elements(document: Any, *names: str) -> list[Any]:
    return [element for element in document.iter() if isinstance(element.tag, str) and element.tag.removeprefix(NAMESPACE) in names]


def words_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def test_page_has_one_first_heading_and_skips_no_level(shown: tuple[PageView, str, Any]) -> None:
    levels = [int(heading.tag[-1]) for heading in elements(shown[2], "h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in pairwise(levels) if lower > upper), levels


def test_ids_are_unique_and_references_lead_somewhere(shown: tuple[PageView, str, Any]) -> None:
    counted = Counter(element.get("id") for element in shown[2].iter() if element.get("id"))
    assert [name for name, count in counted.items() if count > 1] == []
    references = [name for element in shown[2].iter() for attribute in ("aria-labelledby", "aria-describedby", "for", "form") for name in (element.get(attribute) or "").split()]
    anchors = [link.get("href")[1:] for link in elements(shown[2], "a") if (link.get("href") or "").startswith("#")]
    assert [name for name in references + anchors if name not in counted] == []


def test_every_field_has_a_label(shown: tuple[PageView, str, Any]) -> None:
    labelled = {label.get("for") for label in elements(shown[2], "label") if words_of(label)}
    fields = [field for field in elements(shown[2], "input", "select", "textarea") if field.get("type") not in ("hidden", "submit")]
    assert [field.get("name") for field in fields if field.get("id") not in labelled] == []


def test_links_and_buttons_have_words(shown: tuple[PageView, str, Any]) -> None:
    assert [element.attrib for element in elements(shown[2], "a", "button") if not words_of(element)] == []


def test_mark_up_keeps_to_the_content_policy(shown: tuple[PageView, str, Any]) -> None:
    scripts = [script for script in elements(shown[2], "script") if script.get("type") != "application/ld+json"]
    assert all(script.get("src", "").startswith("/static/") and not script.text for script in scripts)
    assert elements(shown[2], "style") == []
    names = {name for element in shown[2].iter() for name in element.attrib}
    assert not [name for name in names if name == "style" or str(name).startswith(("on", "hx-on"))]
    foreign = [element.get("src") or element.get("href") for element in elements(shown[2], "script", "link", "img") if "canonical" not in (element.get("rel") or "")]
    assert [address for address in foreign if address and not address.startswith("/")] == []


def test_page_stays_within_its_bytes(shown: tuple[PageView, str, Any]) -> None:
    assert len(brotli.compress(shown[1].encode())) <= HTML_BUDGET.get(type(shown[0]).__name__, OTHER_BUDGET)


def test_every_view_has_a_sample() -> None:
    modules = [import_module(f"frontend.views.{one.name}") for one in iter_modules(frontend.views.__path__)]
    views = {value for module in modules for value in vars(module).values() if isinstance(value, type) and issubclass(value, PageView) and hasattr(value, "template")}
    assert views == {type(view) for view in PAGES.values()}


def test_views_are_frozen() -> None:
    assert all(type(view).__dataclass_params__.frozen for view in PAGES.values() if dataclasses.is_dataclass(view))  # type: ignore[attr-defined]


def test_full_result_page_stays_within_its_bytes_and_elements() -> None:
    html = page(search("q=asthma", cards=tuple(dataclasses.replace(card(place), ref=f"r{place}") for place in range(25))))
    assert len(brotli.compress(html.encode())) <= 12_000
    assert html.count("</") <= 2_500


def test_titles_begin_with_the_specific_part() -> None:
    html = page(PAGES["/datasets/7kq2m-primary-care-events/columns"])
    assert "<title>Columns – Primary care events – Alliance Gateway</title>" in html


def test_what_is_not_known_reads_not_reported() -> None:
    html = page(PAGES["/datasets/bare"])
    assert html.count("Not reported") >= 9
    assert ">None<" not in html


@pytest.mark.parametrize("path", PAGES)
def test_no_python_value_leaks_into_a_page(path: str) -> None:
    assert not re.search(r">\s*(None|True|False|Undefined)\s*<|\bobject at 0x", page(PAGES[path]))


def test_custodians_text_is_cleaned() -> None:
    html = page(PAGES["/datasets/7kq2m-primary-care-events"])
    assert "alert(1)" not in html
    assert "tracker.example" not in html
    assert "onclick" not in html
    assert "<strong>What is left out</strong>" in html
    assert '<a href="https://docs.example.org/guide" rel="nofollow noopener noreferrer">the guide</a> or \n' in html or ">the guide</a> or this" in html


def test_structured_data_cannot_end_its_element() -> None:
    html = page(PAGES["/datasets/7kq2m-primary-care-events"])
    assert "\\u003c/script> events" in html


def test_patients_are_acknowledged_letter_for_letter() -> None:
    assert words.PATIENT_DATA_ACKNOWLEDGEMENT == (
        "This work uses data provided by patients and collected by the NHS as part of their care and support"
    )
    assert words.PATIENT_DATA_ACKNOWLEDGEMENT in page(PAGES["/datasets/7kq2m-primary-care-events"])


def test_typed_text_survives_an_error_and_each_line_leads_to_its_field() -> None:
    view = PAGES["/requests"]
    html = page(view)
    assert view.status == 422
    assert 'value="nobody"' in html
    assert 'href="#q-project.title"' in html
    assert 'id="q-project.title"' in html
    assert "Use 150 characters or fewer. You have 151." in html


def test_finished_run_does_not_poll() -> None:
    assert 'hx-trigger="every 2s"' in page(PAGES["/sources/vale/runs/401"])
    assert "hx-get" not in page(PAGES["/sources/vale/runs/400"])
    assert 'hx-trigger="every 2s"' in page(PAGES["/sources/added/dry-runs/1"])
    assert "hx-get" not in page(PAGES["/sources/added/dry-runs/2"])


def test_acknowledgement_is_a_button_that_posts() -> None:
    html = page(PAGES["/acknowledge/token"])
    assert '<form method="post" action="/acknowledge/token">' in html


def test_withdrawn_dataset_answers_410() -> None:
    assert PAGES["/datasets/gone"].status == 410


def test_values_are_escaped() -> None:
    html = page(search("q=<script>alert(1)</script>"))
    assert "<script>alert(1)" not in html


def test_pages_answer_without_the_static_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Any, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(assets, "BUILT", tmp_path)
    render._manifest.cache_clear()
    try:
        assert "Find health data for research" in page(PAGES["/"])
        assert "stylesheet" not in page(PAGES["/"])
        assert [record.getMessage() for record in caplog.records if "make assets" in record.getMessage()] != []
        assert len(caplog.records) == 1
    finally:
        render._manifest.cache_clear()


def test_unknown_topics_are_the_handlers_business() -> None:
    assert HelpView(topic="").title == "Help"
    assert TextPageView(name="terms").title == "Terms of use"
    assert HomeView(dataset_count=1, custodian_count=1, column_count=1).status == 200
