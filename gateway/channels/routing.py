"""Which channels there are, made from the settings. The channels themselves are in gateway/channels."""

from __future__ import annotations

from dataclasses import dataclass

from gateway import __version__
from gateway.channels.channel import Channel, DeliveryDeferred, DeliveryFailed, OutgoingPart, Receipt
from gateway.channels.committee import CommitteeChannel
from gateway.channels.mail import FolderMailer, Mailer, SmtpMailer
from gateway.channels.mailbox import MailboxChannel
from gateway.channels.posting import GuardedPoster
from gateway.channels.rems import Caller, RemsChannel
from gateway.channels.webhook import Poster, WebhookChannel
from gateway.settings import Settings
from gateway.store.sealing import AddressHashes, Sealer
from gateway.uploads.keeping import Uploads, build_uploads

__all__ = [
    "Channel", "Channels", "DeliveryDeferred", "DeliveryFailed", "OutgoingPart", "Receipt", "build_channels",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """Everything that delivering needs. ``public_url`` has no slash at the end."""

    by_name: dict[str, Channel]
    poster: Poster
    caller: Caller
    mailer: Mailer
    sealer: Sealer
    public_url: str
    addresses: AddressHashes
    uploads: Uploads

    def named(self, name: str) -> Channel:
        """Raises :class:`DeliveryFailed` for a channel this installation does not have."""
        if name not in self.by_name:
            raise DeliveryFailed("This gateway cannot deliver in the way that was chosen for the custodian.")
        return self.by_name[name]


def build_channels(settings: Settings, sealer: Sealer) -> Channels:
    """Nothing connects until something is delivered. Raises :class:`Unprocessable` for a mail address not understood."""
    mailer: Mailer = (
        SmtpMailer(settings.mail_url, sender=settings.mail_from) if settings.mail_url
        else FolderMailer(settings.data_dir.resolve() / "outbox", sender=settings.mail_from)
    )
    poster = GuardedPoster(
        user_agent=f"AllianceGateway/{__version__} (+{settings.resolved_public_url}; {settings.contact})",
        allowed_networks=settings.allow_networks,
    )
    return Channels(
        by_name={"committee": CommitteeChannel(), "mailbox": MailboxChannel(mailer), "webhook": WebhookChannel(poster), "rems": RemsChannel(poster)},
        poster=poster, caller=poster, mailer=mailer, sealer=sealer, public_url=settings.resolved_public_url,
        addresses=AddressHashes(settings.data_dir.resolve() / "addresses.key"), uploads=build_uploads(settings, sealer),
    )
