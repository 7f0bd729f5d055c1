"""A REMS as its published API describes it, on loopback: applications, forms, licences, attachments, and what a handler does to them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import listening

KEY, READER, APPLICANT = "rems-key-marker", "bot", "gateway"
FORM: dict[int, tuple[str, ...]] = {5: ("fld1", "fld2", "fld8", "fld9")}
FIELDS = {"5/fld1": "project.title", "5/fld2": "project.lay_summary", "5/fld8": "gateway.snapshot", "5/fld9": "gateway.part"}


@dataclass
class Application:
    number: int
    items: list[int]
    state: str = "application.state/draft"
    values: dict[str, str] = field(default_factory=dict)
    accepted: list[int] = field(default_factory=list)
    attachments: dict[int, bytes] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def shape(self) -> dict[str, Any]:
        forms = [{"form/id": number, "form/fields": [{"field/id": one, "field/value": self.values.get(f"{number}/{one}", "")} for one in names]} for number, names in FORM.items()]
        return {
            "application/id": self.number, "application/state": self.state, "application/forms": forms, "application/licenses": [{"license/id": 7}],
            "application/events": self.events, "application/resources": [{"catalogue-item/id": item} for item in self.items],
        }


@dataclass
class RemsServer:
    """``fail`` holds, for the next calls of a path, the status to answer with instead; ``cut`` paths do their work and then answer 500."""

    url: str = ""
    catalogue: list[dict[str, Any]] = field(default_factory=list)
    applications: dict[int, Application] = field(default_factory=dict)
    fail: list[int] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)
    may_remark: bool = True
    calls: list[tuple[str, str, str]] = field(default_factory=list)

    def decide(self, number: int, state: str, **event: Any) -> None:
        """As a handler does."""
        one = self.applications[number]
        one.state = f"application.state/{state}"
        one.events.append({"event/type": f"application.event/{state}", "event/actor": "handler-1", "event/time": "2026-11-24T10:00:00.000Z", **event})

    def answer(self, method: str, path: str, body: bytes, user: str) -> tuple[int, Any]:
        if path == "/api/catalogue-items":
            return 200, self.catalogue
        if path == "/api/my-applications":
            return 200, [{"application/id": number} for number in self.applications] if user == APPLICANT else []
        if method == "GET" and (found := re.fullmatch(r"/api/applications/(\d+)", path)):
            one = self.applications.get(int(found[1]))
            return (200, one.shape()) if one else (404, {"error": "not found"})
        if found := re.fullmatch(r"/api/applications/add-attachment\?application-id=(\d+)", path):
            held = self.applications[int(found[1])].attachments
            held[len(held) + 100] = body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
            return 200, {"success": True, "id": len(held) + 99}
        if path == "/api/applications/remark":
            return self.remark(json.loads(body), user)
        return self.command(path.rpartition("/")[2], json.loads(body))

    def remark(self, value: dict[str, Any], user: str) -> tuple[int, Any]:
        """For who handles or reviews the application, in every state; its applicant may not."""
        if user != READER or not self.may_remark:
            return 200, {"success": False, "errors": [{"type": "forbidden"}]}
        self.applications[value["application-id"]].events.append({
            "event/type": "application.event/remarked", "event/actor": user, "application/comment": value["comment"], "event/public": value["public"],
            "event/attachments": value["attachments"],
        })
        return 200, {"success": True}

    def command(self, name: str, value: dict[str, Any]) -> tuple[int, Any]:
        if name == "create":
            number = len(self.applications) + 31
            workflows = {one["wfid"] for one in self.catalogue if one["id"] in value["catalogue-item-ids"]}
            if len(workflows) != 1:
                return 200, {"success": False, "errors": [{"type": "unbundlable-catalogue-items"}]}
            self.applications[number] = Application(number, value["catalogue-item-ids"])
            return 200, {"success": True, "application-id": number}
        one = self.applications[value["application-id"]]
        if one.state not in ("application.state/draft", "application.state/returned"):
            return 200, {"success": False, "errors": [{"type": "forbidden"}]}
        if name == "save-draft":
            one.values |= {f"{each['form']}/{each['field']}": each["value"] for each in value["field-values"]}
        elif name == "accept-licenses":
            one.accepted = value["accepted-licenses"]
        elif name == "submit":
            missing = [place for place in ("5/fld1", "5/fld2") if not one.values.get(place)]
            if missing or one.accepted != [7]:
                return 200, {"success": False, "errors": [{"type": "form.validation/required"}]}
            one.state = "application.state/submitted"
        return 200, {"success": True}


@contextmanager
def rems(catalogue: list[dict[str, Any]]) -> Iterator[RemsServer]:
    state = RemsServer(catalogue=catalogue)

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            user = self.headers.get("x-rems-user-id", "")
            state.calls.append((self.command, self.path, user))
            if self.headers.get("x-rems-api-key") != KEY or user not in (READER, APPLICANT):
                status, value = 401, {"error": "unauthorized"}
            elif state.fail:
                status, value = state.fail.pop(0), {}
            else:
                status, value = state.answer(self.command, self.path, body, user)
                if any(name in self.path for name in state.cut):
                    state.cut.clear()
                    status, value = 500, {}
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = handle_any  # noqa: N815  the server's own names

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as address:
        state.url = address
        yield state
