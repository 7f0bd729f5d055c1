"""The JSON API under ``/api/v1``, described by ``/openapi.json`` (OpenAPI 3.1). Errors are RFC 9457 problem details."""

from fastapi import APIRouter

from gateway.api import (
    bulk,
    callbacks,
    columns,
    custodians,
    datasets,
    dry_runs,
    explain,
    federation,
    health,
    holds,
    integrations,
    links,
    notes,
    oai,
    parts,
    push,
    questions,
    rems,
    runs,
    schemas,
    search,
    similar,
    sources,
    templates,
    tokens,
    translate,
    triage,
    validate,
    webhooks,
)
from gateway.web.policy import CONFIDANTS, EVERYBODY

DESCRIPTION = """
Find descriptions of health datasets, read every version of them, and see how they were harvested.

Reading needs no key. Writing needs one: `Authorization: Bearer gwk_…`. Lists are paged by a cursor: follow `next` until it
is null. Answers carry an ETag; send it back as `If-None-Match`. Errors are problem details (RFC 9457).
""".strip()
TAGS = [
    {"name": "Search", "description": "Find datasets and columns by words and facets."},
    {"name": "Datasets", "description": "One dataset, its versions and the documents they were made from."},
    {"name": "Custodians", "description": "Organisations answerable for access."},
    {"name": "Push", "description": "Custodians' programs write their own datasets, with a key of their own."},
    {"name": "HDR UK compatible", "description": "The HDR UK Gateway's integration API, for programs that change the host name alone."},
    {"name": "Federation", "description": "This catalogue for other gateways to harvest."},
    {"name": "OAI-PMH", "description": "This catalogue for harvesters of the Open Archives Initiative's protocol."},
    {"name": "Sources", "description": "Feeds that are harvested."},
    {"name": "Runs", "description": "What each harvest did, record by record."},
    {"name": "Validation", "description": "Check a document without storing it."},
    {"name": "Requests", "description": "Requests that wait for a route, and custodians' own systems that work on theirs."},
    {"name": "Keys", "description": "Tokens for programs that speak OAuth 2."},
    {"name": "Health", "description": "For load balancers and monitors."},
]

router = APIRouter()
for module in (
    search, columns, links, explain, datasets, notes, similar, custodians, federation, sources, dry_runs, runs, holds, validate, translate,
    schemas, templates, questions, tokens,
):
    router.include_router(module.router, prefix="/api/v1", dependencies=EVERYBODY)
for module in (push, bulk, webhooks, integrations, triage, parts):
    router.include_router(module.router, prefix="/api/v1")
for module in (rems, callbacks):
    router.include_router(module.router, prefix="/api/v1", dependencies=CONFIDANTS)
router.include_router(oai.router, dependencies=EVERYBODY)
router.include_router(health.router, dependencies=EVERYBODY)
