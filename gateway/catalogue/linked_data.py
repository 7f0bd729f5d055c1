"""Published datasets as linked data: DCAT-AP and HealthDCAT-AP documents, schema.org for pages, and the links between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from frontend.addresses import custodian_path, dataset_path, with_query
from gateway.catalogue.published import Catalogue, Published
from gateway.errors import NotFound, Unprocessable
from gateway.settings import Settings
from gateway.store import custodians, records
from gateway.store.database import utc_now
from schemas.linked_data import Catalogue as Described
from schemas.linked_data import (
    Entry,
    HealthSettings,
    Options,
    Page,
    Profile,
    Syntax,
    Written,
    write_catalogue,
    write_dataset,
    write_schema_org,
)
from schemas.linked_data.series import series_of

EXTENSIONS: Final[Mapping[str, Syntax]] = {"ttl": "turtle", "rdf": "rdfxml", "jsonld": "jsonld", "nt": "ntriples"}
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "ttl": "text/turtle", "rdf": "application/rdf+xml", "jsonld": "application/ld+json", "nt": "application/n-triples",
}
PROFILES: Final[tuple[Profile, ...]] = ("dcat-ap", "healthdcat-ap")
PAGE_SIZE: Final = 100


@dataclass(frozen=True, slots=True)
class Publisher:
    """Makes linked data with the addresses of this installation."""

    settings: Settings
    catalogue: Catalogue

    @property
    def base(self) -> str:
        return self.settings.resolved_public_url

    def iri(self, ref: str) -> str:
        """The persistent address of a dataset, which leads to whichever form is asked for."""
        return f"{self.base}/id/datasets/{ref}"

    def described(self) -> Described:
        name = self.settings.service_name
        return Described(
            iri=f"{self.base}/catalogue", title=name, description=f"Descriptions of health datasets held in the catalogue of {name}.",
            publisher=name, vocabulary=f"{self.base}/vocabulary#", homepage=f"{self.base}/",
        )

    def dataset(self, published: Published, syntax: Syntax, profile: Profile = "dcat-ap") -> Written:
        return write_dataset(self.entry(published), self.described(), syntax, self._options(profile))

    def structured_data(self, published: Published) -> str:
        """schema.org JSON-LD for the dataset's page."""
        return write_schema_org(self.entry(published), self.described()).as_script()

    def page(self, number: int, syntax: Syntax, profile: Profile = "dcat-ap", *, extension: str, custodian: str | None = None) -> Written:
        """A page of the whole catalogue, or of a custodian's datasets. Raises :class:`NotFound` past the last page."""
        with self.catalogue.store.reading() as session:
            card = custodians.card(session, custodian) if custodian else None
            total = card.datasets if card else records.count_visible(session)
            after = records.id_before(session, (number - 1) * PAGE_SIZE, custodian_id=card.custodian.id if card else None)
        last = max(1, -(-total // PAGE_SIZE))
        if number > last:
            raise NotFound(f"The catalogue has {last} pages; there is no page {number}.", hint="Follow hydra:next from the first page.")
        shown = self.catalogue.listing(after_id=after, limit=PAGE_SIZE, custodian_id=card.custodian.id if card else None)
        path = f"{custodian_path(custodian)}/catalogue.{extension}" if custodian else f"/catalogue.{extension}"
        paging = self._paging(path, number, last, total, profile)
        return write_catalogue([self.entry(one) for one in shown], self.described(), syntax, self._options(profile), paging)

    def entry(self, published: Published) -> Entry:
        record, custodian = published.row.record, published.row.custodian
        return Entry(
            record=published.dataset, iri=self.iri(record.ref), page=self.base + dataset_path(record.ref, record.slug),
            custodian_page=self.base + custodian_path(custodian.slug) if custodian else None,
            series=series_of(published.row.version.carried),
        )

    def _paging(self, path: str, number: int, last: int, total: int, profile: Profile) -> Page:
        def address(page: int) -> str:
            pairs = [("profile", profile)] if profile != "dcat-ap" else []
            return self.base + with_query(path, [*pairs, ("page", str(page))] if page > 1 else pairs)

        return Page(
            iri=address(number), total=total, first=address(1), last=address(last),
            previous=address(number - 1) if number > 1 else None, next=address(number + 1) if number < last else None,
        )

    def _options(self, profile: Profile) -> Options:
        return Options(profile=profile, health=health_settings(self.settings.health_dcat), today=utc_now().date())


def syntax_of(extension: str) -> Syntax:
    """Raises :class:`NotFound` for an extension that is no form of linked data."""
    if extension not in EXTENSIONS:
        raise NotFound(f"There is no form {extension!r}.", hint=f"Forms: {', '.join(EXTENSIONS)}.")
    return EXTENSIONS[extension]


def profile_of(name: str) -> Profile:
    for profile in PROFILES:
        if name == profile:
            return profile
    raise Unprocessable(f"{name!r} is not a profile.", hint=f"Profiles: {', '.join(PROFILES)}.", fields={"profile": "unknown"})


def health_settings(given: Mapping[str, Any]) -> HealthSettings:
    """What the operator says for HealthDCAT-AP. Raises :class:`Unprocessable` naming what is wrong."""
    try:
        return TypeAdapter(HealthSettings).validate_python(dict(given))
    except ValidationError as error:
        raise Unprocessable("GATEWAY_HEALTH_DCAT cannot be read.", hint=str(error)[:500]) from error

