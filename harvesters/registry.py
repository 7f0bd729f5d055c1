"""The kinds of sources: how each is configured and built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from harvesters.ckan import CkanConfig, CkanSource
from harvesters.datacite import DataCiteConfig, DataCiteSource
from harvesters.dcat import DcatSource
from harvesters.fair_data_point import FairDataPointSource
from harvesters.federation import FederationSource
from harvesters.federation_config import FederationConfig
from harvesters.fetch import Fetcher
from harvesters.files import FilesConfig, FilesSource
from harvesters.linked_config import DcatConfig, FairDataPointConfig, SchemaOrgConfig
from harvesters.oai_pmh import OaiPmhSource
from harvesters.oai_pmh_config import OaiPmhConfig
from harvesters.push import PushSource, nothing_to_fetch
from harvesters.scan_source import ScanReportConfig, ScanReportSource
from harvesters.schema_org import SchemaOrgSource
from harvesters.source import Held, Pass, Source
from harvesters.web_files import WebFilesConfig, WebFilesSource


class WrongConfiguration(ValueError):
    """A source's configuration cannot be used. ``fields`` gives a sentence for each wrong field; no value is quoted."""

    def __init__(self, kind: str, fields: Mapping[str, str]) -> None:
        self.kind = kind
        self.fields = dict(fields)
        listed = "; ".join(f"{name} {problem}" for name, problem in self.fields.items())
        super().__init__(f"The configuration of this {kind} source cannot be used: {listed}.")


@dataclass(frozen=True, slots=True)
class Kind:
    config: type[BaseModel]
    holds_history: bool
    factory: Callable[[Any, Fetcher, Pass, Held], Source]
    has_secret: bool = True
    reads_singly: bool = False
    """Whether what failed can be asked for without the listing: its sources are ``ReadsSingly`` or ``ReadsAgain`` then."""

    def build(
        self, configuration: Mapping[str, Any], *, fetcher: Fetcher, held: Held, wanted: Pass | str, secret: str | None = None
    ) -> Source:
        """The source, ready to be read. Raises :class:`WrongConfiguration`."""
        given = {**configuration, "secret": secret} if self.has_secret and secret is not None else configuration
        config = _validated(self, given, is_complete=True)
        return self.factory(config, fetcher, cast("Pass", wanted), held)


class PushConfig(BaseModel):
    """A push source is made by itself when a custodian's program first sends something; there is nothing to configure."""

    model_config = ConfigDict(extra="forbid")


KINDS: dict[str, Kind] = {
    "ckan": Kind(CkanConfig, CkanSource.holds_history, CkanSource, reads_singly=True),
    "dcat": Kind(DcatConfig, DcatSource.holds_history, DcatSource),
    "datacite": Kind(DataCiteConfig, DataCiteSource.holds_history, DataCiteSource, reads_singly=True),
    "fair-data-point": Kind(FairDataPointConfig, FairDataPointSource.holds_history, FairDataPointSource, reads_singly=True),
    "federation": Kind(FederationConfig, FederationSource.holds_history, FederationSource, reads_singly=True),
    "web-files": Kind(WebFilesConfig, WebFilesSource.holds_history, WebFilesSource),
    "oai-pmh": Kind(OaiPmhConfig, OaiPmhSource.holds_history, OaiPmhSource, reads_singly=True),
    "schema-org": Kind(SchemaOrgConfig, SchemaOrgSource.holds_history, SchemaOrgSource, has_secret=False, reads_singly=True),
    "scan-report": Kind(
        ScanReportConfig, ScanReportSource.holds_history, lambda config, _fetcher, wanted, held: ScanReportSource(config, wanted, held),
        has_secret=False,
    ),
    "files": Kind(
        FilesConfig, FilesSource.holds_history, lambda config, fetcher, wanted, held: FilesSource(config, wanted, held, pause=fetcher.pause),
        has_secret=False,
    ),
    "push": Kind(PushConfig, PushSource.holds_history, nothing_to_fetch, has_secret=False),
}


ADDABLE = tuple(sorted(name for name in KINDS if name != "push"))
"""The kinds that people add; a push source is made by itself."""


def configure(kind: str, configuration: Mapping[str, Any], *, secret: str | None = None, is_complete: bool = False) -> dict[str, Any]:
    """The configuration as it is to be kept: checked, with its defaults, without the secret, which is kept elsewhere.

    With ``is_complete`` a secret that is needed must be given. Raises :class:`WrongConfiguration` naming every wrong field.
    """
    known = KINDS.get(kind)
    if known is None:
        raise WrongConfiguration(kind, {"kind": f"must be one of {', '.join(sorted(KINDS))}"})
    given = {**configuration, "secret": secret} if known.has_secret and secret else configuration
    return _validated(known, given, is_complete=is_complete).model_dump(mode="json", exclude={"secret"})


def _validated(kind: Kind, configuration: Mapping[str, Any], *, is_complete: bool) -> BaseModel:
    name = next((name for name, known in KINDS.items() if known is kind), "")
    try:
        return kind.config.model_validate(configuration, context={"is_complete": is_complete})
    except ValidationError as error:
        raise WrongConfiguration(name, _problems(error)) from None


def _problems(error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        name = ".".join(str(part) for part in problem["loc"]) or "configuration"
        found.setdefault(name, _sentence(problem["type"], problem["msg"]))
    return found


PLAIN: Final[dict[str, str]] = {
    "int_parsing": "must be a whole number", "int_type": "must be a whole number", "bool_parsing": "must be true or false",
    "string_pattern_mismatch": "is not of the form that is expected here", "string_type": "must be a text",
}  # fmt: skip


def _sentence(kind: str, message: str) -> str:
    if kind == "missing":
        return "is needed"
    if kind == "extra_forbidden":
        return "is not known"
    if kind in PLAIN:
        return PLAIN[kind]
    return message.removeprefix("Value error, ").replace("Input should be", "must be").replace("String should have", "must have")
