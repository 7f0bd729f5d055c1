"""S7: sound passwords, and no way to learn who has an account: neither from bytes nor from work that is done for one and not the other."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from sqlalchemy import event

from gateway.accounts import passwords
from gateway.accounts.passwords import AT_ONCE, check_password, hash_password, is_outdated, is_password
from gateway.accounts.registration import check_details
from gateway.errors import Unavailable, Unprocessable
from gateway.store import accounts
from gateway.wiring import Services
from tests.accounts.people import PASSWORD, browser, link_in, member, newest_letter, set_password, sign_in
from tests.gateway.asking import Post
from tests.journeys.gateways import make_services

ADA, NOBODY = "ada@university.example", "bob@university.example"


@pytest.fixture
def services(tmp_path: Path, post: Post) -> Iterator[Services]:
    built = make_services(tmp_path / "data", worker=False, mail_url=post.url)
    try:
        yield built
    finally:
        built.close()


class CountingHasher(PasswordHasher):
    """The real one, which counts, and notes how many work at the same moment."""

    def __init__(self) -> None:
        super().__init__(time_cost=3, memory_cost=64 * 1024, parallelism=4)
        self.verified = self.now = self.most = 0
        self.lock = threading.Lock()

    def verify(self, hash: Any, password: Any) -> Any:  # noqa: A002  # the library's name
        with self.lock:
            self.verified, self.now = self.verified + 1, self.now + 1
            self.most = max(self.most, self.now)
        try:
            return super().verify(hash, password)
        finally:
            with self.lock:
                self.now -= 1


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> CountingHasher:
    counting = CountingHasher()
    monkeypatch.setattr(passwords, "_HASHER", counting)
    return counting


def kept_hash(services: Services) -> str:
    with services.store.reading() as session:
        row = accounts.by_address(session, ADA)
        assert row is not None
        assert row.password_hash is not None
        return row.password_hash


def test_S7_a_hash_is_argon2id_with_the_promised_cost() -> None:
    found = extract_parameters(hash_password(PASSWORD))
    assert (found.type.name, found.time_cost, found.memory_cost, found.parallelism) == ("ID", 3, 64 * 1024, 4)


def test_S7_a_cheaper_hash_of_before_is_renewed_at_sign_in(services: Services) -> None:
    member(services, ADA, name="Ada")
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, ADA)
        assert row is not None
        row.password_hash = old
    assert is_outdated(old)
    assert sign_in(services, ADA, "wrong").get("/account").url.path == "/sign-in"
    assert kept_hash(services) == old
    assert sign_in(services, ADA).get("/account").url.path == "/account"
    assert not is_outdated(kept_hash(services))


@pytest.mark.parametrize("password", [
    "x" * 14, "123456789012345", "passwordpassword", "qwertyuiopasdfgh", "aaaaaaaaaaaaaaaaaaaaaaaa", "Ada Marker University", "abcabcabcabcabcabc",
])
def test_S7_what_others_could_guess_is_refused(password: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        check_password(password, own_words=("Ada Marker", "University", ADA))
    assert refused.value.fields["password"]


@pytest.mark.parametrize("password", ["qV7 ümlaut & spaces 東京", "no capital and no digit here", "        fifteen        spaces", PASSWORD])
def test_S7_any_characters_do_without_rules_of_composition(password: str) -> None:
    check_password(password, own_words=("Ada Marker", "University", ADA))
    assert is_password(hash_password(password), password)


def test_S7_128_characters_are_taken_whole_and_129_refused() -> None:
    longest = ("violet harbour seven tickets " * 5)[:128]
    check_password(longest)
    kept = hash_password(longest)
    assert is_password(kept, longest)
    assert not is_password(kept, longest[:-1]), "never cut"
    assert not is_password(kept, longest + "x")
    assert not is_password(kept, longest.upper())
    with pytest.raises(Unprocessable, match="cannot be used"):
        check_password(longest + "x")


def test_S7_the_gateways_own_words_and_ones_own_are_refused() -> None:
    for password in ("alliancegateway1", "Alliance Gateway 1"):
        with pytest.raises(Unprocessable):
            check_details(
                name="Ada Marker", organisation="University", is_adult=True, agrees=True, password=password, address=ADA
            )


def test_S7_known_and_unknown_addresses_get_the_same_bytes(services: Services, post: Post) -> None:
    member(services, ADA, name="Ada")
    set_password(services, ADA)
    for path, fields in (("/sign-in", {"password": "wrong " * 4}), ("/register", {}), ("/forgotten", {})):
        answers = [browser(services).post(path, data={"email": address, **fields}) for address in (ADA, NOBODY)]
        assert answers[0].content.replace(ADA.encode(), b"") == answers[1].content.replace(NOBODY.encode(), b""), path
        assert answers[0].status_code == answers[1].status_code
        headers = [{name: value for name, value in answer.headers.items() if name not in ("date", "content-length")} for answer in answers]
        assert headers[0] == headers[1], path
    newest_letter(services, post)
    assert [letter["Subject"] for letter in post.to(ADA)] == ["You have an account already", "Choose a new password"]
    assert [letter["Subject"] for letter in post.to(NOBODY)] == ["Confirm your address", "No account with this address"]


def test_S7_a_known_an_unknown_a_suspended_and_an_account_without_password_cost_one_hash_each(services: Services, hasher: CountingHasher) -> None:
    passwords._nobodys_hash()
    for address, state in ((ADA, "active"), ("eve@university.example", "suspended"), ("passkey@university.example", "active")):
        member(services, address, name="Ada")
        if not address.startswith("passkey"):
            set_password(services, address)
        with services.store.transaction() as tx:
            row = accounts.by_address(tx.session, address)
            assert row is not None
            row.state = state
    counts = []
    for address in (ADA, NOBODY, "eve@university.example", "passkey@university.example"):
        before = hasher.verified
        assert browser(services).post("/sign-in", data={"email": address, "password": "wrong " * 4}).status_code == 422
        counts.append(hasher.verified - before)
    assert counts == [1, 1, 1, 1]


def taken_work(services: Services, path: str, fields: dict[str, str]) -> list[str]:
    """The kinds of statements and their tables, in order."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(" ".join(re.findall(r"\b(?:SELECT|INSERT|UPDATE|DELETE|(?:FROM|INTO|UPDATE) \w+)", statement)))

    event.listen(services.store.engine, "before_cursor_execute", note)
    try:
        assert browser(services).post(path, data=fields).status_code in (200, 422)
    finally:
        event.remove(services.store.engine, "before_cursor_execute", note)
    return found


@pytest.mark.parametrize("state", ["active", "suspended"])
@pytest.mark.parametrize(("path", "fields"), [("/sign-in", {"password": "wrong " * 4}), ("/register", {}), ("/forgotten", {})])
def test_S2_S7_a_known_and_an_unknown_address_take_the_same_work(
    services: Services, hasher: CountingHasher, path: str, fields: dict[str, str], state: str
) -> None:
    member(services, ADA, name="Ada")
    set_password(services, ADA)
    with services.store.transaction() as tx:
        row = accounts.by_address(tx.session, ADA)
        assert row is not None
        row.state = state
    passwords._nobodys_hash()
    work, hashes = [], []
    for address in (ADA, NOBODY, ADA, NOBODY):
        before = hasher.verified
        work.append(taken_work(services, path, {"email": address, **fields}))
        hashes.append(hasher.verified - before)
    assert work[0] == work[1], path
    assert work[2] == work[3], path
    assert work[0], "it reads at least"
    assert hashes == ([1] * 4 if path == "/sign-in" else [0] * 4)


def test_S7_at_most_four_hashes_work_at_once(hasher: CountingHasher) -> None:
    kept = hasher.hash(PASSWORD)
    threads = [threading.Thread(target=_verify_patiently, args=(kept,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hasher.most <= AT_ONCE
    assert hasher.verified == 10


def _verify_patiently(kept: str) -> None:
    while True:
        try:
            assert is_password(kept, PASSWORD)
        except Unavailable:
            continue
        return


def test_S7_who_would_wait_longer_than_two_seconds_gets_503(services: Services) -> None:
    assert passwords.WAIT_SECONDS == 2.0
    inside, done = threading.Barrier(AT_ONCE + 1), threading.Event()

    def occupy() -> None:
        with passwords._turn():
            inside.wait()
            done.wait()

    threads = [threading.Thread(target=occupy) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    inside.wait()
    try:
        answer = browser(services).post("/sign-in", data={"email": ADA, "password": PASSWORD})
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "Many people are signing in" in answer.text
    assert browser(services).post("/sign-in", data={"email": ADA, "password": PASSWORD}).status_code == 422


def test_S7_a_reset_never_passes_by_the_second_factor_and_ends_what_is_open(services: Services, post: Post) -> None:
    client = member(services, ADA, name="Ada", has_app=True)
    browser(services).post("/forgotten", data={"email": ADA})
    path = link_in(newest_letter(services, post))
    assert browser(services).post(path, data={"password": "violet harbour seven tickets"}).url.path == "/sign-in"
    assert client.get("/account").url.path == "/sign-in"
    fresh = sign_in(services, ADA, "violet harbour seven tickets")
    assert fresh.get("/account").url.path == "/sign-in"
    assert browser(services).post(path, data={"password": "violet harbour seven tickets"}).status_code == 404
