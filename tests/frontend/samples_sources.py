"""Views of the pages on which sources are added, changed, tried out and their runs compared."""

from __future__ import annotations

from dataclasses import replace

from frontend.source_words import KIND_WORDS, choice, plain_hint
from frontend.views.dry_runs import DryRunRecord, DryRunView
from frontend.views.forms import FieldError
from frontend.views.layout import Layout, PageView
from frontend.views.run_comparison import ComparedFigure, ComparedRecord, ComparedRun, RunComparisonView
from frontend.views.source_forms import KindCard, OptionField, SourceFormView, SourceKindsView
from frontend.views.sources import SourceRow, SourcesView, SourceView
from frontend.words import SOURCE_KINDS
from gateway.sources.options import Option, options_of, policy_options

LAYOUT = Layout(path="/sources", person_name="Ada Admin", csrf="x", is_indexable=False)
WEEKDAYS = (("1", "Monday"), ("7", "Sunday"))
LONG = "A federation of every trust between the Humber and the Tees, with all their registries and their reference datasets"


def field(prefix: str, option: Option) -> OptionField:
    return OptionField(
        name=f"{prefix}.{option.name}", label=option.label, hint=plain_hint(option.hint), form=option.form,
        choices=tuple((value, choice(value)) for value in option.choices),
    )


ALL = tuple(field("option", option) for option in options_of("federation"))
NEW = SourceFormView(
    layout=LAYOUT, action="/w/vale/sources/new/federation", csrf="x", kind=SOURCE_KINDS["federation"], needs=KIND_WORDS["federation"].needs,
    help_href="/help/custodians#kind-federation", options=ALL[:5] + ALL[-1:], further=ALL[5:-1], custodian_name="Vale Primary Care", weekdays=WEEKDAYS,
    values={"every": "day", "time": "02:00", "timezone": "Europe/London", "option.auth": "NO_AUTH", "option.list_path": "/datasets"},
)
FLAWED = replace(
    NEW, policy=tuple(field("policy", option) for option in policy_options()), custodian_name=None, custodians=(("vale", LONG), ("moor", "Moor Trust")),
    errors=tuple(FieldError(name, f"Mend {name}.") for name in (
        "name", "custodian", "option.base_url", "option.auth", "option.secret", "option.header_name", "option.encode_base64", "every", "time", "weekday", "cron", "timezone",
        "policy.allowed_networks", "policy.quarantine", "policy.allow_http",
    )),
)
BEFORE, AFTER = ComparedRun(399, "succeeded", "incremental", "2026-11-21T04:10:00+00:00", 62.0), ComparedRun(400, "failed", "audit")
ADDED = SourceRow(slug="vale", name=LONG, kind="federation", custodian_name="Vale Primary Care", custodian_slug="vale-primary-care", state="unconfirmed")
SOURCE_PAGES: dict[str, PageView] = {
    "/w/vale/sources": SourcesView(layout=LAYOUT, rows=(ADDED,), custodian_name="Vale Primary Care", add_href="/w/vale/sources/new"),
    "/w/vale/sources/new": SourceKindsView(
        layout=LAYOUT, custodian_name="Vale Primary Care", back=("Sources of Vale Primary Care", "/w/vale/sources"), kinds=tuple(
            KindCard(SOURCE_KINDS[kind], said.about, said.needs, f"/w/vale/sources/new/{kind}", f"/help/custodians#kind-{kind}") for kind, said in KIND_WORDS.items()
        )),
    "/admin/sources/new": SourceKindsView(layout=LAYOUT, kinds=()),
    "/w/vale/sources/new/federation": NEW,
    "/admin/sources/new/federation": FLAWED,
    "/admin/sources/new/dcat": replace(FLAWED, errors=(), options=tuple(field("option", option) for option in options_of("dcat")), further=()),
    "/sources/added/settings": replace(NEW, source_slug="added", source_name=LONG, has_secret=True, values=NEW.values | {"name": LONG, "every": "week", "weekday": "7"}),
    "/sources/folder/settings": replace(NEW, options=(), further=(), source_slug="folder", source_name="Folder", is_elsewhere=True),
    "/sources/added": SourceView(layout=LAYOUT, source=ADDED, can_act=True, settings_href="/sources/added/settings"),
    "/sources/added/dry-runs/5": DryRunView(
        layout=LAYOUT, source_name=LONG, source_slug="added", number=5, at="2026-11-22T10:00:00+00:00", is_running=True, has_begun=False),
    "/sources/added/dry-runs/1": DryRunView(
        layout=LAYOUT, source_name=LONG, source_slug="added", number=1, at="2026-11-22T10:00:00+00:00", is_running=True, outcomes=(("created", 300),), can_act=True),
    "/sources/added/dry-runs/2": DryRunView(
        layout=LAYOUT, source_name=LONG, source_slug="added", number=2, at="2026-11-22T10:00:00+00:00", is_untried=True, is_unconfirmed=True, can_act=True,
        settings_href="/sources/added/settings", outcomes=(("created", 1),), requests=2, records=(DryRunRecord(title="Sleep", local_id="b1c7", outcome="created"),), record_total=1),
    "/sources/added/dry-runs/3": DryRunView(
        layout=LAYOUT, source_name=LONG, source_slug="added", number=3, at="2026-11-22T10:00:00+00:00", is_untried=True, is_unconfirmed=True),
    "/sources/added/dry-runs/4": DryRunView(
        layout=LAYOUT, source_name=LONG, source_slug="added", number=4, at="2026-11-22T10:00:00+00:00", is_broken_off=True, can_act=True),
    "/sources/vale/runs/399/compare": RunComparisonView(layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", after=BEFORE),
    "/sources/vale/runs/400/compare": RunComparisonView(
        layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", after=AFTER, before=BEFORE, record_total=230, page=2,
        figures=(ComparedFigure("created", 12, 0), ComparedFigure("quarantined", 0, 4), ComparedFigure("unchanged", 9, 9), ComparedFigure("requests", 40, 3), ComparedFigure("received_bytes", 81_000, 900)),
        records=(
            ComparedRecord(local_id="b1c7", title="Hospital admissions", before="created", before_href="/sources/vale/runs/399/records/1", after="quarantined",
                           after_href="/sources/vale/runs/400/records/2", reason="The record breaks the specification."),
            ComparedRecord(local_id="x" * 90, before="updated", before_href="/sources/vale/runs/399/records/3"),
        )),
    "/sources/vale/runs/401/compare": RunComparisonView(layout=LAYOUT, source_name="Vale catalogue", source_slug="vale", after=AFTER, before=BEFORE),
}
