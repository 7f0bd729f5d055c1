"""``/templates``: the spreadsheets that custodians without an endpoint fill in, made from the record's own model."""

from __future__ import annotations

from enum import StrEnum

from fastapi import APIRouter, Request
from fastapi.responses import Response

from gateway.web.answers import answer
from schemas.templates import template_csv, template_workbook

router = APIRouter(prefix="/templates", tags=["Validation"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TemplateName(StrEnum):
    """The files there are."""

    WORKBOOK = "datasets.xlsx"
    CSV = "datasets.csv"


@router.get("/{name}", summary="A template to fill in", response_model=None, responses={
    200: {"content": {XLSX: {}, "text/csv": {}}, "description": "A workbook, or its sheet of datasets as CSV."},
})  # fmt: skip
def template(request: Request, name: TemplateName) -> Response:
    """One row for each dataset, under paths of the specification; in the workbook also its tables, codes and observations."""
    is_workbook = name is TemplateName.WORKBOOK
    body = template_workbook() if is_workbook else template_csv()
    media_type = XLSX if is_workbook else "text/csv; charset=utf-8"
    return answer(request, body, media_type, headers={"Content-Disposition": f'attachment; filename="{name.value}"'})
