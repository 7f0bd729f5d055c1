"""The pages of a dataset: overview, columns, quality, versions and what changed between them; and its twins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from frontend import record_facts as facts
from frontend.addresses import dataset_part_path, dataset_path, source_path
from frontend.views.dataset import (
    Change,
    Completeness,
    DatasetHead,
    DatasetOverviewView,
    DatasetQualityView,
    DatasetVersionsView,
    Difference,
    NextFix,
    QualityScore,
    RelatedDataset,
    ScorePart,
    SectionScore,
    SourceLine,
    VersionRow,
)
from frontend.views.layout import Link, Twin
from frontend.words import day
from gateway.access.advice.terms import duo_terms, terms_of
from gateway.api.asking import Serving
from gateway.api.datasets import one as dataset_api
from gateway.catalogue.explaining import UNCONFIRMED_AFTER
from gateway.catalogue.linked_data import MEDIA_TYPES, Publisher
from gateway.catalogue.published import Published
from gateway.catalogue.quality import median_of_all, of_version
from gateway.errors import BadRequest, NotFound
from gateway.models import Record, Source, Version
from gateway.pages.dataset_access import access_view
from gateway.pages.linked_data import FORMS, signposts
from gateway.pages.showing import held, layout, moved, show
from gateway.pages.similar import similar_datasets
from gateway.store import groups, series, uses
from gateway.web.answers import json_answer
from gateway.wiring import Services
from schemas.difference import differences
from schemas.findings import Finding
from schemas.linked_data.series import Series, series_of
from schemas.quality import Score, score
from schemas.record import Dataset
from schemas.words import field_name
from search.places import resolve

router = APIRouter()
SERIES_SHOWN: Final = 20
"""Other members of a series on the page of one; the API lists all."""
SHOWN_USES: Final = 5
VALUE_SHOWN_CHARACTERS: Final = 600
Name = Annotated[str, Path(max_length=200)]


@router.get("/datasets")
def listing(services: Serving, pid: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """``?pid=`` leads from any identifier a custodian uses to the dataset; without it to the search."""
    if not pid:
        return moved("/search")
    ref = services.catalogue.resolve(pid)
    if ref is None:
        raise NotFound(f"No dataset is known under {pid!r}.", hint="Search for its title instead.")
    return moved(own_path(services.catalogue.get(ref)))


@router.get("/datasets/{name}.json")
def as_json(request: Request, services: Serving, name: Name) -> Response:
    """The API's answer, at the page's address."""
    return dataset_api(request, services, ref_of(name))


@router.get("/datasets/{name}")
def overview(request: Request, services: Serving, name: Name) -> Response:
    published = services.catalogue.get(ref_of(name))
    if request.url.path != own_path(published):
        return moved(own_path(published))
    view = _overview(request, services, published, published.row.version, published.dataset)
    similar = similar_datasets(services.catalogue, published.row.record.ref)
    with services.store.reading() as session:
        used, used_count = uses.of_dataset(session, published.row.record.ref, limit=SHOWN_USES)
    described = replace(
        view, uses=tuple(Link(row.use.values["Project title"], f"/uses/{row.use.public_id}") for row in used), uses_count=used_count,
        structured_data=Publisher(services.settings, services.catalogue).structured_data(published), similar=similar or (),
        failed_blocks=() if similar is not None else ("Similar datasets cannot be shown just now: the search index cannot be reached.",),
    )
    return show(request, described, headers=signposts(services, published))


@router.get("/datasets/{name}/quality")
def quality(request: Request, services: Serving, name: Name) -> Response:
    published = services.catalogue.get(ref_of(name))
    if request.url.path != own_path(published, "quality"):
        return moved(own_path(published, "quality"))
    version = published.row.version
    found = of_version(services.catalogue, version)
    view = DatasetQualityView(
        layout=layout(request, services), head=dataset_head(request, services, published), shape=version.shape,
        findings=tuple(Finding.from_json(finding) for finding in version.findings), scored_at=version.valid_from.isoformat(),
        score=_score(services, published, found), completeness=_completeness(found), median=median_of_all(services.store),
        next_fixes=tuple(NextFix(fix.words, fix.gain, fix.hint) for fix in found.fixes),
    )
    return show(request, view)


@router.get("/datasets/{name}/access")
def access(request: Request, services: Serving, name: Name) -> Response:
    published = services.catalogue.get(ref_of(name))
    if request.url.path != own_path(published, "access"):
        return moved(own_path(published, "access"))
    return show(request, access_view(services, published, dataset_head(request, services, published), layout(request, services)))


@router.get("/datasets/{name}/terms.json")
def terms(request: Request, services: Serving, name: Name) -> Response:
    """The conditions of use as terms of the Data Use Ontology."""
    return json_answer(request, {"ref": ref_of(name), "terms": duo_terms(terms_of(services.catalogue.get(ref_of(name)).row.version.canonical))})


@router.get("/datasets/{name}/versions")
def versions(request: Request, services: Serving, name: Name) -> Response:
    published = services.catalogue.get(ref_of(name))
    if request.url.path != own_path(published, "versions"):
        return moved(own_path(published, "versions"))
    return show(request, _versions(request, services, published, None))


@router.get("/datasets/{name}/versions/{asked}")
def version(request: Request, services: Serving, name: Name, asked: Annotated[str, Path(max_length=30)]) -> Response:
    """``3`` is that version as it was shown; ``2...3`` what changed between two."""
    published = services.catalogue.get(ref_of(name))
    older, dots, newer = asked.partition("...")
    if dots:
        return show(request, _versions(request, services, published, _difference(services, published, older, newer)))
    then = services.catalogue.version(published.row.record.ref, _number(asked))
    return show(request, _overview(request, services, published, then, Dataset.from_json(then.canonical)))


def ref_of(name: str) -> str:
    return name.partition("-")[0]


def own_path(published: Published, part: str = "") -> str:
    record = published.row.record
    return dataset_part_path(record.ref, record.slug, part) if part else dataset_path(record.ref, record.slug)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadRequest(f"{text!r} is not the number of a version.", hint="The versions page lists all of them.")
    return int(text)


def dataset_head(request: Request, services: Services, published: Published, *, shown: Version | None = None) -> DatasetHead:
    record, custodian = published.row.record, published.row.custodian
    offered = published.offer
    old = shown is not None and shown.id != record.current_version_id
    return DatasetHead(
        ref=record.ref, slug=record.slug or "", title=(published.dataset.summary.title or record.local_id),
        custodian_name=custodian.name if custodian else None, custodian_slug=custodian.slug if custodian else None,
        request_status=offered.status, request_status_reason=offered.reason, open_data_href=offered.href,
        checked_at=offered.checked_at.isoformat() if offered.checked_at and not offered.takes_requests else None, version=published.row.version.stated_version,
        is_in_basket=record.ref in held(request, services), is_demonstration=bool(custodian and custodian.is_demonstration),
        is_stale=record.missing_since is not None or record.stale_since is not None, stale_words=_stale_words(record, services.clock()),
        old_version=shown.number if old and shown else None, column_count=facts.column_count(published.dataset) or None,
        version_count=record.version_count,
    )


def _stale_words(record: Record, now: datetime) -> str:
    said = []
    if record.missing_since is not None:
        said.append(f"Not seen at the source since {day(record.missing_since.isoformat())}.")
    if record.stale_since is not None and now - record.stale_since >= UNCONFIRMED_AFTER:
        said.append(f"Unconfirmed: what its source sends since {day(record.stale_since.isoformat())} was refused.")
    elif record.stale_since is not None:
        said.append(f"Stale since {day(record.stale_since.isoformat())}: what its source sends since then was refused.")
    return " ".join(said)


def _overview(request: Request, services: Services, published: Published, then: Version, dataset: Dataset) -> DatasetOverviewView:
    head = dataset_head(request, services, published, shown=then)
    groups = facts.fact_groups(dataset)
    first, last, goes_on = facts.years(dataset)
    people = dataset.summary.population_size
    found, named = score(dataset, fix_limit=0), resolve(dataset.coverage.spatial or ())
    return DatasetOverviewView(
        layout=layout(request, services, canonical=head.href, twins=_twins(head), is_indexable=head.old_version is None),
        head=head, abstract=dataset.summary.abstract, description_text=dataset.documentation.description,
        keywords=tuple(dataset.summary.keywords or ()), can_i_use=facts.can_i_use(dataset),
        people=people if people is not None and people >= 0 else None, year_from=first, year_to=last, is_continuing=goes_on,
        places=tuple(dataset.coverage.spatial or ()), nations=named.nations, regions=named.regions, ages=facts.ages(dataset),
        table_count=len(dataset.structural_metadata.tables or ()) or None, groups=groups,
        observations=facts.observations(dataset), related=_all_related(services, published, then, dataset), not_said=facts.not_said(groups),
        source=_source(published, then), citation=_citation(services, published), findings_errors=then.findings_errors,
        findings_count=len(then.findings), quality=then.quality, completeness=_completeness(found),
    )


def _completeness(found: Score) -> Completeness:
    percent = found.part("Completeness").percent
    return Completeness(round(percent or 0), tuple(SectionScore(part.name, part.filled, part.possible) for part in found.sections))


def _score(services: Services, published: Published, found: Score) -> QualityScore:
    history = [
        (row.valid_from.date().isoformat(), row.quality)
        for row in reversed(services.catalogue.versions(published.row.record.ref))
        if row.quality is not None and not row.is_older_state
    ]
    parts = tuple(ScorePart(part.name, part.percent, part.weight) for part in found.parts)
    return QualityScore(found.total, found.band, parts, tuple(history))


def _all_related(services: Services, published: Published, then: Version, dataset: Dataset) -> tuple[RelatedDataset, ...]:
    found = series_of(then.carried)
    stated = facts.related(dataset, series=[one.url for one in found])
    return (*_elsewhere(services, published.row.record), *_related(services, stated), *_in_series(services, published.row.record, found))


def _in_series(services: Services, record: Record, found: Iterable[Series]) -> Iterator[RelatedDataset]:
    """The series, then its other members that are held here."""
    with services.store.reading() as session:
        for one in found:
            name = one.title or one.url
            yield RelatedDataset("Part of the series", name, facts.web_address(one.url))
            for other in series.others(session, record, one.url, limit=SERIES_SHOWN):
                yield RelatedDataset(f"Also in the series {name}", other.title or other.local_id, dataset_path(other.ref, other.slug))
            left = series.count(session, one.url) - 1 - SERIES_SHOWN
            if left > 0:
                yield RelatedDataset(f"Also in the series {name}", f"{left} more")


def _related(services: Services, related: Iterable[RelatedDataset]) -> tuple[RelatedDataset, ...]:
    """Relations to datasets that are held here lead to their pages."""
    shown = []
    for other in related:
        ref = services.catalogue.resolve(other.title) or (services.catalogue.resolve(other.href) if other.href else None)
        shown.append(RelatedDataset(other.relation, other.title, dataset_path(ref) if ref else other.href))
    return tuple(shown)


def _elsewhere(services: Services, record: Record) -> tuple[RelatedDataset, ...]:
    """The same dataset, as other sources describe it; nothing is merged."""
    with services.store.reading() as session:
        grouped = [one for one in groups.group(session, record) if one.id != record.id]
    return tuple(RelatedDataset("The same dataset, from another source", one.title or one.local_id, dataset_path(one.ref, one.slug)) for one in grouped)


def _source(published: Published, then: Version) -> SourceLine:
    row = published.row
    identifiers = tuple(value for value in dict.fromkeys((row.record.local_id, *published.aliases)) if value != row.record.pid)
    return SourceLine(
        source_name=row.source.name, source_href=source_path(row.source.slug), harvested_at=then.valid_from.isoformat(),
        last_changed_at=row.record.last_changed_at.isoformat(),
        last_attempt_at=row.source.last_attempt_at.isoformat() if row.source.last_attempt_at else None,
        last_seen_at=_last_seen(row.record, row.source), failures=row.source.consecutive_failures,
        record_version=then.stated_version, pid=row.record.pid, identifiers=identifiers, shape=then.shape,
    )


def _last_seen(record: Record, source: Source) -> str:
    """An unchanged record is not written, so it was seen when its source was last read, unless it was missing then."""
    read_at = source.last_success_at
    at = read_at if record.state == "live" and read_at is not None and read_at > record.last_seen_at else record.last_seen_at
    return at.isoformat()


def _citation(services: Services, published: Published) -> str:
    row = published.row
    who = row.custodian.name if row.custodian else "Custodian not reported"
    stated = f", version {row.version.stated_version}" if row.version.stated_version else ""
    year = (row.version.stated_modified or row.version.valid_from.isoformat())[:4]
    address = services.settings.resolved_public_url + dataset_path(row.record.ref)
    return f"{who} ({year}). {row.record.title}{stated}. {services.settings.service_name}. {address}"


def _twins(head: DatasetHead) -> tuple[Twin, ...]:
    original = f"/api/v1/datasets/{head.ref}/original"
    linked = (Twin(name, f"{head.href}.{extension}", MEDIA_TYPES[extension]) for name, extension in FORMS)
    return (Twin("JSON", f"{head.href}.json", "application/json"), *linked, Twin("As submitted", original, "application/octet-stream"))


def _versions(request: Request, services: Services, published: Published, difference: Difference | None) -> DatasetVersionsView:
    held_versions = services.catalogue.versions(published.row.record.ref)
    canonical = own_path(published, "versions")
    return DatasetVersionsView(
        layout=layout(request, services, canonical=canonical, is_indexable=difference is None),
        head=dataset_head(request, services, published), versions=_version_rows(published, held_versions), difference=difference,
    )


def _version_rows(published: Published, found: Sequence[Version]) -> tuple[VersionRow, ...]:
    base, current = own_path(published, "versions"), published.row.record.current_version_id
    return tuple(
        VersionRow(
            number=row.number, stated_version=row.stated_version, date=row.valid_from.isoformat(),
            origin=row.cause or ("Harvest, an older state" if row.is_older_state else "Harvest"),
            changed=tuple(dict.fromkeys(field_name(path) for path in row.changed_paths)), is_current=row.id == current,
            href=own_path(published) if row.id == current else f"{base}/{row.number}",
            difference_href=f"{base}/{_before(row, found)}...{row.number}" if row.changed_paths else None,
        )
        for row in found
    )


def _before(row: Version, found: Sequence[Version]) -> int:
    """The version that this one replaced."""
    return max((other.number for other in found if other.number < row.number and not other.is_older_state), default=row.number)


def _difference(services: Services, published: Published, older: str, newer: str) -> Difference:
    ref = published.row.record.ref
    before = services.catalogue.version(ref, _number(older))
    after = services.catalogue.version(ref, _number(newer))
    changes = tuple(
        Change(field_name(change.path), _shown(change.before), _shown(change.after))
        for change in differences(before.canonical, after.canonical)
    )
    return Difference(before.number, after.number, changes)


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= VALUE_SHOWN_CHARACTERS else f"{text[:VALUE_SHOWN_CHARACTERS]}…"
