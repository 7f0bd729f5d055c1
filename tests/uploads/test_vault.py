"""S15, R62: attached files lie encrypted, under names that say nothing, and none passes for another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import Conflict, NotFound
from gateway.store.sealing import Sealer
from gateway.store.vault import Vault

NOW = datetime.now(UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "uploads", Sealer(tmp_path / "sealing.key"))


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "uploads").rglob("*") if path.is_file()]


def test_S15_nothing_of_a_file_can_be_read_where_it_lies(vault: Vault, tmp_path: Path) -> None:
    name, key = vault.put(b"Marker-Body " * 100)
    again, other_key = vault.put(b"Marker-Body " * 100)
    assert vault.get(name, key) == vault.get(again, other_key) == b"Marker-Body " * 100
    assert len({path.read_bytes() for path in files(tmp_path)}) == 2, "the same twice is not seen to be the same"
    for path in files(tmp_path):
        assert b"Marker" not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
    assert name not in key


def test_S15_a_file_that_was_changed_or_swapped_is_not_given_out(vault: Vault, tmp_path: Path) -> None:
    name, key = vault.put(b"one")
    other, other_key = vault.put(b"two")
    with pytest.raises(Conflict):
        vault.get(name, other_key)
    path = next(path for path in files(tmp_path) if path.name == name)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Conflict):
        vault.get(name, key)
    path.write_bytes(next(path for path in files(tmp_path) if path.name == other).read_bytes())
    with pytest.raises(Conflict):
        vault.get(name, other_key)


def test_S15_what_is_removed_or_needed_no_more_is_gone(vault: Vault, tmp_path: Path) -> None:
    (kept, key), (removed, gone_key), (orphan, orphan_key) = (vault.put(text) for text in (b"a", b"b", b"c"))
    vault.remove(removed)
    vault.remove(removed)
    assert vault.sweep({kept}, older_than=NOW - timedelta(hours=1)) == 0, "young ones may belong to a row that is not written yet"
    assert vault.sweep({kept}, older_than=NOW + timedelta(days=1)) == 1
    assert vault.get(kept, key) == b"a"
    for name, sealed in ((removed, gone_key), (orphan, orphan_key)):
        with pytest.raises(NotFound):
            vault.get(name, sealed)
