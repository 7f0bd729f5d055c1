"""This catalogue as a federation endpoint: a list and a document for each dataset, for other gateways to harvest.

A document is served as its custodian submitted it where it follows a published version of the specification, so that nothing of
it is lost on the way; others are written in the newest version. The list's ``modified`` is when the dataset last changed here,
whatever its custodian says, so that a harvester that trusts it misses nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from gateway.catalogue.published import Catalogue, Published
from gateway.errors import NotFound
from gateway.judging.translation import target_named
from gateway.models import Raw
from gateway.settings import Settings
from gateway.store import custodians, federated, records
from harvesters.envelope import unwrapped
from schemas.document import Unreadable, parse
from schemas.reader import Carried
from schemas.versions import NEWEST, VERSIONS
from schemas.writing import translate, write
from schemas.writing.federation import federation_list, list_item
from schemas.writing.report import Written

PATH: Final = "/api/v1/federation/datasets"


@dataclass(frozen=True, slots=True)
class Federation:
    """``base`` is the public address of this installation, without a slash at the end."""

    catalogue: Catalogue
    base: str

    @classmethod
    def of(cls, catalogue: Catalogue, settings: Settings) -> Federation:
        return cls(catalogue, settings.resolved_public_url)

    def page(self, *, offset: int, limit: int, custodian: str | None = None, target: str | None = None) -> dict[str, Any]:
        """A page of the list. Raises :class:`NotFound` for an unknown custodian or version."""
        wanted = target_named(target) if target else None
        with self.catalogue.store.reading() as session:
            card = custodians.card(session, custodian) if custodian else None
            total = card.datasets if card else records.count_visible(session)
            owner = card.custodian.id if card else None
            after = records.id_before(session, offset, custodian_id=owner)
        shown = self.catalogue.listing(after_id=after, limit=limit, custodian_id=owner)
        with self.catalogue.store.reading() as session:
            names = federated.persistent_ids(session, [one.row.record for one in shown])
            raws = federated.raws(session, [one.row.version.raw_id for one in shown])
        items = [self._item(one, names[one.row.record.id], raws.get(one.row.version.raw_id or 0), wanted) for one in shown]
        return federation_list(items, total=total, limit=limit, offset=offset)

    def document(self, identifier: str, *, target: str | None = None) -> tuple[Any, datetime]:
        """The dataset's document and when it last changed. Raises :class:`NotFound`, :class:`Gone`."""
        with self.catalogue.store.reading() as session:
            ref = federated.ref_named(session, identifier)
        if ref is None:
            raise NotFound(f"There is no dataset {identifier!r}.", hint="The list names every dataset that is published here.")
        published = self.catalogue.get(ref)
        with self.catalogue.store.reading() as session:
            raw = federated.raws(session, [published.row.version.raw_id]).get(published.row.version.raw_id or 0)
        submitted = self._submitted(published, raw)
        wanted = target_named(target) if target else None
        if submitted is not None and wanted in (None, published.row.version.shape):
            return submitted, published.row.record.last_changed_at
        if submitted is not None and wanted is not None:
            return translate(submitted, wanted).document, published.row.record.last_changed_at
        return _written(published, wanted or NEWEST.name).document, published.row.record.last_changed_at

    def _item(self, published: Published, name: str, raw: Raw | None, target: str | None) -> Written:
        record, custodian = published.row.record, published.row.custodian
        query = f"?{urlencode({'as': target})}" if target else ""
        schema = target or (str(published.row.version.shape) if _is_served_as_submitted(published, raw) else NEWEST.name)
        item = list_item(
            published.dataset, persistent_id=name, address=f"{self.base}{PATH}/{quote(name, safe='')}{query}", schema=schema,
            source=custodian.name if custodian else published.row.source.name,
        )
        item.document["modified"] = record.last_changed_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return item

    def _submitted(self, published: Published, raw: Raw | None) -> Any:
        if raw is None or not _is_served_as_submitted(published, raw):
            return None
        try:
            return unwrapped(parse(self.catalogue.files.get(raw.sha256), raw.charset))
        except (Unreadable, NotFound):
            return None


def _is_served_as_submitted(published: Published, raw: Raw | None) -> bool:
    """Where the document is one of the specification, and says itself who is answerable for the dataset."""
    is_ours = published.row.version.shape in VERSIONS and raw is not None and "json" in raw.media_type
    return is_ours and bool(published.dataset.summary.data_custodian.name or published.row.custodian is None)


def _written(published: Published, target: str) -> Written:
    """In a version that can be written, with the custodian's name where the document left it to its source."""
    dataset, version, custodian = published.dataset, published.row.version, published.row.custodian
    if not dataset.summary.data_custodian.name and custodian is not None:
        named = dataset.summary.data_custodian.model_copy(update={"name": custodian.name})
        dataset = dataset.model_copy(update={"summary": dataset.summary.model_copy(update={"data_custodian": named})})
    carried = [Carried(one["path"], one["value"]) for one in version.carried]
    return write(dataset, target, carried=carried, source=version.shape or "")


def as_json(document: Any) -> bytes:
    """Also numbers beyond what the fast writer takes."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

