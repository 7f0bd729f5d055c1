"""What somebody does who reads a custodian's mailbox and has no account: the link of a letter, and the code that it asks for."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.testclient import TestClient

from gateway.wiring import Services
from tests.accounts.people import browser
from tests.gateway.asking import Post, text_of

MAILBOX = "access@alpha.example"


def opened_with_its_code(services: Services, post: Post, deliver: Callable[[], None], *, file: str) -> tuple[TestClient, str, str]:
    """The browser, the path of the link and the page behind it. The file of that id is closed until the code was typed."""
    letter = next(one for one in post.to(MAILBOX) if "acknowledge" in text_of(one))
    link = re.search(r"http://127\.0\.0\.1:8000(/acknowledge/\S+)", text_of(letter))
    assert link is not None
    client = browser(services)
    assert client.get(f"{link[1]}/files/{file}").status_code == 403
    client.post(f"{link[1]}/code")
    deliver()
    code = re.search(r"\b(\d{8})\b", text_of(post.to(MAILBOX)[-1]))
    assert code is not None
    return client, link[1], client.post(f"{link[1]}/open", data={"code": code[1]}).text
