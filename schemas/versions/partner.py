"""Fields of partners: what CRUK 1.0.0 and GWDM 2.1 add to a record."""

from __future__ import annotations

from typing import Final

from schemas.versions.vocabulary import STRING, Required, Schema, choice, listing, nullable, open_record, record, text

SHORT: Final = text(2, 150)
PROJECT_GRANTS: Final[Schema] = nullable(
    listing(
        open_record(
            pid=nullable(SHORT), projectGrantName=Required(SHORT), leadResearcher=Required(SHORT),
            leadResearchInstitute=Required(SHORT), grantNumber=Required(STRING), projectGrantStartDate=Required(STRING),
            projectGrantEndDate=Required(nullable(STRING)), projectGrantScope=nullable(text(5, 500)),
        )
    )
)  # fmt: skip
LABEL: Final[Schema] = {"type": "string", "maxLength": 150}
DATASET_FILTERS: Final[Schema] = nullable(
    listing(
        record(
            id=Required({"type": "string", "pattern": "[0-9]"}), label=Required(LABEL), category=Required(LABEL),
            primaryGroup=Required(choice(("cancer-type", "data-type", "access-type"))), description=Required(LABEL),
        )
    )
)  # fmt: skip
ICONS: Final[Schema] = nullable(listing(STRING))
OTHER_DATA_TYPES: Final[Schema] = nullable(
    listing(record(title=Required(SHORT), description=Required(nullable(text(2, 1000))), format=Required(text(1))))
)
