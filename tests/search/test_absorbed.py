"""What is left out of a clause for counting changes nothing of what it matches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.absorbed import absorbed
from search.clauses import Best, Both, Clause, Every, Fixed, Nothing, Run, Term, Times, leaves
from search.embedded import EmbeddedEngine
from search.mapping import tantivy_query
from tests.search.factories import document

WORDS = ("severe", "asthma", "child", "sleep")
WORD = st.sampled_from(WORDS)
"""Runs with words between are not here: they only order results. Tantivy finds more of them where it scores than where it does not."""
LEAVES: st.SearchStrategy[Clause] = (
    st.builds(Term, st.sampled_from(["all", "title"]), WORD)
    | st.builds(Run, st.just("all"), st.lists(WORD, min_size=2, max_size=3).map(tuple))
    | st.sampled_from([Every(), Nothing()])
)


def grown(inner: st.SearchStrategy[Clause]) -> st.SearchStrategy[Clause]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    none: st.SearchStrategy[tuple[Clause, ...]] = st.just(())
    return (
        st.builds(lambda parts: Both(should=parts), some)
        | st.builds(Both, some, some | none, some | none)
        | st.builds(Best, some, st.just(0.1)) | st.builds(Times, inner, st.just(0.5)) | st.builds(Fixed, inner, st.just(1.0))
    )  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine(tmp_path_factory.mktemp("absorbed"))
    titles = [" ".join(word for place, word in enumerate(WORDS) if number >> place & 1) for number in range(16)]
    turned = [" ".join(reversed(title.split())) for title in titles]
    made.rebuild([document(f"d{place:02}", title or "nothing", abstract=turned[-place % 16]) for place, title in enumerate([*titles, *turned])])
    yield made
    made.close()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(clause=st.recursive(LEAVES, grown, max_leaves=10))
def test_an_absorbed_clause_matches_the_same_documents_by_no_more_conditions(engine: EmbeddedEngine, clause: Clause) -> None:
    assert _matched(engine, absorbed(clause)) == _matched(engine, clause)
    assert leaves(absorbed(clause)) <= leaves(clause)


def test_a_run_adds_nothing_to_its_word_nor_a_demand_to_its_part() -> None:
    asthma, severe = Term("all", "asthma"), Term("all", "sever")
    ways = (Times(asthma, 2.0), Run("all", ("sever", "asthma")), Both(must=(severe, Best((asthma,)))), Best((severe,)))
    assert absorbed(Both(should=ways)) == Both(should=(asthma, severe))
    assert absorbed(Both((asthma,), (severe,))) == asthma


def test_a_run_adds_nothing_to_a_demand_for_its_words_nor_a_longer_demand_to_a_shorter() -> None:
    asthma, severe, child = Term("all", "asthma"), Term("all", "sever"), Term("all", "child")
    either = Both(should=(child, severe))
    apart, run = Both(must=(either, asthma)), Run("all", ("sever", "asthma"))
    assert absorbed(Both(should=(run, apart))) == apart
    assert absorbed(Both(should=(Run("title", ("sever", "asthma")), apart))) == Both(should=(Run("title", ("sever", "asthma")), apart))
    assert absorbed(Both(should=(Run("all", ("sever", "sleep")), apart))) == Both(should=(Run("all", ("sever", "sleep")), apart))
    assert absorbed(Both(should=(Both(must=(asthma, severe, child)), Both(must=(child, severe))))) == Both(must=(child, severe))
    assert absorbed(Both(should=(run, Both(must=(severe, asthma), must_not=(child,))))) == Both(should=(run, Both(must=(severe, asthma), must_not=(child,))))


def _matched(engine: EmbeddedEngine, clause: Clause) -> set[str]:
    searcher = engine._reading().datasets.searcher
    return {str(searcher.doc(address).get_first("id")) for _, address in searcher.search(tantivy_query(clause), 100).hits}
