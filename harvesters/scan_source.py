"""Sources of kind ``scan-report``: the description of one dataset with the tables that a White Rabbit scan report counts.

The scan fills what the description lacks, or takes the place of its tables. Values of columns are read only where the custodian
agreed to that (schemas/scan_reports/values.py says which).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from harvesters.folder import FoundFile, find_files
from harvesters.identity import UnusableIdError, local_id
from harvesters.json_listing import read_json
from harvesters.scan_reports import with_scan
from harvesters.source import Content, Cursor, FetchRefused, Held, Mark, PageUnreadable, Pass, RawRecord
from schemas import translate
from schemas.scan_reports import Mode


class ScanReportConfig(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, description="The scan report (ScanReport.xlsx), as the server sees it.")
    description: str = Field(min_length=1, description="The description of the dataset that was scanned: a file with one JSON document.")
    mode: Mode = Field(default="fill", description="fill: add what the description lacks; replace: take the tables from the scan.")
    take_values: bool = Field(default=False, description="Show frequent values of columns too. The custodian must have agreed to it.")


class ScanReportSource:
    kind: ClassVar[str] = "scan-report"
    holds_history: ClassVar[bool] = False

    def __init__(self, config: ScanReportConfig, wanted: Pass, held: Held) -> None:
        self.config = config
        self._wanted = wanted
        self._held = held

    def records(self, after: Cursor | None = None) -> Iterator[RawRecord | Mark]:  # noqa: ARG002  one page, so nothing to go on from
        """One record and one mark. Where both files are as they were, the mark alone."""
        report, description = _file(self.config.path), _file(self.config.description)
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
