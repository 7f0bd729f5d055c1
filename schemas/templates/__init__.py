"""Templates that custodians fill in: one row for each dataset, one for each column of its tables, one for each count.

Headings are paths of the specification (``summary.title``) or their labels; what a cell cannot say is left out, and what has
no heading that is known is kept beside the record.
"""

from __future__ import annotations

from schemas.templates.fields import DATASET_FIELDS, TemplateField
from schemas.templates.reading import Filled, NoHeadings, Note, read_rows, read_sheets
from schemas.templates.sheets import Sheet, sheets_of
from schemas.templates.writing import template_csv, template_workbook

__all__ = ["DATASET_FIELDS", "Filled", "NoHeadings", "Note", "Sheet", "TemplateField", "read_rows", "read_sheets", "sheets_of", "template_csv", "template_workbook"]
