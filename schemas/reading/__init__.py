"""Published shape -> canonical record: one file for each family of versions, with its table of fields.

What differs in shape and not only in name has a file of its own: custodian, dataset_types, coverage, relations, objects, tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas.detect import Detected
from schemas.document import Unreadable
from schemas.reader import Reading
from schemas.reading.ckan import read_ckan
from schemas.reading.datacite import read_datacite
from schemas.reading.dcat_us import read_dcat_us
from schemas.reading.dublin_core import read_dublin_core
from schemas.reading.gwdm import read_gwdm
from schemas.reading.hdruk_1 import read_hdruk_1
from schemas.reading.hdruk_2 import read_hdruk_2
from schemas.reading.linked import read_dcat_graph, read_schema_org_object
from schemas.reading.modern import read_modern

READERS: Final[dict[str, Callable[[Reading, Detected], None]]] = {
    "1": read_hdruk_1, "2": read_hdruk_2, "3": read_modern, "4": read_modern, "CRUK": read_modern,
    "GWDM": read_gwdm, "CKAN": read_ckan, "DataCite": read_datacite, "Dublin Core": read_dublin_core, "DCAT": read_dcat_graph,
    "schema.org": read_schema_org_object, "DCAT-US": read_dcat_us,
}  # fmt: skip


def read_into(document: Mapping[str, Any], detected: Detected) -> Reading:
    """Apply the table of the detected shape. Raises :class:`Unreadable` for a model without one."""
    reading = Reading(document)
    reader = READERS.get(detected.model if detected.model != "HDRUK" else detected.version[0])
    if reader is None:
        raise Unreadable("unknown-version", f"{detected.name} is not read yet.", "Send the record as HDR UK 4.0.0.")
    reader(reading, detected)
    reading.carry_the_rest()
    return reading
