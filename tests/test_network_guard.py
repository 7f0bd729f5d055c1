"""A12: the guard over the sockets of the tests lets nothing out, and its own word reaches the test."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from tests import network_guard


@pytest.mark.parametrize(("family", "address"), [
    (socket.AF_INET, ("192.0.2.1", 80)), (socket.AF_INET, ("10.0.0.1", 443)), (socket.AF_INET6, ("2001:db8::1", 80, 0, 0)),
])  # fmt: skip
def test_a12_a_connection_to_anywhere_else_is_refused_and_told(family: socket.AddressFamily, address: tuple[object, ...]) -> None:
    with socket.socket(family) as client, pytest.raises(ConnectionRefusedError, match="no socket but to loopback"):
        client.connect(address)
    with socket.socket(family, socket.SOCK_DGRAM) as client, pytest.raises(ConnectionRefusedError):
        client.sendto(b"x", address)
    assert len(network_guard.tried) == 2
    network_guard.tried.clear()


@pytest.mark.parametrize("name", ["data.example.org", b"data.example.org"])
def test_a12_a_name_is_not_looked_up(name: str | bytes) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.getaddrinfo(name, 443)
    network_guard.tried.clear()


def test_loopback_and_spellings_of_addresses_are_let_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(("localhost", server.getsockname()[1])):
        assert socket.getaddrinfo("0x7f.1", 80)
        assert socket.getaddrinfo("10.0.0.1", 80)
    one, other = socket.socketpair()
    one.close()
    other.close()
    assert network_guard.tried == []


def test_a12_helper_processes_of_the_tests_have_the_guard_too() -> None:
    tries = "import socket, tests.loopback; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    ran = subprocess.run([sys.executable, "-c", tries], capture_output=True, text=True, check=False)
    assert "no socket but to loopback" in ran.stderr
