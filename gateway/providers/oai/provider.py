"""The six verbs, over the catalogue."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from gateway.catalogue.linked_data import Publisher
from gateway.catalogue.published import Catalogue, Published
from gateway.providers.oai.answers import OAI, container, put
from gateway.providers.oai.asked import GRANULARITY, Asked, OaiError, span_of
from gateway.providers.oai.formats import FORMATS, Format
from gateway.providers.oai.tokens import Place, Tokens
from gateway.settings import Settings
from gateway.store import custodians, federated
from gateway.store.federated import Change, Span

PAGE_SIZE: Final = 100
OAI_IDENTIFIER: Final = "http://www.openarchives.org/OAI/2.0/oai-identifier"
DOMAIN: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Provider:
    settings: Settings
    catalogue: Catalogue
    tokens: Tokens

    @property
    def address(self) -> str:
        return f"{self.settings.resolved_public_url}/oai"

    @property
    def domain(self) -> str:
        return urlsplit(self.settings.resolved_public_url).hostname or "localhost"

    def answer(self, asked: Asked) -> etree._Element:
        """The element of the verb. Raises :class:`OaiError`."""
        if asked.verb == "Identify":
            return self._identify()
        if asked.verb == "ListSets":
            return self._list_sets(asked)
        if asked.verb == "ListMetadataFormats":
            return self._list_formats(asked)
        return self._get_record(asked) if asked.verb == "GetRecord" else self._list(asked)

    def _identify(self) -> etree._Element:
        with self.catalogue.store.reading() as session:
            first = federated.earliest(session)
        made = container("Identify")
        put(made, "repositoryName", self.settings.service_name)
        put(made, "baseURL", self.address)
        put(made, "protocolVersion", "2.0")
        put(made, "adminEmail", self.settings.contact)
        put(made, "earliestDatestamp", stamp(first or datetime(2000, 1, 1, tzinfo=UTC)))
        put(made, "deletedRecord", "persistent")
        put(made, "granularity", GRANULARITY)
        if DOMAIN.fullmatch(self.domain) and not _is_number(self.domain):
            self._describe_identifiers(etree.SubElement(made, f"{{{OAI}}}description"))
        return made

    def _describe_identifiers(self, place: etree._Element) -> None:
        made = etree.SubElement(place, f"{{{OAI_IDENTIFIER}}}oai-identifier", nsmap={None: OAI_IDENTIFIER})
        sample = self._identifier("mfrggzdfmz")
        for name, text in (("scheme", "oai"), ("repositoryIdentifier", self.domain), ("delimiter", ":"), ("sampleIdentifier", sample)):
            etree.SubElement(made, f"{{{OAI_IDENTIFIER}}}{name}").text = text

    def _list_sets(self, asked: Asked) -> etree._Element:
        if asked.get("resumptionToken"):
            raise OaiError("badResumptionToken", "All sets are given at once.")
        with self.catalogue.store.reading() as session:
            cards = custodians.directory(session)
        made = container("ListSets")
        for card in cards:
            one = etree.SubElement(made, f"{{{OAI}}}set")
            put(one, "setSpec", card.custodian.slug)
            put(one, "setName", card.custodian.name)
        return made

    def _list_formats(self, asked: Asked) -> etree._Element:
        identifier = asked.get("identifier")
        if identifier is not None:
            self._change_named(identifier)
        made = container("ListMetadataFormats")
        for prefix, form in FORMATS.items():
            one = etree.SubElement(made, f"{{{OAI}}}metadataFormat")
            put(one, "metadataPrefix", prefix)
            put(one, "schema", form.schema)
            put(one, "metadataNamespace", form.namespace)
        return made

    def _get_record(self, asked: Asked) -> etree._Element:
        change = self._change_named(asked.get("identifier") or "")
        form = _format(asked)
        made = container("GetRecord")
        self._put_records(made, [change], form)
        return made

    def _list(self, asked: Asked) -> etree._Element:
        token = asked.get("resumptionToken")
        place = self.tokens.read(token, asked.verb) if token else None
        asked = Asked(asked.verb, place.arguments) if place else asked
        form = _format(asked)
        since, before = span_of(asked)
        span = Span(since, before, asked.get("set"))
        with self.catalogue.store.reading() as session:
            total = place.total if place else federated.count_changes(session, span)
            found = federated.changes(session, span, after=place.after if place else None, limit=PAGE_SIZE + 1)
        if not found and place is None:
            raise OaiError("noRecordsMatch", "No record matches.")
        page = found[:PAGE_SIZE]
        made = container(asked.verb)
        if asked.verb == "ListRecords":
            self._put_records(made, page, form)
        else:
            for change in page:
                self._put_header(made, change)
        self._put_token(made, asked, page, place, total, has_more=len(found) > PAGE_SIZE)
        return made

    def _put_token(
        self, made: etree._Element, asked: Asked, page: Sequence[Change], place: Place | None, total: int, *, has_more: bool
    ) -> None:
        given = place.given if place else 0
        if place is None and not has_more:
            return
        text = ""
        if has_more:
            last = page[-1]
            text = self.tokens.written(Place(asked.verb, asked.arguments, (last.changed_at, last.record_id), given + len(page), total))
        token = put(made, "resumptionToken", text)
        token.set("completeListSize", str(max(total, given + len(page))))
        token.set("cursor", str(given))

    def _put_records(self, made: etree._Element, changes: Sequence[Change], form: Format) -> None:
        shown = self.catalogue.by_numbers([change.record_id for change in changes if not change.is_gone])
        publisher = Publisher(self.settings, self.catalogue)
        for change in changes:
            published: Published | None = shown.get(change.record_id)
            record = etree.SubElement(made, f"{{{OAI}}}record")
            self._put_header(record, change, is_gone=published is None)
            if published is not None:
                etree.SubElement(record, f"{{{OAI}}}metadata").append(form.write(published, publisher))

    def _put_header(self, place: etree._Element, change: Change, *, is_gone: bool | None = None) -> None:
        header = etree.SubElement(place, f"{{{OAI}}}header")
        if change.is_gone if is_gone is None else is_gone:
            header.set("status", "deleted")
        put(header, "identifier", self._identifier(change.ref))
        put(header, "datestamp", stamp(change.changed_at))
        if change.custodian is not None:
            put(header, "setSpec", change.custodian)

    def _identifier(self, ref: str) -> str:
        return f"oai:{self.domain}:{ref}"

    def _change_named(self, identifier: str) -> Change:
        with self.catalogue.store.reading() as session:
            ref = identifier.removeprefix(f"oai:{self.domain}:")
            change = federated.change_of(session, ref) if ref != identifier else None
        if change is None:
            raise OaiError("idDoesNotExist", "There is no record of that identifier here.")
        return change


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _format(asked: Asked) -> Format:
    prefix = asked.get("metadataPrefix") or ""
    if prefix not in FORMATS:
        raise OaiError("cannotDisseminateFormat", f"Formats here: {', '.join(FORMATS)}.")
    return FORMATS[prefix]


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
