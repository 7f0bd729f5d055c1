"""What people typed, as it was typed, with the addresses in it as links.

A path of this service leads there. An address elsewhere becomes a link only in what a desk wrote: strangers' links are for nobody to press.
"""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

from frontend.custodian_text import safe_address

_ADDRESS: Final = re.compile(r"""(?<![^\s(\["'“‘])(?:https?://[^\s<>"']+|/(?:search|columns|datasets|custodians|uses)(?![\w-])[^\s<>"']*)""")
_AFTER: Final = ".,;:!?)]}’”"


def typed(text: str, base_url: str, *, links_elsewhere: bool = False) -> Markup:
    """``base_url`` is this service's own, without a slash at its end."""
    pieces, done = [], 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_AFTER)
        target = _target(address, base_url, links_elsewhere)
        if target is not None:
            pieces += [escape(text[done : found.start()]), target]
            done = found.start() + len(address)
    return Markup("").join([*pieces, escape(text[done:])])


def _target(address: str, base_url: str, links_elsewhere: bool) -> Markup | None:
    own = address.removeprefix(base_url) if address.startswith(f"{base_url}/") else address
    if own.startswith("/"):
        return Markup('<a href="{}">{}</a>').format(own, address)
    elsewhere = safe_address(address) if links_elsewhere else None
    return Markup('<a href="{}" rel="nofollow noopener noreferrer">{}</a>').format(elsewhere, address) if elsewhere else None
