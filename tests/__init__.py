"""Whatever belongs to the tests opens no socket but to loopback."""

from tests import network_guard

network_guard.install()
