"""What a judgement of a record consists of: findings, each with its path, rule, severity, message and hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "advice"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw of one value.

    ``path`` is a JSON Pointer (RFC 6901) into the submitted document, ``field`` its readable name, ``message`` one
    plain sentence about this value, ``hint`` what to do, ``value`` an excerpt of at most 120 characters. ``fix`` is what
    should stand there instead, where that is certain; in JSON it is a patch (RFC 6902) of the submitted document.
    """

    rule: str
    severity: Severity
    path: str
    field: str
    message: str
    hint: str
    value: str | None = None
    fix: str | None = None

    def as_json(self) -> dict[str, Any]:
        stated = {
            "rule": self.rule, "severity": self.severity, "path": self.path, "field": self.field, "message": self.message, "hint": self.hint,
            "value": self.value,
        }  # fmt: skip
        return stated if self.fix is None else {**stated, "fix": [{"op": "replace", "path": self.path, "value": self.fix}]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Finding:
        patch = value.get("fix")
        return cls(**{**value, "fix": patch[0]["value"] if patch else None})


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings about one document, in field order, then by severity, then by rule id.

    ``shape`` names the published shape the document was judged against (``HDRUK 4.0.0``) and ``schema_sha256`` the
    schema file that was used; both are ``None`` where no shape was recognised. ``not_checked`` names the rules that need
    facts which were not given (the date, probes of links, other records).
    """

    items: tuple[Finding, ...]
    shape: str | None = None
    schema_sha256: str | None = None
    not_checked: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.items)

    @property
    def is_conformant(self) -> bool:
        return self.count("error") == 0
