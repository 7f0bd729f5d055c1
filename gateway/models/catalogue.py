"""The catalogue: custodians, records with every version and the bytes they came from, and what links them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.models.base import Base


class Custodian(Base):
    """An organisation answerable for access. ``origin`` is *registered* (by an operator) or *named* (met in a record)."""

    __tablename__ = "custodians"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    identifier: Mapped[str | None]
    category: Mapped[str | None]
    nations: Mapped[list[Any]]
    description: Mapped[str | None]
    contact: Mapped[str | None]
    origin: Mapped[str]
    is_demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Record(Base):
    """One dataset description held for one source. Identity is ``(source_id, local_id)``; ``ref`` is its public short id."""

    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("source_id", "local_id"),
        Index("ix_records_source_id_state", "source_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    local_id: Mapped[str]
    ref: Mapped[str] = mapped_column(String(16), unique=True)
    pid: Mapped[str]
    custodian_id: Mapped[int | None] = mapped_column(ForeignKey("custodians.id"), index=True)
    state: Mapped[str]
    """live, missing, removed, withheld, unpublished"""
    title: Mapped[str | None]
    slug: Mapped[str | None]
    current_version_id: Mapped[int | None]
    version_count: Mapped[int] = mapped_column(default=0)
    column_count: Mapped[int] = mapped_column(default=0)
    mapping_version: Mapped[str | None]
    """Of the translation that last read it; another than the present one calls for a replay."""
    change_number: Mapped[int] = mapped_column(default=0)
    """Rises with every change that the index must see; the version number of the search document."""
    content_hash: Mapped[str | None]
    refused_hash: Mapped[str | None]
    hint: Mapped[str | None]
    modified: Mapped[str | None]
    missing_since: Mapped[datetime | None]
    missing_passes: Mapped[int] = mapped_column(default=0)
    stale_since: Mapped[datetime | None]
    removal_reason: Mapped[str | None]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    last_changed_at: Mapped[datetime]


class Raw(Base):
    """The exact bytes received, kept once in the files store under their SHA-256; this row says how they came."""

    __tablename__ = "raw"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    length_bytes: Mapped[int]
    media_type: Mapped[str]
    charset: Mapped[str | None]
    url: Mapped[str | None]
    status: Mapped[int | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    locator: Mapped[str | None]
    declared: Mapped[str | None]
    """The specification that the listing named for the document; a replay needs it."""
    fetched_at: Mapped[datetime]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))


class Version(Base):
    """An accepted state of a record. Append-only; never updated, never deleted."""

    __tablename__ = "versions"
    __table_args__ = (
        UniqueConstraint("record_id", "number"),
        Index("ix_versions_record_id_content_hash", "record_id", "content_hash"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"))
    number: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    canonical: Mapped[dict[str, Any]]
    carried: Mapped[list[Any]]
    losses: Mapped[list[Any]]
    findings: Mapped[list[Any]]
    findings_errors: Mapped[int]
    quality: Mapped[float | None]
    """The score of schemas/quality.py on the day of the harvest, 0 to 100."""
    shape: Mapped[str | None]
    schema_sha256: Mapped[str | None]
    raw_id: Mapped[int | None] = mapped_column(ForeignKey("raw.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    is_older_state: Mapped[bool] = mapped_column(default=False)
    """True for a state older than the current one by its own date: kept as history, never shown as current."""
    stated_version: Mapped[str | None]
    stated_modified: Mapped[str | None]
    cause: Mapped[str | None]
    """Why there is this version, where the source did not send it: a replay or an undo, in words."""
    mapping_version: Mapped[str | None]
    """Of the translation and the rules that made it (schemas/translate.py)."""
    changed_paths: Mapped[list[Any]]
    valid_from: Mapped[datetime]


class Alias(Base):
    """Other identifiers of a record, and who asserted them. ``kind`` is pid, doi, identifier or former."""

    __tablename__ = "aliases"
    __table_args__ = (UniqueConstraint("record_id", "kind", "value"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    kind: Mapped[str]
    value: Mapped[str] = mapped_column(index=True)
    asserted_at: Mapped[datetime]


class Link(Base):
    """Two records that are the same dataset, or may be: linked, proposed, or rejected for ever. Nothing is merged."""

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("record_a", "record_b"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    record_a: Mapped[int] = mapped_column(ForeignKey("records.id"))
    record_b: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    state: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Note(Base):
    """A curator's note beside a record. No harvest touches it."""

    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), index=True)
    text: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ScannedStructure(Base):
    """Tables and columns that a scan of the data counted, beside the record of another source of the same custodian.

    ``dataset`` is any identifier of it, in lower case; no harvest of that record touches this row. ``mode`` is *fill* or *replace*.
    """

    __tablename__ = "scanned_structures"
    __table_args__ = (UniqueConstraint("source_id", "dataset"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    dataset: Mapped[str] = mapped_column(index=True)
    mode: Mapped[str]
    report: Mapped[str]
    """The name of the file."""
    tables: Mapped[list[Any]]
    read_at: Mapped[datetime]


class SeriesMember(Base):
    """A record's membership in a series of datasets, as its current version has it: by which others of the series are found."""

    __tablename__ = "series_members"
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    url: Mapped[str] = mapped_column(primary_key=True, index=True)


class IndexEntry(Base):
    """A record whose search document must be written or removed. The row goes when the index has it."""

    __tablename__ = "index_queue"
    record_id: Mapped[int] = mapped_column(ForeignKey("records.id"), primary_key=True)
    change_number: Mapped[int]
    queued_at: Mapped[datetime]
