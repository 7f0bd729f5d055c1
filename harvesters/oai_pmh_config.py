"""What a source of kind ``oai-pmh`` is configured with, and the addresses of its requests."""

from __future__ import annotations

from urllib.parse import urlencode

from pydantic import Field

from harvesters.web_source_config import WebSourceConfig


class OaiPmhConfig(WebSourceConfig):
    """``secret``, where a repository wants one, is sent as a bearer token."""

    set: str = Field(default="", max_length=500, description="Only this set, by its setSpec.")
    metadata_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9_.!~*'()-]{0,100}$", description="The format; chosen by itself where empty.")
    all_types: bool = Field(default=False, description="Take records of every type, not only those that say they are datasets.")

    @property
    def filters_by_type(self) -> bool:
        """A set that was chosen does the choosing."""
        return not self.all_types and not self.set

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"} if self.token() else {}

    def address(self, verb: str, **arguments: str) -> str:
        stated = {name.rstrip("_"): value for name, value in arguments.items() if value}
        return f"{self.base_url}?{urlencode({'verb': verb, **stated})}"
