"""Which protocols the demonstration speaks beside the federation, and where each begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from demonstration.holdings import Holding
from demonstration.protocols import Catalogue, DcatCatalogue, FairDataPoint, WebSite
from demonstration.repositories import Portal, Repository, Spreadsheet

PROTOCOLS: Mapping[str, Callable[[Holding, str], Catalogue]] = {
    "dcat": DcatCatalogue, "fair-data-point": FairDataPoint, "schema-org": WebSite, "oai-pmh": Repository, "ckan": Portal, "web-files": Spreadsheet,
}  # fmt: skip
STARTS: Mapping[str, str] = {
    "dcat": DcatCatalogue.start, "fair-data-point": FairDataPoint.start, "schema-org": WebSite.start, "oai-pmh": Repository.start, "ckan": Portal.start,
    "web-files": Spreadsheet.start,
}  # fmt: skip
