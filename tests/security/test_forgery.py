"""S5: no other site can make somebody's browser act. (That reading changes nothing is in tests/audit/test_reads_are_pure.py.)"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.audit.walking import database_digest
from tests.security.walking import UNSAFE, Route, routes
from tests.security.world import World, form_token

FOREIGN: Mapping[str, Mapping[str, str]] = {
    "another origin": {"Origin": "https://evil.example"},
    "an opaque origin": {"Origin": "null"},
    "a sister host": {"Origin": "http://127.0.0.1:9999"},
    "a cross-site fetch": {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "cross-site"},
    "a same-site fetch": {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-site"},
    "no origin": {"Origin": ""},
}


FROM_ANYWHERE = ("/api/", "/oai", "/unsubscribe/")
"""No cookie counts there: programs send a key, and mail programs post the one-click address of RFC 8058."""


def of_pages(world: World) -> list[Route]:
    return [route for route in routes(world.app) if route.method in UNSAFE and not route.path.startswith(FROM_ANYWHERE)]


def test_S5_another_site_can_post_nothing(two_tenants: World) -> None:
    before, done = database_digest(two_tenants.services.store, touched={}), []
    unsafe = of_pages(two_tenants)
    for route in unsafe:
        client = two_tenants.alpha.team["decider"] if route.path.startswith("/w/") else two_tenants.alpha.applicant
        for case, headers in FOREIGN.items():
            answer = client.request(route.method, two_tenants.alpha.path(route), headers=headers, data={"command": "approve"})
            if answer.status_code != 403:
                done.append(f"{route} from {case}: {answer.status_code}")
    assert len(unsafe) > 25
    assert done == []
    assert database_digest(two_tenants.services.store, touched={}) == before


@pytest.mark.parametrize("token", ["", "forged", "another person's"])
def test_S5_forms_of_the_signed_in_carry_a_token_of_their_session(two_tenants: World, token: str) -> None:
    carried = form_token(two_tenants.beta.team["handler"]) if token == "another person's" else token
    before, done = database_digest(two_tenants.services.store), []
    for route in of_pages(two_tenants):
        if route.is_public or "link" in route.lets_in:
            continue  # posts of people who are not signed in: the origin counts, and the token of the flow they are in
        client = two_tenants.alpha.team["decider"] if route.path.startswith("/w/") else two_tenants.alpha.applicant
        answer = client.request(route.method, two_tenants.alpha.path(route), data={"csrf": carried, "version": "1", "command": "withdraw"})
        if answer.status_code not in (400, 403, 404, 429):  # the last: who asks often is refused before anything is read
            done.append(f"{route}: {answer.status_code}")
    assert done == []
    assert database_digest(two_tenants.services.store) == before
