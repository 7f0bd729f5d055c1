"""One frozen dataclass per page: all that its template may see. Handlers build them; ``frontend.render.page`` shows them."""

from frontend.views.basket import BasketGroup, BasketItem, BasketView
from frontend.views.checking import CheckedDocument, CheckView
from frontend.views.custodians import CustodianDirectoryView, CustodianRow, CustodianView, HeldDataset
from frontend.views.dataset import (
    CanIUse,
    Change,
    CodedValue,
    ColumnRow,
    Completeness,
    DatasetColumnsView,
    DatasetHead,
    DatasetOverviewView,
    DatasetQualityView,
    DatasetVersionsView,
    Difference,
    Fact,
    FactGroup,
    NextFix,
    ObservationRow,
    QualityScore,
    RelatedDataset,
    ScorePart,
    SectionScore,
    SourceLine,
    TableSummary,
    TombstoneView,
    VersionRow,
)
from frontend.views.holds import HeldRecord, HoldView
from frontend.views.home import ChangedDataset, HomeView
from frontend.views.layout import Layout, Link, Notice, PageView, Twin
from frontend.views.reading import CookieRow, ErrorView, HelpView, TextPageView
from frontend.views.requests import (
    AcknowledgedView,
    AcknowledgeView,
    DeliveryLine,
    FieldError,
    RequestFormView,
    RequestPart,
    RequestSentView,
    RequestStatusView,
    RequestValues,
    TimelineEvent,
)
from frontend.views.search import MatchedIn, ResultCard, SearchView, Widening
from frontend.views.sources import (
    Problem,
    RecordReportView,
    RunRecord,
    RunRow,
    RunView,
    SourceRow,
    SourcesView,
    SourceView,
    Stage,
)
from frontend.views.specification import (
    SpecificationChangesView,
    SpecificationIndexView,
    SpecificationView,
    VocabularyView,
)

__all__ = [
    "AcknowledgeView", "AcknowledgedView", "BasketGroup", "BasketItem", "BasketView", "CanIUse", "Change", "ChangedDataset", "CheckView", "CheckedDocument",
    "CodedValue", "ColumnRow", "Completeness", "CookieRow", "CustodianDirectoryView", "CustodianRow", "CustodianView",
    "DatasetColumnsView", "DatasetHead", "DatasetOverviewView", "DatasetQualityView", "DatasetVersionsView", "DeliveryLine",
    "Difference", "ErrorView", "Fact", "FactGroup", "FieldError", "HeldDataset", "HeldRecord", "HelpView", "HoldView", "HomeView", "Layout", "Link",
    "MatchedIn", "NextFix", "Notice", "ObservationRow", "PageView", "Problem", "QualityScore", "RecordReportView", "RelatedDataset",
    "RequestFormView", "RequestPart", "RequestSentView", "RequestStatusView", "RequestValues", "ResultCard", "RunRecord",
    "RunRow", "RunView", "ScorePart", "SearchView", "SectionScore", "SourceLine", "SourceRow", "SourceView", "SourcesView", "SpecificationChangesView", "SpecificationIndexView", "SpecificationView", "Stage",
    "TableSummary", "TextPageView", "TimelineEvent", "TombstoneView", "Twin", "VersionRow", "VocabularyView", "Widening",
]  # fmt: skip
