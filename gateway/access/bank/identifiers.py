"""What in a text may identify a patient: NHS numbers, postcodes, dates of birth, and rows of a table.

Warnings, not verdicts: whoever typed the text may say why it is there.
"""

from __future__ import annotations

import re
from typing import Final

_NHS_NUMBER: Final = re.compile(r"(?<![\d-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\d-])")
_POSTCODE: Final = re.compile(
    r"\b(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y]) ?\d[ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE
)
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY: Final = rf"(?:\d{{1,2}}[./ -]\d{{1,2}}[./ -]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH},? \d{{4}})"
_BIRTH: Final = re.compile(rf"\b(?:d\.?o\.?b\.?|date of birth|born)\b[^\n]{{0,20}}?{_DAY}|{_DAY}[^\n]{{0,5}}\((?:d\.?o\.?b\.?|born)\)", re.IGNORECASE)
_ROWS: Final = 5
_CELLS: Final = 4


def warnings(text: str) -> tuple[str, ...]:
    """Sentences; none where nothing looks like an identifier."""
    found = []
    if any(is_nhs_number(match[0]) for match in _NHS_NUMBER.finditer(text)):
        found.append("It seems to hold an NHS number.")
    if _POSTCODE.search(text):
        found.append("It seems to hold a postcode.")
    if _BIRTH.search(text):
        found.append("It seems to hold a date of birth.")
    return tuple(found)


def is_nhs_number(text: str) -> bool:
    """Ten digits whose last is the check digit (modulo 11)."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    if len(digits) != 10:
        return False
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == digits[9] and check != 10


def holds_rows(text: str) -> bool:
    """Whether it is a table of data: at least five lines running with the same number of cells, most of them figures."""
    for delimiter in (",", "\t", ";", "|"):
        running = 0
        before = 0
        for line in text.split("\n"):
            cells = line.split(delimiter)
            is_data = len(cells) >= _CELLS and sum(any(sign.isdigit() for sign in cell) for cell in cells) * 2 >= len(cells)
            running = running + 1 if is_data and len(cells) == before else int(is_data)
            before = len(cells)
            if running >= _ROWS:
                return True
    return False
