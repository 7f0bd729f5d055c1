"""What a source of kind ``oai-pmh`` is configured with, and the addresses of its requests."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from pydantic import Field

from harvesters.web_source_config import WebSourceConfig

LONGEST_ADDRESS: Final = 2_000
"""Characters that every server takes; resumption tokens may be longer."""


class OaiPmhConfig(WebSourceConfig):
    """``secret``, where a repository wants one, is sent as a bearer token."""

    set: str = Field(default="", max_length=500, title="Set", description="Only this set, by its setSpec.")
    metadata_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9_.!~*'()-]{0,100}$", title="Format", description="The format; chosen by itself where empty.")
    post: bool = Field(default=False, title="Ask by POST", description="Ask by POST always; otherwise only where an address gets longer than servers take.")
    all_types: bool = Field(default=False, title="Take records of every type", description="Take records of every type, not only those that say they are datasets.")

    @property
    def filters_by_type(self) -> bool:
        """A set that was chosen does the choosing."""
        return not self.all_types and not self.set

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"} if self.token() else {}

    def address(self, verb: str, **arguments: str) -> str:
        return f"{self.base_url}?{self.form(verb, **arguments)}"

    def form(self, verb: str, **arguments: str) -> str:
        """The same as the body of a POST."""
        return urlencode({"verb": verb, **{name.rstrip("_"): value for name, value in arguments.items() if value}})

    def must_post(self, address: str) -> bool:
        return self.post or len(address) > LONGEST_ADDRESS
