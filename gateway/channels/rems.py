"""A custodian that decides in REMS: an application is made there, filled in from the part, with the snapshot attached, and submitted.

REMS knows an application by its own number alone. So that a second try finds the first, one field of the form is mapped to the part's id
(``gateway.part``); an application of ours that holds it is gone on with.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from gateway.channels.channel import DeliveryDeferred, DeliveryFailed, DeliveryUnfit, OutgoingPart, Receipt

PART: Final = "gateway.part"
SNAPSHOT: Final = "gateway.snapshot"
DRAFT: Final = "application.state/draft"
CHANGED: Final = "The applicant changed answers that concern you too; what is attached is how they are now"
OPEN_STATES: Final = (DRAFT, "application.state/returned")
REFUSALS: Final = (401, 403, 410)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    retry_after_seconds: float | None = None


class Caller(Protocol):
    def call(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Once, without following redirects. Raises :class:`DeliveryDeferred` or :class:`DeliveryFailed`."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """``items`` maps persistent ids to catalogue items; ``fields`` maps ``form/field`` to keys of the answers."""

    applicant: str
    reader: str
    items: Mapping[str, int]
    fields: Mapping[str, str]

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Form:
        return cls(settings["applicant"], settings["reader"], {pid: one["id"] for pid, one in settings["items"].items()}, settings["fields"])


class Rems:
    """One REMS as one of its users, over its published API."""

    def __init__(self, caller: Caller, base: str, api_key: str, user: str) -> None:
        self._caller, self._base, self._api_key, self._user = caller, base.rstrip("/"), api_key, user

    def get(self, path: str) -> Any:
        return self._answer("GET", path, b"", {})

    def post(self, path: str, value: Mapping[str, Any]) -> Any:
        found = self._answer("POST", path, json.dumps(value).encode(), {"content-type": "application/json"})
        if not isinstance(found, dict) or not found.get("success"):
            raise DeliveryUnfit(f"The custodian's REMS did not take the application ({_reasons(found)}).")
        return found

    def attach(self, application: int, name: str, content: bytes, media_type: str) -> int:
        """The attachment's number. ``name`` is in ASCII and without quotes."""
        mark = f"gateway-{secrets.token_hex(16)}"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {media_type}\r\n\r\n'
        body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
        found = self._answer(
            "POST", f"/api/applications/add-attachment?application-id={application}", body, {"content-type": f"multipart/form-data; boundary={mark}"}
        )
        return int(found["id"])

    def _answer(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Any:
        sent = {"accept": "application/json", "x-rems-api-key": self._api_key, "x-rems-user-id": self._user, **headers}
        reply = self._caller.call(method, f"{self._base}{path}", body, sent)
        if reply.status in REFUSALS:
            raise DeliveryFailed(f"The custodian's REMS does not accept the gateway ({reply.status}).")
        if not 200 <= reply.status < 300:
            raise DeliveryDeferred(f"The custodian's REMS answered {reply.status}.", retry_after_seconds=reply.retry_after_seconds)
        try:
            return json.loads(reply.body)
        except ValueError:
            raise DeliveryDeferred("The custodian's REMS answered with something that is no JSON.") from None


class RemsChannel:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def deliver(self, part: OutgoingPart) -> Receipt:
        form = Form.of(part.settings)
        rems = Rems(self._caller, part.target, _key(part), form.applicant)
        items = [form.items[one["pid"]] for one in part.document["datasets"] if one["pid"] in form.items]
        if len(items) < len(part.document["datasets"]):
            raise DeliveryUnfit("A dataset has no item in the custodian's REMS.")
        found = _earlier(rems, form, part.part)
        if found is not None and part.occasion == "updated" and found["application/state"] != DRAFT:
            return _receipt(part, _remarked(Rems(self._caller, part.target, _key(part), form.reader), part, found["application/id"]))
        application = found["application/id"] if found else rems.post("/api/applications/create", {"catalogue-item-ids": items})["application-id"]
        if found is None or found["application/state"] in OPEN_STATES:
            _fill_in(rems, form, part, application)
            rems.post("/api/applications/submit", {"application-id": application})
        return _receipt(part, application)


def _receipt(part: OutgoingPart, application: int) -> Receipt:
    return Receipt(facts={"channel": "rems", "message_id": part.message_id, "application_id": application})


def _remarked(rems: Rems, part: OutgoingPart, application: int) -> int:
    """What changed because of another custodian: an applicant cannot change an application that was submitted, so whoever reads it for the
    gateway writes a remark with the new snapshot. The delivery's id stands in it, so that a second try writes none."""
    held = rems.get(f"/api/applications/{application}")
    if any(part.message_id in str(one.get("application/comment")) for one in held.get("application/events", ())):
        return application
    snapshot = json.dumps(part.document, ensure_ascii=False).encode()
    comment = f"{CHANGED} ({part.reference}, SHA-256 {part.snapshot_sha256}, {part.message_id})."
    try:
        attachment = rems.attach(application, f"{part.reference}.json", snapshot, "application/json")
        rems.post("/api/applications/remark", {
            "application-id": application, "comment": comment, "public": False, "attachments": [{"attachment/id": attachment}],
        })
    except DeliveryFailed as error:
        raise DeliveryUnfit("The custodian's REMS lets the gateway write no remark about changed answers.") from error
    return application


def _fill_in(rems: Rems, form: Form, part: OutgoingPart, application: int) -> None:
    """The part's id first, so that whatever happens next, the application is found again."""
    held = rems.get(f"/api/applications/{application}")
    rems.post("/api/applications/save-draft", {"application-id": application, "field-values": _values(form, {PART: part.part})})
    licences = [one["license/id"] for one in held.get("application/licenses", ())]
    if licences:
        rems.post("/api/applications/accept-licenses", {"application-id": application, "accepted-licenses": licences})
    texts = {**part.texts, PART: part.part, "gateway.reference": part.reference}
    if SNAPSHOT in form.fields.values():
        snapshot = json.dumps(part.document, ensure_ascii=False).encode()
        texts[SNAPSHOT] = str(rems.attach(application, f"{part.reference}.json", snapshot, "application/json"))
    for key in set(part.files) & set(form.fields.values()):
        texts[key] = ",".join(str(rems.attach(application, one.name, one.read(), one.media_type)) for one in part.files[key])
    rems.post("/api/applications/save-draft", {"application-id": application, "field-values": _values(form, texts)})


def _values(form: Form, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    placed = ((*place.partition("/"), key) for place, key in form.fields.items())
    return [{"form": int(number), "field": name, "value": texts[key]} for number, _, name, key in placed if key in texts]


def _earlier(rems: Rems, form: Form, part: str) -> dict[str, Any] | None:
    """Our application for the part, where an earlier try made one."""
    place = next((place for place, key in form.fields.items() if key == PART), "")
    for line in rems.get("/api/my-applications"):
        held = rems.get(f"/api/applications/{line['application/id']}")
        for one in held.get("application/forms", ()):
            for field in one.get("form/fields", ()):
                if f"{one['form/id']}/{field['field/id']}" == place and field.get("field/value") == part:
                    return dict(held)
    return None


def _reasons(found: Any) -> str:
    errors = found.get("errors", ()) if isinstance(found, dict) else ()
    return ", ".join(str(one.get("type", "unknown")) for one in errors if isinstance(one, dict))[:200] or "no reason given"


def _key(part: OutgoingPart) -> str:
    if part.secret is None:
        raise DeliveryFailed("The custodian's REMS has no key yet.")
    return str(json.loads(part.secret)["api_key"])
