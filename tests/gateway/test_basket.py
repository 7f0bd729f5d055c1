"""The basket in its signed cookie."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from gateway.catalogue.basket import MAX_DATASETS, BasketCookie, add, remove
from gateway.errors import Unprocessable

FIFTY = tuple(f"ref{number}" for number in range(MAX_DATASETS))


@pytest.fixture
def cookie(tmp_path: Path) -> BasketCookie:
    return BasketCookie(tmp_path / "basket.key")


def test_what_was_written_is_read_in_order(cookie: BasketCookie, tmp_path: Path) -> None:
    value = cookie.write(("beta1", "alpha2"))
    assert cookie.read(value) == ("beta1", "alpha2")
    assert BasketCookie(tmp_path / "basket.key").read(value) == ("beta1", "alpha2")


def test_fifty_datasets_fit_into_a_cookie(cookie: BasketCookie) -> None:
    refs = tuple(f"{number:016d}" for number in range(MAX_DATASETS))
    value = cookie.write(refs)
    assert cookie.read(value) == refs
    assert len(value) < 4000


@pytest.mark.parametrize("value", [None, "", "x", "WyJhbHBoYTIiXQ.signature", "." * 5000, "\u00e4.\u00e4"])
def test_what_was_not_written_here_is_an_empty_basket(cookie: BasketCookie, value: str | None) -> None:
    assert cookie.read(value) == ()


def test_a_changed_value_is_an_empty_basket(cookie: BasketCookie) -> None:
    value = cookie.write(("alpha2",))
    for place in range(len(value)):
        changed = value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]
        assert cookie.read(changed) in {(), ("alpha2",)}  # the last character of a signature carries spare bits
    assert cookie.read("B" + value[1:]) == ()


def test_another_installation_s_cookie_is_an_empty_basket(cookie: BasketCookie, tmp_path: Path) -> None:
    assert BasketCookie(tmp_path / "other.key").read(cookie.write(("alpha2",))) == ()


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_even_a_signed_value_of_another_shape_does_no_harm(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    key_file = tmp_path_factory.getbasetemp() / "shared.key"
    cookie = BasketCookie(key_file)
    cookie.write(())
    signed = URLSafeSerializer(key_file.read_bytes(), salt="gateway.basket").dumps(value)
    assert all(ref.isalnum() for ref in cookie.read(signed))


def test_adding_keeps_the_order_and_each_dataset_once() -> None:
    assert add(("alpha2", "beta1"), "alpha2", "gamma3") == ("alpha2", "beta1", "gamma3")
    assert add((), "../etc", "<script>", "alpha2") == ("alpha2",)
    assert remove(("alpha2", "beta1"), "alpha2", "nowhere") == ("beta1",)


def test_the_fifty_first_dataset_is_refused() -> None:
    assert add(FIFTY, FIFTY[0]) == FIFTY
    with pytest.raises(Unprocessable, match="50"):
        add(FIFTY, "onemore")


def test_the_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    key_file = tmp_path / "data" / "basket.key"
    values: list[str] = []
    threads = [threading.Thread(target=lambda: values.append(BasketCookie(key_file).write(("alpha2",)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(values)) == 1
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == ["basket.key"]
