"""What an attached file may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """``inspect`` is the ``module:function`` that looks into it, ``options`` what it is told besides."""

    words: str
    media_type: str
    inspect: str
    options: Mapping[str, str] = field(default_factory=dict)


_HERE: Final = "gateway.uploads.inspection"
_JPEG: Final = Kind(words="JPEG picture", media_type="image/jpeg", inspect=f"{_HERE}.pictures:inspect", options={"kind": "JPEG"})
KINDS: Final[Mapping[str, Kind]] = {
    "pdf": Kind(words="PDF document", media_type="application/pdf", inspect=f"{_HERE}.pdf:inspect"),
    "docx": Kind(
        words="Word document", media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document", inspect=f"{_HERE}.office:docx"
    ),
    "odt": Kind(words="OpenDocument text", media_type="application/vnd.oasis.opendocument.text", inspect=f"{_HERE}.office:odt"),
    "png": Kind(words="PNG picture", media_type="image/png", inspect=f"{_HERE}.pictures:inspect", options={"kind": "PNG"}),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "txt": Kind(words="text", media_type="text/plain", inspect=f"{_HERE}.plain_text:inspect"),
}
"""By the end of the name."""
ACCEPTED: Final = "PDF, DOCX, ODT, PNG, JPEG or TXT"
