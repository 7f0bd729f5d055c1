"""What is said besides the rows: what profiles ask for, worked out from the record or taken from the operator's settings.

A reader of our own output passes it by. Where such a value stands in the place of a field that the record does not state,
``own:notStated`` says so, and reading the output back leaves the field empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schemas.linked_data.graph import Graph
from schemas.linked_data.publication import PROFILE_ADDRESSES, Unfilled
from schemas.linked_data.table import RELATED
from schemas.linked_data.terms import HEALTH_THEME, MARK, NON_PUBLIC, XSD, Iri, Text
from schemas.linked_data.values import DOI_KIND, MAIL, date_term, first_web_address, is_address, text_term
from schemas.record import Dataset, RelatedDataset

ORIGIN: Final = (("Purpose", "purpose"), ("Source", "source"), ("Collected in", "collection_source"))


def say_derived(graph: Graph) -> None:
    graph.type(graph.dataset, "dcat:Dataset")
    graph.type(graph.dataset, "dcat:Resource")
    graph.type(graph.dataset, f"own:{MARK}")
    for say in (
        _identity,
        _descriptions,
        _contacts,
        _distributions,
        _origin,
        _kinds,
        _standards,
        _relations,
        _series,
        _versions,
        _columns,
    ):
        say(graph)
    if graph.options.is_health:
        _health(graph)


def say_catalogue_record(graph: Graph, *, is_met: bool) -> None:
    """The record of the dataset in the catalogue. It claims a profile only where that is met."""
    record = graph.below("record")
    if not graph.objects(record, "dct:modified"):
        return
    graph.type(record, "dcat:CatalogRecord")
    graph.say(record, "foaf:primaryTopic", graph.dataset)
    if is_met:
        profile = Iri(PROFILE_ADDRESSES[graph.options.profile])
        graph.say(record, "dct:conformsTo", profile)
        graph.type(profile, "dct:Standard")


def _not_stated(graph: Graph, path: str) -> None:
    graph.say(graph.dataset, "own:notStated", Text(path))


def _text(graph: Graph, value: str) -> Text:
    return text_term(value, graph.catalogue.language)


def _identity(graph: Graph) -> None:
    record = graph.entry.record
    if record.identifier is None:
        graph.say(graph.dataset, "dct:identifier", Text(graph.entry.iri))
        _not_stated(graph, "identifier")
    doi = DOI_KIND.write(record.summary.doi_name, "")
    if doi is not None and record.summary.doi_name:
        node = graph.below("doi")
        graph.say(graph.dataset, "adms:identifier", node)
        graph.type(node, "adms:Identifier")
        graph.say(node, "skos:notation", Text(record.summary.doi_name))
    if is_address(graph.entry.page):
        graph.say(graph.dataset, "dcat:landingPage", Iri(graph.entry.page))


def _descriptions(graph: Graph) -> None:
    record = graph.entry.record
    if record.documentation.description is None and record.summary.abstract is not None:
        graph.say(graph.dataset, "dct:description", _text(graph, record.summary.abstract))
        _not_stated(graph, "documentation.description")


def _contacts(graph: Graph) -> None:
    """A contact is called by the name of the custodian. Whose address is not an e-mail address has a name only."""
    name = graph.entry.record.summary.data_custodian.name
    for place in ("contact", "custodian-contact"):
        node = graph.below(place)
        if name and graph.objects(node, "vcard:hasEmail"):
            graph.say(node, "vcard:fn", text_term(name, None))


def _distributions(graph: Graph) -> None:
    record, node = graph.entry.record, graph.place("distribution")
    address = first_web_address(record.accessibility.access.access_rights or []) or graph.entry.page
    if is_address(address):
        graph.say(node, "dcat:accessURL", Iri(address))
    released = record.provenance.temporal.distribution_release_date
    today = graph.options.today
    term = date_term(released)
    if term is not None and released is not None and today is not None and released[:10] <= today.isoformat():
        graph.say(node, "dct:issued", term)
    for member in (*graph.subjects("odrl:Permission"), *graph.subjects("odrl:Duty")):
        graph.say(member, "odrl:target", graph.dataset)
    if record.coverage.dataset_completeness and graph.objects(graph.below("completeness"), "oa:hasBody"):
        graph.say(graph.below("completeness"), "oa:hasTarget", graph.dataset)


def _origin(graph: Graph) -> None:
    """The origin in words, as a statement and as the activity that made the data."""
    origin = graph.entry.record.provenance.origin
    words = [f"{label}: {', '.join(values)}." for label, name in ORIGIN if (values := getattr(origin, name))]
    if not words:
        return
    statement, activity = graph.below("provenance"), graph.below("collection")
    graph.say(graph.dataset, "dct:provenance", statement)
    graph.type(statement, "dct:ProvenanceStatement")
    graph.say(statement, "rdfs:label", _text(graph, " ".join(words)))
    graph.say(graph.dataset, "prov:wasGeneratedBy", activity)
    graph.type(activity, "prov:Activity")
    graph.say(activity, "rdfs:label", _text(graph, " ".join(words)))


def _kinds(graph: Graph) -> None:
    """Every dataset here is about health; its own types are themes besides."""
    theme = Iri(HEALTH_THEME)
    graph.say(graph.dataset, "dcat:theme", theme)
    graph.type(theme, "skos:Concept")
    graph.say(theme, "skos:prefLabel", Text("Health", "en"))
    for number, kind in enumerate(graph.entry.record.provenance.origin.dataset_type or (), 1):
        if kind.name:
            graph.say(graph.dataset, "dcat:theme", graph.below(f"datasetType-{number}"))


def _standards(graph: Graph) -> None:
    for vocabulary in graph.objects(graph.dataset, "own:vocabulary"):
        graph.say(graph.dataset, "dct:conformsTo", vocabulary)
        if graph.options.is_health:
            graph.say(graph.dataset, "healthdcatap:hasCodingSystem", vocabulary)


def _relations(graph: Graph) -> None:
    linkage = graph.entry.record.enrichment_and_linkage
    series = {one.url for one in graph.entry.series}
    for path, predicates in RELATED.items():
        for other in _related(graph.entry.record, path):
            if other.url and other.url not in series and is_address(other.url):
                graph.say(graph.dataset, predicates[0], Iri(other.url))
    for address in (*(linkage.investigations or ()), *(linkage.tools or ())):
        if is_address(address):
            graph.say(graph.dataset, "dct:relation", Iri(address))
    for doi in (*(linkage.publication_about_dataset or ()), *(linkage.publication_using_dataset or ())):
        term = DOI_KIND.write(doi, "")
        if term is not None:
            graph.say(graph.dataset, "dct:isReferencedBy", term)


def _series(graph: Graph) -> None:
    for one in graph.entry.series:
        if not is_address(one.url):
            continue
        node = Iri(one.url)
        graph.say(graph.dataset, "dcat:inSeries", node)
        if one.title:
            graph.type(node, "dcat:DatasetSeries")
            graph.say(node, "dct:title", _text(graph, one.title))
        if one.description:
            graph.say(node, "dct:description", _text(graph, one.description))


def _related(record: Dataset, path: str) -> list[RelatedDataset]:
    linkage = record.enrichment_and_linkage
    return {
        "derivedFrom": linkage.derived_from, "isPartOf": linkage.is_part_of, "linkableDatasets": linkage.linkable_datasets,
    }[path.rpartition(".")[2]] or []  # fmt: skip


def _versions(graph: Graph) -> None:
    """Earlier versions that have an address; the highest number below the present one came just before."""
    record = graph.entry.record
    earlier = [(_number(one.version), one.url) for one in record.revisions or () if one.url and is_address(one.url)]
    for _, address in earlier:
        graph.say(graph.dataset, "prov:wasRevisionOf", Iri(address or ""))
    now = _number(record.version)
    before = [(number, address) for number, address in earlier if number and now and number < now]
    if before:
        graph.say(graph.dataset, "dcat:previousVersion", Iri(max(before)[1] or ""))


def _number(version: str | None) -> tuple[int, ...] | None:
    parts = (version or "").split(".")
    return (
        tuple(int(part) for part in parts)
        if len(parts) == 3 and all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts)
        else None
    )


def _columns(graph: Graph) -> None:
    for column in graph.subjects("csvw:Column"):
        for name in graph.objects(column, "csvw:name"):
            graph.say(column, "csvw:titles", name)


# HealthDCAT-AP


def _health(graph: Graph) -> None:
    settings, record = graph.options.health, graph.entry.record
    _legislation(graph)
    if not graph.objects(graph.dataset, "dct:accessRights") and settings.access_rights:
        graph.say(graph.dataset, "dct:accessRights", Iri(settings.access_rights))
        _not_stated(graph, "accessibility.access.accessServiceCategory")
    if settings.body_name:
        _agent_with_contact(graph, "hdab", settings.body_name, settings.body_contact)
    names = [kind.name or "" for kind in record.provenance.origin.dataset_type or ()]
    for name in ("*", *names):
        if name in settings.categories:
            graph.say(graph.dataset, "healthdcatap:healthCategory", Iri(settings.categories[name]))
    if settings.dataset_type:
        kind = Iri(settings.dataset_type[0])
        graph.say(graph.dataset, "dct:type", kind)
        graph.type(kind, "skos:Concept")
        graph.say(kind, "skos:prefLabel", Text(settings.dataset_type[1], "en"))
    if settings.provenance and not graph.objects(graph.dataset, "dct:provenance"):
        graph.say(graph.dataset, "dct:provenance", graph.below("provenance"))
        graph.type(graph.below("provenance"), "dct:ProvenanceStatement")
        graph.say(graph.below("provenance"), "rdfs:label", _text(graph, settings.provenance))
    _publisher_contact(graph)
    _records(graph)


def _legislation(graph: Graph) -> None:
    for subject in (graph.dataset, *graph.subjects("dcat:Distribution")):
        for address in graph.options.health.legislation:
            graph.say(subject, "dcatap:applicableLegislation", Iri(address))


def _agent_with_contact(graph: Graph, name: str, called: str, contact: str | None) -> None:
    agent, kind = graph.below(name), graph.below(f"{name}-contact")
    graph.say(graph.dataset, "healthdcatap:hdab", agent)
    graph.type(agent, "foaf:Agent")
    graph.say(agent, "foaf:name", Text(called))
    mail = MAIL.write(contact, "")
    if mail is not None or (contact and is_address(contact)):
        graph.say(agent, "dcat:contactPoint", kind)
        graph.type(kind, "vcard:Kind")
        graph.say(kind, "vcard:hasEmail" if mail is not None else "vcard:hasURL", mail or Iri(contact or ""))


def _publisher_contact(graph: Graph) -> None:
    """A custodian that states no address of its own is reached through its page in this catalogue."""
    page = graph.entry.custodian_page
    if graph.entry.record.summary.data_custodian.name is None or graph.objects(
        graph.below("custodian-contact"), "vcard:hasEmail"
    ):
        return
    if page and is_address(page):
        graph.say(graph.place("custodianContact"), "vcard:hasURL", Iri(page))


def _records(graph: Graph) -> None:
    events = [
        one
        for one in graph.entry.record.observations or ()
        if one.observed_node == "Events" and (one.measured_value or -1) >= 0
    ]
    if events:
        latest = max(events, key=lambda one: one.observation_date or "")
        graph.say(
            graph.dataset,
            "healthdcatap:numberOfRecords",
            Text(str(latest.measured_value), datatype=f"{XSD}nonNegativeInteger"),
        )


# what a profile demands and nobody states

DEMANDED: Final = (
    ("dct:title", "The record has no title."),
    ("dct:description", "The record has neither description nor abstract."),
)
DEMANDED_BY_HEALTH: Final = (
    ("dcatap:applicableLegislation", "No legislation is set for the catalogue."),
    ("healthdcatap:hdab", "No health data access body is set for the catalogue."),
    ("healthdcatap:healthCategory", "No health category is set for the types of this dataset."),
    ("dct:type", "No type of dataset is set for the catalogue."),
    ("dct:provenance", "The record says nothing of its origin, and no statement is set for the catalogue."),
    ("dcat:contactPoint", "The record has no contact that is an e-mail address."),
    ("dcat:keyword", "The record has no keywords."),
    ("dcat:distribution", "The record has no distribution."),
)


def unfilled(graph: Graph) -> Iterator[Unfilled]:
    """What keeps the dataset from conforming to the profile; nothing is made up to please it."""
    for name, message in (*DEMANDED, *(DEMANDED_BY_HEALTH if graph.options.is_health else ())):
        if not graph.objects(graph.dataset, name):
            yield Unfilled(graph.entry.iri, name, message)
    if not graph.options.is_health:
        return
    if graph.objects(graph.dataset, "dct:accessRights") != [Iri(NON_PUBLIC)]:
        yield Unfilled(
            graph.entry.iri,
            "dct:accessRights",
            "The profile is for non-public data; the record states other or no access.",
        )
    if graph.options.health.body_name and not graph.objects(graph.below("hdab"), "dcat:contactPoint"):
        yield Unfilled(graph.entry.iri, "dcat:contactPoint", "The health data access body has no contact.")
    if graph.objects(graph.dataset, "dct:publisher") and not graph.objects(
        graph.below("custodian"), "dcat:contactPoint"
    ):
        yield Unfilled(graph.entry.iri, "dct:publisher", "The custodian has no contact.")
