"""What the search page makes of facets: every value can be reached, and lead times stand in order."""

from __future__ import annotations

from frontend.addresses import SearchAddress
from frontend.views.search import SearchView
from search.engine import Facet, FacetValue


def view(query: list[tuple[str, str]], *facets: Facet) -> SearchView:
    return SearchView(address=SearchAddress.read(query), total=100, facets=facets)


def facet(name: str, values: list[str], total: int | None = None) -> Facet:
    return Facet(name, tuple(FacetValue(value, 2) for value in values), len(values) if total is None else total)


def test_sub_kinds_beyond_those_shown_are_on_a_page_of_their_own() -> None:
    kinds = [f"sub {number}" for number in range(21)]
    for count, total, is_cut in ((20, 20, False), (21, 21, True), (20, 60, True)):
        paths = facet("kind", [f"Omics › {kind}" for kind in kinds[:count]], total)
        made = view([("q", "a"), ("dtype", "Omics"), ("page", "2")], facet("dtype", ["Omics"]), paths, facet("subtype", kinds[:count], total))
        (group,) = made.facet_groups
        assert len(group.beneath("Omics")) == 20
        assert group.second_href == ("/search/values/subtype?q=a&dtype=Omics" if is_cut else "")


def test_lead_times_stand_in_order_of_time_with_what_is_chosen_among_them() -> None:
    (group,) = view([("lead", "1-2 MONTHS"), ("lead", "Other")], facet("lead", ["1-2 WEEKS", "1-2 MONTHS", "MORE 6 MONTHS", "Other"])).facet_groups
    assert [value.value for value in group.values] == ["1-2 WEEKS", "1-2 MONTHS", "MORE 6 MONTHS", "Other"]
