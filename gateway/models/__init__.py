"""The tables. Every statement that reads or writes them is in gateway/store."""

from gateway.models.audit import AuditCheckpoint, AuditHeads, AuditRow, AuditSalt
from gateway.models.base import Base, Json, UtcTime
from gateway.models.catalogue import Alias, Custodian, IndexEntry, Link, Note, Raw, Record, ScannedStructure, Version
from gateway.models.clocks import AccessPolicy, ClockMark
from gateway.models.enquiries import Enquiry, EnquiryMessage, EnquiryThread, MailboxVisit, ReplyToken
from gateway.models.harvests import DryRun, Hold, Host, Outcome, Run, RunEvent, Source, SourceContact, SourcePage
from gateway.models.mail import MailChoice, MailStanding
from gateway.models.privacy import Purge
from gateway.models.pushes import AccessToken, ApiKey, IdempotentAnswer, Receipt, WebhookEndpoint, WebhookMessage
from gateway.models.requests import (
    Alternative,
    Callback,
    DataUse,
    Delivery,
    FormTemplate,
    KeptText,
    Message,
    OutcomeProposal,
    Request,
    RequestEvent,
    RequestMember,
    RequestPart,
    Route,
    Snapshot,
)
from gateway.models.settings import Setting
from gateway.models.uploads import Upload

__all__ = [
    "AccessPolicy",
    "AccessToken",
    "Alias",
    "Alternative",
    "ApiKey",
    "AuditCheckpoint",
    "AuditHeads",
    "AuditRow",
    "AuditSalt",
    "Base",
    "Callback",
    "ClockMark",
    "Custodian",
    "DataUse",
    "Delivery",
    "DryRun",
    "Enquiry",
    "EnquiryMessage",
    "EnquiryThread",
    "FormTemplate",
    "Hold",
    "Host",
    "IdempotentAnswer",
    "IndexEntry",
    "Json",
    "KeptText",
    "Link",
    "MailChoice",
    "MailStanding",
    "MailboxVisit",
    "Message",
    "Note",
    "Outcome",
    "OutcomeProposal",
    "Purge",
    "Raw",
    "Receipt",
    "Record",
    "ReplyToken",
    "Request",
    "RequestEvent",
    "RequestMember",
    "RequestPart",
    "Route",
    "Run",
    "RunEvent",
    "ScannedStructure",
    "Setting",
    "Snapshot",
    "Source",
    "SourceContact",
    "SourcePage",
    "Upload",
    "UtcTime",
    "Version",
    "WebhookEndpoint",
    "WebhookMessage",
]
