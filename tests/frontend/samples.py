"""Views with made-up values for every page: in its normal, its empty and its error state. PAGES maps addresses to views."""

from __future__ import annotations

from dataclasses import replace

from frontend.addresses import SearchAddress
from frontend.column_addresses import ColumnAddress
from frontend.compare_address import CompareAddress
from frontend.dataset_columns import DatasetColumns
from frontend.views.basket import BasketGroup, BasketItem, BasketView
from frontend.views.checking import CheckedDocument, CheckView
from frontend.views.columns import ColumnSearchView, FoundColumn, MatrixLine
from frontend.views.compare import Compared, ComparedGroup, ComparedRow, CompareView
from frontend.views.custodians import CustodianDirectoryView, CustodianRow, CustodianView, HeldDataset
from frontend.views.dataset import (
    CanIUse,
    Change,
    ChosenCount,
    CodedValue,
    ColumnChoice,
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
from frontend.views.dry_runs import DryRunRecord, DryRunView, ValueChange
from frontend.views.explain import ExplainAnswer, ExplainOutcome, ExplainView
from frontend.views.facet_values import FacetValuesView, ValueLine
from frontend.views.forms import FieldError
from frontend.views.holds import HeldRecord, HoldView
from frontend.views.home import ChangedDataset, HomeView
from frontend.views.layout import Layout, Link, Notice, PageView, Twin
from frontend.views.reading import (
    ERROR_TITLES,
    HELP_TOPICS,
    TEXT_PAGES,
    CookieRow,
    ErrorView,
    HelpView,
    KeptRow,
    TextPageView,
)
from frontend.views.requests import (
    AcknowledgedView,
    AcknowledgeView,
    ActionForm,
    Answer,
    DeliveryLine,
    MailboxCodeView,
    RequestPart,
    RequestSentView,
    RequestStatusView,
    TimelineEvent,
)
from frontend.views.search import AlsoDescribed, MatchedIn, NearestColumn, ResultCard, SearchView, Widening
from frontend.views.source_contacts import ContactRow, SourceContactsView
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
    TimeSpent,
)
from frontend.views.specification import (
    SpecificationChangesView,
    SpecificationIndexView,
    SpecificationView,
    VersionEntry,
    VocabularyView,
)
from schemas.findings import Finding
from schemas.reference import FieldChange, FieldEntry
from search.bands import BANDS
from search.engine import Facet, FacetValue, Fragment
from tests.frontend.samples_accounts import ACCOUNT_PAGES
from tests.frontend.samples_agreements import AGREEMENT_PAGES
from tests.frontend.samples_agreements import ROWS as AGREEMENTS
from tests.frontend.samples_drafts import DRAFT_PAGES
from tests.frontend.samples_pathways import TILES
from tests.frontend.samples_pathways import pages as pathway_pages
from tests.frontend.samples_people import PEOPLE_PAGES
from tests.frontend.samples_profiles import PROFILE_PAGES
from tests.frontend.samples_questions import QUESTION_PAGES
from tests.frontend.samples_register import REGISTER_PAGES
from tests.frontend.samples_sources import SOURCE_PAGES
from tests.frontend.samples_triage import TRIAGE_PAGES

LAYOUT = Layout(version="0.1.0", is_demonstration=True, basket_count=2, contact="gateway@example.org")
CUSTODIANS = (
    ("northshire-hospitals", "Northshire Hospitals NHS Foundation Trust", "Healthcare provider", ("England",)),
    ("vale-primary-care", "Vale Primary Care Research Database", "Research Data Service", ("England", "Wales")),
    ("lochside-biobank", "Lochside Biobank", "Cohorts and biobanks", ("Scotland",)),
    ("national-fertility-register", "National Fertility Register", "National agency or public body", ()),
    ("rivermead-mental-health", "Rivermead Mental Health & Community Trust", "Healthcare provider", ("England",)),
    ("institute-of-breathing", "Institute of Breathing", "Academic centre", ("Northern Ireland",)),
)
TITLES = (
    ("7kq2m", "primary-care-events", "Primary care events", 1, 12_934_211, 1987, None, True),
    ("b3x9d", "hospital-admissions", "Hospital admissions, accident and emergency attendances and outpatient appointments", 0, 2_611_004, 1997, None, True),
    ("p0w4z", "severe-asthma-register", "Severe asthma register with patient-reported outcomes", 5, 8_940, 2015, 2024, False),
    ("h6t1c", "biobank-genotypes", "Genotypes of healthy volunteers", 2, 48_112, 2006, 2010, False),
    ("m8v5e", "mental-health-services", "Mental health services &amp; community contacts", 4, None, 2016, None, True),
    ("r2n7y", "fertility-treatments", "Register of fertility treatments and their outcomes", 3, 690_000, 1991, 2023, False),
)


def card(place: int) -> ResultCard:
    ref, slug, title, custodian, people, first, last, goes_on = TITLES[place % len(TITLES)]
    custodian_slug, name, _, places = CUSTODIANS[custodian]
    return ResultCard(
        ref=ref,
        slug=slug,
        title=title,
        custodian_name=name,
        custodian_slug=custodian_slug,
        also_described=tuple(AlsoDescribed(f"{title} <b>", f"/datasets/{ref}x{number}", None if number else "A region") for number in range(place % 3 * 3)),
        request_status=("open", "open", "preparation", "open", "closed", "open")[place % 6],
        request_status_reason="Linkage work ends in spring 2027" if place % 6 == 4 else None,
        snippet=(
            Fragment("Coded diagnoses, prescriptions and measurements recorded in care, including ", False),
            Fragment("asthma", True),
            Fragment(" reviews, peak flow and ", False),
            Fragment("smoking", True),
            Fragment(" status, for patients registered with a contributing practice. Free text is removed before release.", False),
        ),
        matched_in=(
            MatchedIn("title") if place % 2 else MatchedIn("abstract"),
            MatchedIn("column_names", ("smoking_status", "asthma_review_date", "peak_flow_best"), 7, tables=("reviews",) * 3),
            MatchedIn("keywords", ("asthma",), by_synonym="wheeze" if place == 3 else None),
        )[: 3 if place != 5 else 1],
        people=people,
        year_from=first,
        year_to=last,
        is_continuing=goes_on,
        places=(*places, "London", "South West")[: 3 if place % 2 else 1],
        lead_time=("1-2 months", "2-6 months", None)[place % 3],
        models=("OMOP", "NHS Data Dictionary")[: place % 3],
        columns=(412, 1_260, 96, None, 233, 75)[place % 6],
        described=(91, 78, 64, 38, None, 83)[place % 6],
        is_in_basket=place == 1,
    )


FACETS = (
    Facet("open", (FacetValue("yes", 31),), 1),
    Facet("nation", (FacetValue("England", 38), FacetValue("Wales", 12), FacetValue("Scotland", 9), FacetValue("Northern Ireland", 6), FacetValue("United Kingdom", 5)), 5),
    Facet("region", (FacetValue("London", 21), FacetValue("South West", 8), FacetValue("North East", 1), FacetValue("Not reported", 14)), 4),
    Facet("custodian", tuple(FacetValue(name, 12 - place) for place, (_, name, _, _) in enumerate(CUSTODIANS * 2) if place < 6)
          + tuple(FacetValue(f"Hospital trust number {number}", 3) for number in range(1, 14)), 19),
    Facet("dtype", (FacetValue("Health and disease", 29), FacetValue("Measurements/Tests", 14), FacetValue("Imaging", 5)), 3),
    Facet("model", (FacetValue("OMOP", 11), FacetValue("NHS DATA DICTIONARY", 9), FacetValue("Not reported", 22)), 3),
    Facet("subtype", (FacetValue("Mental health", 9), FacetValue("Cancer", 4)), 2),
    Facet("kind", (FacetValue("Health and disease › Mental health", 9), FacetValue("Health and disease › Cancer", 4)), 2),
    *(Facet(name, (*(FacetValue(band.value, 40 - 7 * place) for place, band in enumerate(bands[-6:])), FacetValue("Not reported", 22)), 7) for name, bands in BANDS.items()),
    Facet("lead", (FacetValue("1-2 months", 8), FacetValue("2-6 months", 17)), 2),
)  # fmt: skip
FIELDS = (
    FieldEntry("summary", "Summary", True, False, "a group of fields", meaning="What a result list shows."),
    FieldEntry("summary.title", "Title", True, False, "text of 2 to 150 characters", meaning="The name of the dataset.", depth=1),
    FieldEntry("coverage.followUp", "Follow up", False, True, "one of the values", ("0 - 6 Months", "Unknown", "Other"), depth=1),
)
TWINS = (Twin("CSV", "/search.csv?q=asthma", "text/csv"), Twin("JSON", "/search.json?q=asthma", "application/json"))


def search(query: str, **changes: object) -> SearchView:
    pairs = [(part.split("=")[0], part.split("=")[1].replace("+", " ")) for part in query.split("&") if part]
    made = SearchView(
        layout=replace(LAYOUT, path="/search", twins=TWINS, canonical="http://gateway.example.org/search"),
        address=SearchAddress.read(pairs),
        total=143,
        cards=tuple(card(place) for place in range(6)),
        facets=FACETS,
        england_alone=9,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


HEAD = DatasetHead(
    ref="7kq2m",
    slug="primary-care-events",
    title="Primary care events",
    custodian_name=CUSTODIANS[1][1],
    custodian_slug=CUSTODIANS[1][0],
    version="3.2.1",
    is_demonstration=True,
    column_count=412,
    version_count=4,
)
BARE_HEAD = DatasetHead(ref="z9z9z", slug="untold", title="A dataset of which almost nothing is told", request_status="closed",
                        request_status_reason="The custodian takes no requests through this service", is_stale=True, old_version=2)  # fmt: skip
SCORE = Completeness(
    78,
    (
        SectionScore("Summary", 18, 18),
        SectionScore("Documentation", 6, 8),
        SectionScore("Coverage", 7, 14),
        SectionScore("Provenance", 9, 16),
        SectionScore("Accessibility", 20, 22),
        SectionScore("Linkage", 2, 8),
        SectionScore("Tables and columns", 13, 14),
    ),
)
FINDINGS = (
    Finding("end-before-start", "error", "/provenance/temporal/endDate", "Provenance › End date",
            "The end date, 1 March 2004, is before the start date, 1 April 2004.", "Exchange the two dates, or mend the one that is wrong.", "2004-03-01"),
    Finding("address-shape", "warning", "/summary/contactPoint", "Summary › Contact point",
            "The contact point is not an e-mail address.", "State one address, such as data.access@example.org.", "see website"),
    Finding("age-range-missing", "advice", "/coverage/typicalAgeRangeMin", "Coverage › Typical age range", "No age range is stated.",
            "State the youngest and oldest age in years."),
)  # fmt: skip
DESCRIPTION = (
    "<p>Records of consultations, diagnoses, prescriptions, tests and referrals from <b>1,104 practices</b>.</p><ul><li>Coded in SNOMED&nbsp;CT</li>"
    "<li>Linked each quarter</li></ul><script>alert(1)</script><img src='https://tracker.example/x.png' alt=''>"
    "<h2>What is left out</h2><p onclick='x()' style='color:red'>Free text and documents. See <a href='https://docs.example.org/guide' target=_blank>the guide</a> or "
    "<a href='javascript:alert(1)'>this</a>.</p>"
)
OVERVIEW = DatasetOverviewView(
    layout=replace(LAYOUT, path="/datasets/7kq2m-primary-care-events", canonical="http://gateway.example.org/datasets/7kq2m-primary-care-events",
                   twins=(Twin("JSON", "/datasets/7kq2m-primary-care-events.json", "application/json"),
                          Twin("Turtle", "/datasets/7kq2m-primary-care-events.ttl", "text/turtle"))),
    head=HEAD,
    abstract="De-identified events from general practices across England and Wales: consultations, diagnoses, prescriptions, tests and referrals since 1987.",
    description_text=DESCRIPTION,
    keywords=("Primary care", "Prescribing", "Asthma &amp; COPD", "SNOMED CT"),
    can_i_use=CanIUse(who_may_apply="Researchers at an accredited organisation", where_analysed="Secure data environment", lead_time="1-2 months",
                      cost="Cost recovery, quoted for each project", jurisdiction="England and Wales"),
    people=12_934_211,
    year_from=1987,
    is_continuing=True,
    places=("England", "Wales", "London"),
    nations=("England", "Wales"),
    regions=("London",),
    ages="0 to 110 years",
    table_count=14,
    completeness=SCORE,
    groups=(
        FactGroup("Access", "access", (
            Fact(label="Access rights", values=("https://www.example.org/access-policy",)),
            Fact(label="Use limitations", values=("General research use", "No linkage")),
            Fact(label="Data controller", values=("Each contributing practice",)),
            Fact(label="Data processor"),
        )),
        FactGroup("Origin", "origin", (
            Fact(label="Collected for", values=("Care", "Administrative")),
            Fact(label="Updated", values=("Monthly",)),
            Fact(label="Pathway", values=("Starts with **registration** at a practice.\n\nEnds with death or a move.",), is_text=True),
            Fact(label="Follow-up"),
        )),
        FactGroup("Format and standards", "format", (
            Fact(label="Vocabularies", values=("SNOMED CT", "DM+D", "ICD10")),
            Fact(label="Conforms to", values=("OMOP",)),
            Fact(label="Language", values=("en",)),
        )),
    ),
    observations=(ObservationRow("Persons", 12_934_211, "Count of registered patients", "2026-09-30", "Alive and registered on the day"),
                  ObservationRow("Events", None, None, None, None)),
    related=(RelatedDataset("Linked with", "Hospital admissions", "/datasets/b3x9d-hospital-admissions"), RelatedDataset("Linked with", "Deaths"),
             RelatedDataset("Derived from", "Practice systems extract")),
    not_said=("Follow-up", "Data processor"),
    source=SourceLine(source_name="Vale catalogue", source_href="/sources/vale", harvested_at="2026-11-21T04:10:00+00:00", record_version="3.2.1",
                      pid="5b0c4bd8-5b8e-4a1d-9d0f-2a9a2f8b3b11", identifiers=("https://doi.org/10.9999/example",), shape="HDRUK 4.0.0"),
    citation="Vale Primary Care Research Database (2026). Primary care events, version 3.2.1. Alliance Gateway.",
    structured_data='{"@context": "https://schema.org", "@type": "Dataset", "name": "Primary care </script> events"}',
)  # fmt: skip
COLUMNS = DatasetColumnsView(
    layout=replace(LAYOUT, path="/datasets/7kq2m-primary-care-events/columns"),
    head=HEAD,
    tables=(TableSummary("patient", "One row for each registered person.", 12), TableSummary("consultation", None, 38), TableSummary("prescription", None, 362, is_chosen=True)),
    choice=ColumnChoice(count=ChosenCount(columns=12, tables=1), drafts=(("Asthma in towns and in the country", "AR-7K3M9Q2X4"),)),
    rows=tuple(
        ColumnRow(table="patient", anchor=f"patient.{name}", is_chosen=name == "patient_id", is_chosen_with_table=name == "smoking_status", name=name, data_type=kind, description=words, is_sensitive=sensitive, values=values, values_total=total)
        for name, kind, words, sensitive, values, total in (
            ("patient_id", "varchar(20)", "A pseudonym, stable across releases", True, (), 0),
            ("year_of_birth", "integer", "Four digits; month is never given", True, (), 0),
            ("smoking_status", "integer", "As last recorded before the release", False,
             (CodedValue("1", "Never"), CodedValue("2", "Former"), CodedValue("3", "Current")), 5),
            ("a_very_long_column_name_that_does_not_break_anywhere_by_itself", None, None, None, (), 0),
        )
    ),
    total=412,
)  # fmt: skip
VERSIONS = (
    VersionRow(number=3, stated_version="3.2.1", date="2026-11-21T04:10:00+00:00", origin="Harvest", changed=("Abstract", "Time lag", "Keywords", "Columns", "Contact"),
               is_current=True, href="/datasets/7kq2m-primary-care-events", difference_href="/datasets/7kq2m-primary-care-events/versions/2...3"),
    VersionRow(number=2, stated_version="3.2.0", date="2026-08-02T04:10:00+00:00", origin="Harvest", changed=("Abstract",),
               href="/datasets/7kq2m-primary-care-events/versions/2", difference_href="/datasets/7kq2m-primary-care-events/versions/1...2"),
    VersionRow(number=1, stated_version=None, date="2026-03-14T04:10:00+00:00", origin="Harvest"),
)  # fmt: skip

SOURCES = (
    SourceRow(slug="vale", name="Vale catalogue", kind="federation", custodian_name=CUSTODIANS[1][1], custodian_slug=CUSTODIANS[1][0],
              last_run_at="2026-11-21T04:10:00+00:00", last_run_state="succeeded", next_due_at="2026-11-22T04:10:00+00:00", datasets=12),
    SourceRow(slug="alliance", name="Alliance aggregate feed", kind="dcat", state="failing", last_run_at="2026-11-20T22:00:00+00:00",
              last_run_state="failed", next_due_at="2026-11-21T22:00:00+00:00", datasets=131),
    SourceRow(slug="new", name="Lochside files", kind="files", custodian_name=CUSTODIANS[2][1], custodian_slug=CUSTODIANS[2][0], state="paused"),
)  # fmt: skip
OUTCOMES = (("created", 12), ("updated", 40), ("unchanged", 360), ("quarantined", 3), ("rejected", 1), ("missing", 2))
RUNS = tuple(
    RunRow(source_slug="vale", run=400 - place, state=("succeeded", "failed", "partial", "held")[place % 7 if place % 7 < 4 else 0],
           trigger="manual" if place == 3 else "schedule", queued_at=f"2026-11-{21 - place:02d}T04:09:58+00:00", started_at=f"2026-11-{21 - place:02d}T04:10:00+00:00",
           ended_at=f"2026-11-{21 - place:02d}T04:11:02+00:00", outcomes=OUTCOMES if place == 0 else (("unchanged", 412), ("updated", place % 5)))
    for place in range(20)
)  # fmt: skip
RUN = RunView(
    layout=replace(LAYOUT, path="/sources/vale/runs/400"),
    source_name="Vale catalogue",
    source_slug="vale",
    run=400,
    state="partial",
    trigger="schedule",
    wanted_pass="full",
    queued_at="2026-11-21T04:09:58+00:00",
    started_at="2026-11-21T04:10:00+00:00",
    ended_at="2026-11-21T04:11:02+00:00",
    seconds=62,
    has_failed=True, failed_without_id=2,
    can_act=True,
    stages=(Stage("Fetch", 418, 418, 41.2), Stage("Read", 417, 418, 3.0), Stage("Map", 417, 418), Stage("Validate", 414, 418), Stage("Compare", 414, 418), Stage("Index", 54, 54)),
    outcomes=OUTCOMES,
    bytes_received=4_812_993,
    requests=59,
    time_spent=TimeSpent(
        stages=(("Reading the listing", 8.1), ("Fetching records", 33.4), ("Checking them", 0.02)), waits=(("Pauses between requests", 14.7),),
        answers=(("Half of the answers came within", 0.4), ("The slowest took", 6.2)), decoded_bytes=21_460_112, odd_requests=(("Tried again", 2),),
        slowest=(("https://catalogue.example.org/dataset/an-identifier-that-is-long/and-has-no-spaces/0001", 6.2),),
    ),
    problems=(
        Problem(rule="age-range-missing", severity="advice", records=211, message="No age range is stated.", hint="State the youngest and oldest age in years.",
                example_title="Hospital admissions", example_href="/sources/vale/runs/400/records/18"),
        Problem(rule="end-before-start", severity="error", records=3, message="The end date is before the start date.", hint="Exchange the two dates."),
    ),
    records=(
        RunRecord(title="Primary care events", local_id="5b0c4bd8-5b8e-4a1d-9d0f-2a9a2f8b3b11", outcome="updated", href="/sources/vale/runs/400/records/17", advice=2),
        RunRecord(title="Hospital admissions", local_id="b1c7", outcome="quarantined", href="/sources/vale/runs/400/records/18", errors=2, warnings=1,
                  reason="The record has no title."),
        RunRecord(title=None, local_id="https://catalogue.example.org/dataset/an-identifier-that-is-long/and-has-no-spaces/0001", outcome="rejected",
                  href="/sources/vale/runs/400/records/19", reason="The document is not JSON."),
    ),
    record_total=418,
)  # fmt: skip

BASKET_GROUPS = (
    BasketGroup(custodian_name=CUSTODIANS[1][1], custodian_slug=CUSTODIANS[1][0], route="e-mail", lead_time="1-2 months", items=(
        BasketItem(ref="7kq2m", slug="primary-care-events", title="Primary care events", year_from=1987, is_continuing=True, has_columns=True, chosen=ChosenCount(columns=1_000, tables=3)),
        BasketItem(ref="k1k1k", slug="prescriptions", title="Prescriptions in the community", problem="The custodian withdrew it on 3 November 2026."),
    )),
    BasketGroup(custodian_name=CUSTODIANS[2][1], custodian_slug=CUSTODIANS[2][0], items=(
        BasketItem(ref="h6t1c", slug="biobank-genotypes", title="Genotypes of healthy volunteers", year_from=2006, year_to=2010, has_columns=True),
    )),
)  # fmt: skip
ANSWERS = (
    Answer(question="Your name", answer="Dr A. Example", topic="You"),
    Answer(question="What you will do, and why", answer="We want to learn whether people with severe asthma who stop smoking before 40 have fewer admissions.\n\nWe need smoking status and admissions.", topic="The project"),
)
STATUS = RequestStatusView(
    layout=replace(LAYOUT, path="/requests/follow", is_indexable=False),
    reference="AR-7KQ2M9XDB",
    project_title="Does stopping smoking early change the course of severe asthma?",
    sent_at="2026-11-18T10:02:00+00:00",
    request_status="in_progress",
    answers=ANSWERS,
    draft_href="/requests/AR-7KQ2M9XDB", people_href="/account/requests/AR-7KQ2M9XDB/people",
    events=(TimelineEvent(at="2026-11-19T09:30:00+00:00", what="A custodian declined, and what you need beside its data may be at risk", who="The gateway"),),
    parts=(
        RequestPart(custodian_name=CUSTODIANS[1][1], custodian_slug=CUSTODIANS[1][0], agreements=AGREEMENTS, use_href="/uses/a", outputs=("https://doi.org/10.1000/182",), state="screening", since="2026-11-19",
                    next_step="The custodian checks that the request is complete.",
                    datasets=(Link("Primary care events", "/datasets/7kq2m-primary-care-events"),),
                    delivery=DeliveryLine(state="acknowledged", channel="e-mail", at="2026-11-19T09:30:00+00:00", attempts=1),
                    events=(TimelineEvent(at="2026-11-19T09:30:00+00:00", what="Receipt confirmed", who=CUSTODIANS[1][1]),
                            TimelineEvent(at="2026-11-18T10:02:05+00:00", what="Delivered by e-mail"),
                            TimelineEvent(at="2026-11-18T10:02:00+00:00", what="Request sent", who="You")),
                    action="/requests/follow/parts/a", prefix="a-", asks="Which years?", edit_href="/requests/AR-7KQ2M9XDB",
                    answer_again=(Link("Years of data", "/requests/AR-7KQ2M9XDB/data#q-data.period"),), actions=(ActionForm(command="withdraw", label="Withdraw", explains="It ends.", is_grave=True),)),
        RequestPart(custodian_name=CUSTODIANS[2][1], outputs=(), state="submitted", since="2026-11-18", waits_for=("Vale Primary Care (Under review)",), datasets=(Link("Genotypes of healthy volunteers", "/datasets/h6t1c"),),
                    delivery=DeliveryLine(state="queued", channel="a message to its own system", attempts=3, tried_again_at="2026-11-18T12:30:00+00:00",
                                          trouble="The custodian’s system did not answer."),
                    events=(TimelineEvent(at="2026-11-18T10:02:00+00:00", what="Request sent", who="You", detail="Part 2 of 2"),)),
        RequestPart(custodian_name=CUSTODIANS[0][1], state="rejected", state_reason="The data asked for are not held.",
                    delivery=DeliveryLine(state="failed", channel="e-mail", attempts=8, trouble="The mailbox does not exist.")),
    ),
)  # fmt: skip
ACKNOWLEDGE = AcknowledgeView(
    layout=replace(LAYOUT, path="/acknowledge/token", is_indexable=False),
    action="/acknowledge/token",
    reference=STATUS.reference,
    custodian_name=CUSTODIANS[1][1],
    project_title=STATUS.project_title,
    applicant_name="Dr A. Example",
    organisation="University of Northshire",
    answers=ANSWERS,
    sent_at=STATUS.sent_at,
    datasets=STATUS.parts[0].datasets,
)

def columns(query: str, **changes: object) -> ColumnSearchView:
    pairs = [(part.split("=")[0], part.split("=")[1].replace("+", " ")) for part in query.split("&") if part]
    rows = tuple(
        FoundColumn(
            name=name, table="patient", data_type="varchar", sensitive=sensitive, description=(Fragment("Whether the person ", marked=False), Fragment("smokes", marked=True)),
            name_marked=(Fragment(name, marked=True),) if place % 2 else (), values_matched=("1 never smoked",) if place == 1 else (),
            dataset=Link("Primary care events", "/datasets/7kq2m-primary-care-events"), columns_href=f"/datasets/7kq2m-primary-care-events/columns?q={name}",
            custodian_name=CUSTODIANS[1][1], also_in=place, also_href=f"/columns?name={name}",
        )
        for place, (name, sensitive) in enumerate((("smoking_status", "No"), ("a_very_long_name_of_a_column_that_does_not_break_anywhere_at_all", "Yes"), ("", None)))
    )  # fmt: skip
    facets = (Facet("type", (FacetValue("varchar", 140, selected=True), FacetValue("int", 3)), 2), Facet("custodian", tuple(FacetValue(name, 9 - place) for place, (_, name, _, _) in enumerate(CUSTODIANS)), 40))
    made = ColumnSearchView(layout=replace(LAYOUT, path="/columns", twins=TWINS), address=ColumnAddress.read(pairs), total=143, rows=rows, facets=facets)
    return replace(made, **changes)  # type: ignore[arg-type]


MATRIX = tuple(
    MatrixLine(Link(title, f"/datasets/{ref}-{slug}"), ref, ("has", "partly", "no"), ("/columns?q=smoking", "/columns?q=age", "/columns?q=bmi"))
    for ref, slug, title, *_ in TITLES[:5]
)
VALUES = tuple(ValueLine(name, 12 - place, f"/search?custodian={slug}", is_chosen=place == 0) for place, (slug, name, _, _) in enumerate(CUSTODIANS))


KEPT = (KeptRow(data="Sign-ins", purpose="Stay signed in", basis="public task", recipients="the gateway", kept_until="24 hours after the end", then="deleted"),)
PAGES: dict[str, PageView] = {
    "/": HomeView(
        layout=LAYOUT, dataset_count=947, custodian_count=62, column_count=184_310,
        changed=tuple(ChangedDataset(title=title, href=f"/datasets/{ref}-{slug}", custodian_name=CUSTODIANS[custodian][1], change="Added" if ref < "c" else "3 fields changed",
                                     date="2026-11-21") for ref, slug, title, custodian, *_ in TITLES[:5]),
        custodians=tuple(Link(name, f"/custodians/{slug}") for slug, name, _, _ in CUSTODIANS), country=TILES.picture()),
    "/empty": HomeView(dataset_count=0, custodian_count=0, column_count=0),
    "/search": search(""),
    "/search/words": search("q=asthma+smoking&nation=Wales&nation=Scotland&custodian=Lochside+Biobank&from=2004&pop_min=1000", corrected_to="asthma smoking"),
    "/search/second": search("dtype=Health+and+disease&subtype=Cancer&agemin=18&agemax=40&covers=1&nr=1"),
    "/search/table": search("q=asthma&view=table&page=2"),
    "/search/compact": search("view=compact&all=custodian"),
    "/search/none": search("q=zzz&nation=Wales&from=soon&sort=best", total=0, cards=(), facets=(), widenings=(Widening("Nation: Wales", "/search?q=zzz", 4), Widening("From 2004", "/search?q=zzz&nation=Wales", 0))),
    "/search/columns-only": search("q=smoking", total=0, cards=(), facets=(), columns_total=7, nearest_columns=(
        NearestColumn(name="smoking_status", name_marked=(Fragment("smoking", marked=True), Fragment("_status", marked=False)), href="/datasets/7kq2m/columns?q=smoking_status", dataset_title="Primary care events"),
        NearestColumn(name="", href="/datasets/7kq2m/columns", dataset_title="Primary care events"),
    )),
    "/search/nothing": search("q=zzz", total=0, cards=(), facets=()),
    "/search/past": search("page=99", cards=()),
    "/search/other-words": search("q=heart+attack", also_searched=("MI", "myocardial infarction")),
    "/search/code": search("q=I21", also_searched=("myocardial infarction", "heart attack"), read_as=("ICD-10 I21, acute myocardial infarction",)),
    "/search/exact": search("q=heart+attack&exact=1"),
    "/columns": columns(""),
    "/columns/words": columns("q=smoking+statsu&type=varchar&dataset=7kq2m&name=smoking", corrected_to="smoking status", did_you_mean="smoking state", dataset_titles=(("7kq2m", "Primary care events"),)),
    "/columns/matrix": columns("q=smoking,+age,+bmi&view=matrix", ideas=("smoking", "age", "bmi"), matrix=MATRIX, total=80, rows=()),
    "/columns/matrix-empty": columns("view=matrix", rows=()),
    "/columns/none": columns("q=heart+attack&type=int&sort=size", rows=(), total=0, facets=(), also_searched=("myocardial infarction", "MI")),
    "/columns/past": columns("page=99", rows=()),
    "/search/values/custodian": FacetValuesView(layout=LAYOUT, label="Custodian", path="/search/values/custodian", parameters=(("q", "asthma"),), back_href="/search?q=asthma", lines=VALUES, total=450),
    "/search/values/none": FacetValuesView(layout=LAYOUT, label="Custodian", path="/search/values/custodian", parameters=(), back_href="/search", find="zzz"),
    "/datasets/7kq2m-primary-care-events": OVERVIEW,
    "/datasets/bare": DatasetOverviewView(layout=LAYOUT, head=BARE_HEAD, failed_blocks=("The counts could not be read just now.",)),
    "/datasets/7kq2m-primary-care-events/columns": COLUMNS,
    "/datasets/one-table/columns": replace(COLUMNS, asked=DatasetColumns(table="patient"), total=3, tables=(TableSummary("patient", "One row for each registered person.", 3, True),)),
    "/datasets/too-many/columns": replace(COLUMNS, errors=(FieldError("choose", "You can carry 1,000 columns at most."),), choice=ColumnChoice()),
    "/datasets/closed/columns": replace(COLUMNS, choice=None),
    "/datasets/found-none/columns": replace(COLUMNS, rows=(), total=0, asked=DatasetColumns(q="nothing like it")),
    "/datasets/bare/columns": DatasetColumnsView(layout=LAYOUT, head=HEAD),
    "/datasets/7kq2m-primary-care-events/quality": DatasetQualityView(
        layout=LAYOUT, head=HEAD, completeness=SCORE, next_fixes=(NextFix("State the typical age range", 3, "About a minute"), NextFix("State the follow-up", 2)),
        findings=FINDINGS, shape="HDRUK 4.0.0", scored_at="2026-11-21T04:10:00+00:00", median=64.5,
        score=QualityScore(78.4, "good", (ScorePart("Completeness", 78.2, 25), ScorePart("Link health", None, 5)), (("2026-10-01", 71.0), ("2026-11-21", 78.4)))),
    "/datasets/bare/quality": DatasetQualityView(layout=LAYOUT, head=BARE_HEAD),
    "/datasets/7kq2m-primary-care-events/versions": DatasetVersionsView(layout=LAYOUT, head=HEAD, versions=VERSIONS),
    "/datasets/7kq2m-primary-care-events/versions/2...3": DatasetVersionsView(
        layout=LAYOUT, head=HEAD, versions=VERSIONS,
        difference=Difference(2, 3, (Change("Time lag", "2-4 weeks", "1-2 weeks"), Change("Keywords", None, "Asthma"), Change("Contact", "<b>old</b>", None)))),
    "/datasets/bare/versions": DatasetVersionsView(layout=LAYOUT, head=BARE_HEAD, versions=VERSIONS[2:]),
    "/datasets/gone": TombstoneView(layout=LAYOUT, dataset_title="Prescriptions in the community", custodian_name=CUSTODIANS[1][1], custodian_slug=CUSTODIANS[1][0],
                                    pid="9b2f", reason="Its data are now part of another dataset.", last_version="2.0.0", withdrawn_at="2026-11-03T09:00:00+00:00",
                                    replacement=Link("Primary care events", "/datasets/7kq2m")),
    "/datasets/gone-silently": TombstoneView(layout=LAYOUT, dataset_title="Untold"),
    "/custodians": CustodianDirectoryView(
        layout=replace(LAYOUT, path="/custodians"), all_count=6, nations=("England", "Scotland", "Wales", "Northern Ireland"), categories=("Healthcare provider", "Academic centre"),
        rows=tuple(CustodianRow(slug=slug, name=name, category=category, nations=nations, datasets=place * 7, last_harvest="2026-11-21" if place else None)
                   for place, (slug, name, category, nations) in enumerate(CUSTODIANS))),
    "/custodians/filtered": CustodianDirectoryView(layout=LAYOUT, rows=(), all_count=6, q="xyz"),
    "/custodians/empty": CustodianDirectoryView(layout=LAYOUT, rows=(), all_count=0),
    "/custodians/vale-primary-care": CustodianView(
        layout=LAYOUT, slug="vale-primary-care", name=CUSTODIANS[1][1], category=CUSTODIANS[1][2], nations=("England", "Wales"), is_demonstration=True,
        about="We hold de-identified records from general practices.\n\n- 1,104 practices\n- since **1987**", contact="access@vale.example.org", identifier="https://ror.example.org/0abc",
        dataset_count=12, all_href="/search?custodian=Vale", route="e-mail", decisions=7, median_days_to_decision=18, sources=(Link("Vale catalogue", "/sources/vale"),),
        datasets=tuple(HeldDataset(title=title, href=f"/datasets/{ref}", abstract="Events from general practices. " * 12, people=people, year_from=first, year_to=last, is_continuing=goes_on)
                       for ref, _, title, _, people, first, last, goes_on in TITLES[:3])),
    "/custodians/bare": CustodianView(layout=LAYOUT, slug="bare", name="Named in a record only"),
    "/sources": SourcesView(layout=replace(LAYOUT, path="/sources"), rows=SOURCES),
    "/sources/empty": SourcesView(layout=LAYOUT, rows=()),
    "/sources/vale": SourceView(layout=replace(LAYOUT, path="/sources/vale"), source=SOURCES[0], address="https://catalogue.vale.example.org/api/v1/datasets", schedule="Every day at 04:10",
                                last_complete_at="2026-11-21T04:11:02+00:00", runs=RUNS, run_count=400),
    "/sources/alliance": SourceView(layout=LAYOUT, source=SOURCES[1], consecutive_failures=3, held_reason="It would remove 40 of 131 datasets, more than the limit of 13.", runs=RUNS[1:2], shared=(("10.5555/all", 3), ("x" * 200, 1200))),
    "/sources/new": SourceView(layout=LAYOUT, source=SOURCES[2]),
    "/sources/vale/contacts": SourceContactsView(
        layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", csrf="x", webhooks=(("hk1", "https://vale.example.org/hooks/catalogue"),),
        contacts=(ContactRow("data@vale.example.org", "problems"), ContactRow("hk1", "always", "https://vale.example.org/hooks/catalogue"))),
    "/sources/alliance/contacts": SourceContactsView(
        layout=LAYOUT, source_name="Alliance", source_slug="alliance", csrf="x", values={"address": "nobody", "digest": "sometimes"},
        errors=(FieldError("address", "Enter a mail address, such as data@example.org."), FieldError("digest", "Choose one of the list."))),
    "/sources/vale/dry-runs/7": DryRunView(
        layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", number=7, at="2026-11-22T10:00:00+00:00", is_current=False, is_mass_change=True,
        outcomes=(("created", 12), ("updated", 40), ("unchanged", 360), ("quarantined", 9)), requests=420, held_reason="40 of 131 records are no longer listed.",
        missing=("b1c7",), removed=("5b0c",), held=tuple(f"id-{number}" for number in range(60)), record_total=61, records=(
            DryRunRecord(title="Hospital admissions", local_id="b1c7", outcome="updated", changes=(ValueChange("Title", "Admissions", "Hospital admissions"), ValueChange("Abstract", None, "x")), more_changes=2),
            DryRunRecord(title=None, local_id="", outcome="rejected", reason="An entry has no identifier.", hint="Give every dataset one.", errors=3))),
    "/sources/vale/dry-runs/8": DryRunView(
        layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", number=8, at="2026-11-22T10:00:00+00:00", is_untried=True, failure="The server answered 401.", failure_hint="Enter valid credentials."),
    "/explain": ExplainView(layout=LAYOUT),
    "/explain/nobody": ExplainView(layout=LAYOUT, asked="nobody", problem="No run has met “nobody”. Use the identifier that the source itself uses."),
    "/explain/b1c7": ExplainView(
        layout=LAYOUT, asked="b1c7", local_id="b1c7", dataset_title="Hospital admissions", dataset_href="/datasets/7kq2m-hospital-admissions", is_visible=True,
        source_name="Vale catalogue", source_slug="vale", next_due_at="2026-11-23T04:10:00+00:00", findings=FINDINGS,
        answers=(ExplainAnswer("What its source sends since 1 November 2026 was refused.", "Mend what was refused."),),
        outcomes=(ExplainOutcome("quarantined", "2026-11-22T10:00:00+00:00", "/sources/vale/runs/400/records/18"),)),
    "/sources/vale/holds/3": HoldView(
        layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", hold=3, run=404, state="open", why="40 of 131 records are no longer listed, more than 10%.",
        created_at="2026-11-22T10:00:00+00:00", expires_at="2026-12-06T10:00:00+00:00",
        records=(HeldRecord(title="Hospital admissions", local_id="b1c7", href="/datasets/7kq2m-hospital-admissions"), HeldRecord(title=None, local_id="x" * 80, href="/datasets/7kq2n"))),
    "/sources/vale/holds/2": HoldView(
        layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", hold=2, run=300, state="approved", why="12 of 131 records are no longer listed, more than 10%.",
        created_at="2026-10-22T10:00:00+00:00", expires_at="2026-11-06T10:00:00+00:00", decided_at="2026-10-23T10:00:00+00:00", decided_by="alex"),
    "/sources/vale/runs/400": RUN,
    "/sources/vale/runs/401": RunView(layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", run=401, state="running", trigger="manual", wanted_pass="incremental",
                                      queued_at="2026-11-22T10:00:00+00:00", started_at="2026-11-22T10:00:01+00:00", stages=(Stage("Fetch", 120, 418), Stage("Read", 118, 418))),
    "/sources/vale/runs/402": RunView(layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", run=402, state="failed", trigger="schedule", wanted_pass="full",
                                      queued_at="2026-11-22T10:00:00+00:00", ended_at="2026-11-22T10:00:04+00:00", seconds=3.4, failure="The server answered 401. The key may have ended.",
                                      failure_hint="Ask the custodian for a new key and set it on the source."),
    "/sources/vale/runs/403": replace(RUN, run=403, state="succeeded", trigger="retry", retries=400, has_failed=False, outcomes=(), problems=(), records=(), record_total=0, held_reason=None),
    "/sources/vale/runs/404": replace(RUN, run=404, state="held", why_no_retry="A source of this kind cannot be asked for one record: its records come with the listing.", outcome="quarantined", rule="end-before-start", held_reason="It would remove 40 of 131 datasets.", hold_href="/sources/vale/holds/3", is_mass_change=True, page=2),
    "/sources/vale/runs/400/records/18": RecordReportView(
        layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", run=400, local_id="b1c7", record_title="Hospital admissions", outcome="quarantined", at="2026-11-21T04:10:31+00:00",
        reason="The record has no title.", reason_hint="Give the record a title.", shape="HDRUK 4.0.0", findings=FINDINGS, fetched_from="https://catalogue.vale.example.org/api/v1/datasets/b1c7",
        changes=(Change("Title", "Admissions", None),), explain_href="/explain?dataset=b1c7",
        raw='{\n  "summary": {\n    "title": "",\n    "abstract": "<b>" }\n}', is_raw_cut=True),
    "/sources/vale/runs/400/records/17": RecordReportView(
        layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", run=400, local_id="5b0c", record_title=None, outcome="updated", at="2026-11-21T04:10:31+00:00",
        dataset_href="/datasets/7kq2m-primary-care-events"),
    "/compare": CompareView(
        layout=LAYOUT, address=CompareAddress(refs=("7kq2m", "h6t1c", "gone1")), shared=(Link("person_id", "/columns?name=person_id&dataset=7kq2m&dataset=h6t1c"),), shared_total=1,
        datasets=(Compared("7kq2m", "Primary care events", "/datasets/7kq2m", is_in_basket=True), Compared("h6t1c", "Genotypes of healthy volunteers", "/datasets/h6t1c"),
                  Compared("gone1", "gone1", problem="No dataset is known under this identifier.")),
        groups=(ComparedGroup("Coverage", (ComparedRow("People", ("12,934,211", "500,000", None)), ComparedRow("Places", ("England", "England", "England")))),),
        spans=(("Primary care events", 1987, None, True), ("Genotypes of healthy volunteers", 2006, 2010, False))),
    "/compare/one": CompareView(layout=LAYOUT, address=CompareAddress(refs=("7kq2m",)), datasets=(Compared("7kq2m", "Primary care events", "/datasets/7kq2m"),),
                                suggested=(Link("Hospital admissions", "/compare?d=7kq2m&d=b3x9d"),)),
    "/compare/none": CompareView(layout=LAYOUT, address=CompareAddress()),
    "/basket": BasketView(layout=replace(LAYOUT, path="/basket", notices=(Notice("“Primary care events” is in your basket.", "good"),)), groups=BASKET_GROUPS,
                          conflicts=("These two must be analysed in different environments: Primary care events, and Genotypes of healthy volunteers.",)),
    "/basket/empty": BasketView(layout=replace(LAYOUT, basket_count=0)),
    **DRAFT_PAGES,
    **PEOPLE_PAGES,
    "/requests/sent": RequestSentView(layout=LAYOUT, reference=STATUS.reference, follow_href="/requests/follow/abc", email="a@example.ac.uk", recipients=(CUSTODIANS[1][1], CUSTODIANS[2][1])),
    "/requests/follow": STATUS,
    "/acknowledge/token": ACKNOWLEDGE,
    "/acknowledge/token/read": replace(ACKNOWLEDGE, acknowledged_at="2026-11-19T09:30:00+00:00", can_write=True, done="Your message was sent to the applicant."),
    "/acknowledge/token/wrong": replace(ACKNOWLEDGE, can_write=True, errors=(FieldError("text", "Write something."),)),
    "/acknowledge/token/code": MailboxCodeView(layout=LAYOUT, action="/acknowledge/token", reference=STATUS.reference, is_sent=False),
    "/acknowledge/token/code/wrong": MailboxCodeView(
        layout=LAYOUT, action="/acknowledge/token", reference=STATUS.reference, is_sent=True, errors=(FieldError("code", "This code is not right."),),
    ),
    "/acknowledge/done": AcknowledgedView(layout=LAYOUT, reference=STATUS.reference, custodian_name=CUSTODIANS[1][1], at="2026-11-19T09:30:00+00:00"),
    "/acknowledge/again": AcknowledgedView(layout=LAYOUT, reference=STATUS.reference, custodian_name=CUSTODIANS[1][1], at="2026-11-19T09:30:00+00:00", was_already=True),
    "/help/specification": SpecificationIndexView(layout=LAYOUT, versions=(
        VersionEntry("HDRUK 4.0.0", "/help/specification/hdruk-4.0.0", 123, "/api/v1/schemas/HDRUK/4.0.0", Link("Since HDRUK 3.0.0", "/help/specification/hdruk-3.0.0...hdruk-4.0.0")),
        VersionEntry("HDRUK 3.0.0", "/help/specification/hdruk-3.0.0", 121, "/api/v1/schemas/HDRUK/3.0.0"))),
    "/help/specification/hdruk-4.0.0": SpecificationView(layout=LAYOUT, name="HDRUK 4.0.0", fields=FIELDS, schema_href="/api/v1/schemas/HDRUK/4.0.0", sha256="0" * 64),
    "/help/specification/hdruk-3.0.0...hdruk-4.0.0": SpecificationChangesView(
        layout=LAYOUT, older=Link("HDRUK 3.0.0", "/help/specification/hdruk-3.0.0"), newer=Link("HDRUK 4.0.0", "/help/specification/hdruk-4.0.0"),
        changes=(FieldChange("summary.title", None, FIELDS[1]), FieldChange("coverage.followUp", FIELDS[2], None), FieldChange("summary.title", FIELDS[1], FIELDS[2]))),
    "/help/specification/same": SpecificationChangesView(layout=LAYOUT, older=Link("A", "/help/specification/a"), newer=Link("B", "/help/specification/b"), changes=()),
    "/check": CheckView(layout=LAYOUT),
    "/check/found": CheckView(layout=LAYOUT, text="{}", documents=(
        CheckedDocument(name="record.json", shape="HDRUK 4.0.0", is_publishable=True, findings=FINDINGS, total=78.4, band="good", fixes=(NextFix("State the typical age range", 3.2, "About a minute"),)),
        CheckedDocument(name="broken.json", problem="This is not JSON."), CheckedDocument(name="good.json", shape="HDRUK 4.0.0", is_publishable=True, total=99.0, band="excellent"))),
    "/vocabulary": VocabularyView(layout=LAYOUT, fields=FIELDS),
    "/help": HelpView(layout=replace(LAYOUT, path="/help")),
    **{f"/help/{topic}": HelpView(layout=replace(LAYOUT, path=f"/help/{topic}"), topic=topic) for topic in HELP_TOPICS},
    **{f"/{name}": TextPageView(layout=LAYOUT, name=name, cookies=(CookieRow("basket", "Holds the datasets in your basket", "30 days"),), kept=KEPT) for name in TEXT_PAGES},
    "/cookies/none": TextPageView(name="cookies"),
    **{f"/errors/{code}": ErrorView(layout=LAYOUT, code=code, reference="K7Q2-M9XD", retry_after_seconds=30 if code in (429, 503) else None,
                                    suggestions=(Link("Primary care events", "/datasets/7kq2m"),) if code == 404 else ()) for code in ERROR_TITLES},
    **ACCOUNT_PAGES,
    **SOURCE_PAGES,
    **PROFILE_PAGES,
    **QUESTION_PAGES,
    **pathway_pages(LAYOUT, HEAD, BARE_HEAD),
    **AGREEMENT_PAGES,
    **REGISTER_PAGES,
    **TRIAGE_PAGES,
    "/errors/plain": ErrorView(code=418, message="The pot is empty.", advice="Fill it."),
}  # fmt: skip
