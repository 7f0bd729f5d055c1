"""What a caller gives to publish linked data, and what it gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from schemas.linked_data.series import Series
from schemas.reader import Loss
from schemas.record import Dataset

Syntax = Literal["turtle", "rdfxml", "jsonld", "ntriples"]
Profile = Literal["dcat-ap", "healthdcat-ap"]
MEDIA_TYPES: Final[Mapping[Syntax, str]] = {
    "turtle": "text/turtle", "rdfxml": "application/rdf+xml", "jsonld": "application/ld+json", "ntriples": "application/n-triples",
}  # fmt: skip
PROFILE_ADDRESSES: Final[Mapping[Profile, str]] = {
    "dcat-ap": "http://data.europa.eu/r5r/",
    "healthdcat-ap": "https://healthdataeu.pages.code.europa.eu/healthdcat-ap/releases/release-5/",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and its place in this catalogue. ``iri`` is its persistent address, ``page`` that of its page.

    ``custodian_page`` is the page of the custodian here; ``source_page`` where the custodian publishes the record. ``series`` are
    those that the dataset is in.
    """

    record: Dataset
    iri: str
    page: str
    custodian_page: str | None = None
    source_page: str | None = None
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``vocabulary`` is the address of the catalogue's own terms, ending in ``#`` or ``/``."""

    iri: str
    title: str
    description: str
    publisher: str
    vocabulary: str
    homepage: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """What HealthDCAT-AP demands and no UK record states: said by the operator for the whole catalogue, or left out.

    ``legislation`` are addresses of legal resources, ``body_name`` and ``body_contact`` (an address or e-mail address) the
    health data access body. ``categories`` maps names of dataset types to addresses of EU health categories; ``*`` is for
    every dataset. ``dataset_type`` is (address, name) of the EU type. ``access_rights`` is used where a record has no
    access category; ``provenance`` is the statement where a record says nothing of its origin.
    """

    legislation: tuple[str, ...] = ()
    body_name: str | None = None
    body_contact: str | None = None
    categories: Mapping[str, str] = field(default_factory=dict)
    dataset_type: tuple[str, str] | None = None
    access_rights: str | None = None
    provenance: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a longer list, in the terms of Hydra. Addresses; ``total`` counts datasets."""

    iri: str
    total: int
    first: str
    last: str
    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A property that the profile demands and nobody states. ``dataset`` is the address of the dataset, ``property`` a
    prefixed name, ``message`` a sentence for the operator."""

    dataset: str
    property: str
    message: str


@dataclass(frozen=True, slots=True)
class Written:
    """``losses`` name what could not be written as it is. The profile is met if ``unfilled`` is empty."""

    document: bytes
    media_type: str
    losses: tuple[Loss, ...]
    unfilled: tuple[Unfilled, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """``today`` decides whether a release date is past; without it none is."""

    profile: Profile = "dcat-ap"
    health: HealthSettings = field(default_factory=HealthSettings)
    today: date | None = None

    @property
    def is_health(self) -> bool:
        return self.profile == "healthdcat-ap"


PLAIN_OPTIONS: Final = Options()
