"""The web site: handlers that build a view (frontend/views) and show it. Every page works as links and forms."""

from fastapi import APIRouter

from gateway.pages import (
    access_settings,
    account,
    acknowledging,
    admin_pathways,
    agreements,
    applicant,
    audit,
    basket,
    checking,
    collaborators,
    columns,
    compare,
    custodian_forms,
    custodians,
    dataset_columns,
    datasets,
    drafts,
    dry_runs,
    emergencies,
    explain,
    facet_values,
    feed_list,
    feeds,
    files,
    holds,
    home,
    identity,
    keys,
    linked_data,
    lost,
    members,
    nations,
    notifications,
    own_export,
    passkeys,
    pathways,
    people,
    policy_reports,
    profile,
    questions,
    reading,
    records,
    requests,
    run_comparison,
    saved_feeds,
    saved_searches,
    search,
    sign_in,
    source_contacts,
    source_forms,
    sources,
    specification,
    static,
    statistics,
    stewarding,
    team_sources,
    today,
    triage,
    uses,
    visas,
    webhook_log,
    workspace,
    workspace_questions,
    workspace_register,
)
from gateway.pages.errors import error_page
from gateway.pages.signed_in import MEMBERS
from gateway.web.policy import EVERYBODY

__all__ = ["error_page", "router"]

router = APIRouter(include_in_schema=False)
for module in (stewarding, account, own_export, saved_searches, profile, collaborators, files, drafts, people, emergencies):  # before addresses that a link's token would take: /requests/new
    router.include_router(module.router)
for module in (workspace, workspace_questions, workspace_register, custodian_forms, agreements, access_settings, records, keys, webhook_log, applicant, team_sources):
    router.include_router(module.router, dependencies=MEMBERS)
router.include_router(source_forms.team, dependencies=MEMBERS)
router.include_router(today.team, dependencies=MEMBERS)
for module in (
    home, search, columns, compare, facet_values, feed_list, feeds, saved_feeds, linked_data, dataset_columns, datasets, custodians, source_contacts, source_forms, sources, holds, dry_runs, run_comparison, explain,
    basket, requests, acknowledging, uses, checking, specification, sign_in, identity, passkeys, lost, notifications, members, audit, triage,
    questions, visas, pathways, nations, admin_pathways, today, statistics, reading, static, policy_reports,
):
    router.include_router(module.router, dependencies=EVERYBODY)
