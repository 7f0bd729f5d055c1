"""White Rabbit scan reports -> tables and columns, with nothing in them that could be one person's.

A scan counts what is in the tables themselves. Small counts are never shown, values are left out unless asked for, and
minimum, maximum and averages are never taken over.
"""

from __future__ import annotations

from schemas.scan_reports.merging import Mode, joined, merged, scanned_tables, unmarked
from schemas.scan_reports.overview import NoOverview, Scan, ScannedColumn, ScannedTable, read_scan
from schemas.scan_reports.values import with_values

__all__ = ["Mode", "NoOverview", "Scan", "ScannedColumn", "ScannedTable", "joined", "merged", "read_scan", "scanned_tables", "unmarked", "with_values"]
