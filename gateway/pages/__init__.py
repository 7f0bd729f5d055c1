"""The web site: handlers that build a view (frontend/views) and show it. Every page works as links and forms."""

from fastapi import APIRouter

from gateway.pages import (
    account,
    basket,
    checking,
    columns,
    custodian_forms,
    custodians,
    datasets,
    drafts,
    dry_runs,
    explain,
    facet_values,
    feeds,
    holds,
    home,
    identity,
    linked_data,
    passkeys,
    questions,
    reading,
    requests,
    search,
    sign_in,
    sources,
    specification,
    static,
    stewarding,
    uses,
    workspace,
    workspace_questions,
)
from gateway.pages.errors import error_page

__all__ = ["error_page", "router"]

router = APIRouter(include_in_schema=False)
for module in (
    home,
    search,
    columns,
    facet_values,
    feeds,
    linked_data,
    datasets,
    custodians,
    sources,
    stewarding,
    holds,
    dry_runs,
    explain,
    basket,
    drafts,
    requests,
    uses,
    checking,
    specification,
    sign_in,
    identity,
    account,
    passkeys,
    workspace,
    workspace_questions,
    questions,
    custodian_forms,
    reading,
    static,
):
    router.include_router(module.router)
