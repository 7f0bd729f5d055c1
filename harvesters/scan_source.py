"""Sources of kind ``scan-report``: the tables of one dataset, as a White Rabbit scan report counts them.

With a description beside it the two are one record. Without one the scan stands beside the record of another source of the same
custodian, which the configuration or the file's name (``<identifier>.scan.xlsx``) names. It fills what is missing there, or takes the
place of its tables. Values of columns are read only where the custodian
agreed to that (schemas/scan_reports/values.py says which).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harvesters.folder import SCANS, FoundFile, find_files
from harvesters.identity import UnusableIdError, local_id
from harvesters.json_listing import read_json
from harvesters.scan_reports import structure_of, with_scan
from harvesters.source import Content, Cursor, FetchRefused, Held, Mark, PageUnreadable, Pass, RawRecord
from schemas import translate
from schemas.scan_reports import Mode


class ScanReportConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, title="Scan report", description="The scan report (ScanReport.xlsx), as the server sees it.")
    description: str = Field(default="", title="Description", description="The description of the dataset that was scanned: a file with one JSON document.")
    dataset: str = Field(default="", max_length=1000, title="Dataset", description="Or an identifier of the dataset, which another source of the custodian describes.")
    mode: Mode = Field(default="fill", title="What the scan is for", description="fill: add what the description lacks; replace: take the tables from the scan.")
    take_values: bool = Field(default=False, title="Show frequent values", description="Show frequent values of columns too. The custodian must have agreed to it.")

    @model_validator(mode="after")
    def _dataset_is_known(self) -> ScanReportConfig:
        if self.description and self.dataset:
            raise ValueError("description or dataset: one of them says what was scanned, not both")
        if self.take_values and not self.description:
            raise ValueError("take_values needs a description beside the scan, which says what is sensitive")
        if not self.description and not self.scanned:
            raise ValueError("dataset is needed, or a file called <identifier>.scan.xlsx")
        return self

    @property
    def scanned(self) -> str:
        """The identifier of the dataset where it is described elsewhere."""
        name = Path(self.path).name
        return self.dataset.strip() or next((name[: -len(ending)] for ending in SCANS if name.lower().endswith(ending)), "")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What is to stand beside the record of another source."""

    dataset: str
    mode: Mode
    report: str
    tables: list[dict[str, Any]]


class ScanReportSource:
    kind: ClassVar[str] = "scan-report"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: ScanReportConfig, wanted: Pass, held: Held) -> None:
        self.config = config
        self._wanted = wanted
        self._held = held
        self._tables: list[dict[str, Any]] | None = None

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:  # noqa: ARG002  one page, so nothing to go on from
        """One record and one mark; the mark alone where the files are as they were, or the dataset is described elsewhere."""
        report = _file(self.config.path)
        if not self.config.description:
            yield self._beside_mark(report)
            return
        description = _file(self.config.description)
        fingerprint = hashlib.sha256(f"{report.stamp}|{description.stamp}|{self.config.model_dump_json()}".encode()).hexdigest()
        known = self._held.page("scan") if self._wanted == "incremental" else None
        if known is not None and known.etag == fingerprint:
            yield Mark(cursor=None, page_key="scan", local_ids=known.local_ids, etag=fingerprint, unchanged=True, complete=True)
            return
        record = self._record(report, description)
        yield record
        yield Mark(
            cursor=None, page_key="scan", local_ids=(record.local_id,) if record.local_id else (), etag=fingerprint,
            complete=record.problem is None, why_incomplete="file-unreadable" if record.problem else None,
        )  # fmt: skip

    def beside(self) -> Scanned | None:
        """What is to be kept before the listing is read; None where nothing changed, or the description is part of this source.

        Raises :class:`SourceError`.
        """
        if self.config.description:
            return None
        report = _file(self.config.path)
        return None if self._is_known(report) else Scanned(self.config.scanned, self.config.mode, report.name, self._structure(report))

    def _structure(self, report: FoundFile) -> list[dict[str, Any]]:
        self._tables = structure_of(report) if self._tables is None else self._tables
        return self._tables

    def _fingerprint(self, report: FoundFile) -> str:
        return hashlib.sha256(f"{report.stamp}|{self.config.model_dump_json()}".encode()).hexdigest()

    def _is_known(self, report: FoundFile) -> bool:
        known = self._held.page("scan") if self._wanted == "incremental" else None
        return known is not None and known.etag == self._fingerprint(report)

    def _beside_mark(self, report: FoundFile) -> Mark:
        is_known = self._is_known(report)
        if not is_known:
            self._structure(report)
        return Mark(cursor=None, page_key="scan", etag=self._fingerprint(report), unchanged=is_known, complete=True)

    def _record(self, report: FoundFile, description: FoundFile) -> RawRecord:
        try:
            document = read_json(description.path.read_bytes())
            found = local_id(translate.local_id(document))
            together, findings = with_scan(document, report, mode=self.config.mode, take_values=self.config.take_values)
        except PageUnreadable as problem:
            return RawRecord.unusable(problem.reason, problem.message)
        except UnusableIdError as problem:
            return RawRecord.unusable("bad-id", f"{description.name}: {problem}")
        if found is None:
            return RawRecord.unusable("missing-id", f"{description.name}: there is no identifier in it.")
        content = _content(together, f"{description.name} with {report.name}")
        return RawRecord(found, read=lambda: content, hint=f"sha256:{hashlib.sha256(content.body).hexdigest()}", findings=findings)


def _content(document: Any, locator: str) -> Content:
    return Content(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"), locator=locator)


def _file(path: str) -> FoundFile:
    """Raises :class:`FetchRefused` (``not-found``, ``file-unreadable``)."""
    found = find_files(Path(path)) if Path(path).is_file() else []
    if len(found) != 1 or found[0].problem:
        raise FetchRefused("not-found", f"There is no file {path}.")
    return found[0]
