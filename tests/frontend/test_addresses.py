"""One search has one address, and a value that cannot be read is named."""

from datetime import UTC, datetime, timedelta

from frontend.addresses import FACET_PARAMETERS, MORE_FACETS, SearchAddress, dataset_path, record_report_path
from search.bands import AGES, PEOPLE, YEARS


def read(*pairs: tuple[str, str]) -> SearchAddress:
    return SearchAddress.read(pairs)


def test_query_is_in_a_fixed_order_without_defaults_and_unknown_names() -> None:
    address = read(("page", "1"), ("x", "1"), ("custodian", "b, c"), ("q", " asthma "), ("nation", "Wales"), ("custodian", "a"), ("per", "25"), ("sort", ""))
    assert address.query() == "q=asthma&nation=Wales&custodian=a&custodian=b%2C+c"


def test_canonical_query_reads_back_to_itself() -> None:
    address = read(("q", "a"), ("lead", "1-2 months"), ("from", "2010"), ("pop_min", "1,000"), ("nr", "1"), ("sort", "title"), ("view", "table"), ("page", "3"), ("per", "50"))
    assert SearchAddress.read(address.parameters()) == address
    assert address.population_min == 1000


def test_what_cannot_be_read_is_named_and_dropped() -> None:
    address = read(("from", "soon"), ("sort", "best"), ("page", "0"), ("per", "7"), ("pop_min", "٣"))
    assert address.query() == ""
    assert len(address.problems) == 4
    assert "the first year “soon”" in address.problems[0]


def test_a_changed_filter_returns_to_the_first_page() -> None:
    address = read(("q", "a"), ("page", "4"), ("nation", "Wales"))
    assert address.adding("nation", "England").page == 1
    assert address.without("nation", "Wales").query() == "q=a"
    assert address.sorted_by("title").query() == "q=a&nation=Wales&sort=title"


def test_one_value_of_several_is_taken_out() -> None:
    address = read(("nation", "Wales"), ("nation", "England"), ("from", "2010"))
    assert address.without("nation", "Wales").query() == "nation=England&from=2010"
    assert address.without("nation").query() == "from=2010"
    assert address.without("from").values("nation") == ("England", "Wales")


def test_query_for_the_engine_counts_every_facet() -> None:
    query = read(("q", "a"), ("nation", "Wales"), ("page", "3"), ("per", "50")).as_query()
    assert query.filters == {"nation": ("Wales",)}
    assert (query.offset, query.limit) == (100, 50)
    counted = tuple(facet for name, facet in FACET_PARAMETERS.items() if name not in MORE_FACETS)
    assert query.facets == (*counted, "kind", "area", "years", "people", "ages")
    assert "purpose" in read(("purpose", "Care")).as_query().facets, "one that is chosen is counted too"


def test_age_of_the_description_and_its_quality_are_read() -> None:
    address = read(("updated", "P90D"), ("quality_min", "70"), ("linkable", "7kq2m"), ("exact", "1"), ("q", "a"), ("sort", "leadtime"))
    assert address.query() == "q=a&exact=1&linkable=7kq2m&updated=P90D&quality_min=70&sort=leadtime"
    query = address.as_query(linkable=("with x",))
    assert query.updated_since == datetime.now(UTC).date() - timedelta(days=90)
    assert (query.quality_min, query.exact, query.filters) == (70, True, {"linkable": ("with x",)})
    assert len(read(("updated", "P3M"), ("quality_min", "101")).problems) == 2
    assert address.for_words("b").query() == "q=b&linkable=7kq2m&updated=P90D&quality_min=70&sort=leadtime"


def test_paths_are_quoted() -> None:
    assert dataset_path("7kq2m", "a b") == "/datasets/7kq2m-a%20b"
    assert record_report_path("vale", 4, 17) == "/sources/vale/runs/4/records/17"


def test_a_band_replaces_the_bounds_it_is_of_and_leads_to_the_first_page() -> None:
    address = read(("q", "a"), ("from", "1990"), ("pop_min", "5"), ("pop_max", "9"), ("agemin", "18"), ("covers", "1"), ("page", "3"))
    assert address.within("people", PEOPLE[1]).query() == "q=a&from=1990&pop_min=1000&pop_max=9999&agemin=18&covers=1"
    assert address.within("years", YEARS[-1]).query() == "q=a&from=2020&pop_min=5&pop_max=9&agemin=18&covers=1"
    assert address.within("ages", AGES[0]).query() == "q=a&from=1990&pop_min=5&pop_max=9&agemin=0&agemax=17&covers=1"
