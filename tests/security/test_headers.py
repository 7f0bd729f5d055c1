"""S6: the browser's own defences are on every answer, whatever it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.app import create_app
from tests.journeys.gateways import make_services
from tests.security.walking import routes
from tests.security.world import World

ROOT = Path(__file__).parents[2]
PAGE_POLICY = (
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'",
    "frame-ancestors 'none'", "object-src 'none'",
)
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
NO_FEATURES = ("camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()")


def answers(world: World) -> Iterator[tuple[str, TestClient, object]]:
    for route in routes(world.app):
        if route.method == "GET":
            for who, client in world.readers(route).items():
                yield f"{who}: {route}", client, client.get(world.alpha.path(route), follow_redirects=False)


def test_S6_every_answer_carries_the_headers(two_tenants: World) -> None:
    wrong, statuses = [], set()
    for what, _, answer in answers(two_tenants):
        headers, statuses = answer.headers, statuses | {answer.status_code}  # type: ignore[attr-defined]
        for name, value in EVERYWHERE.items():
            if headers.get(name) != value:
                wrong.append(f"{what}: {name} is {headers.get(name)}")
        policy = headers.get("content-security-policy", "")
        needed = PAGE_POLICY if "text/html" in headers.get("content-type", "") else ("default-src 'none'",)
        wrong += [f"{what}: {part} is missing from the policy" for part in needed if part not in policy]
        if "unsafe" in policy or "*" in policy.replace("*.", ""):
            wrong.append(f"{what}: {policy}")
        wrong += [f"{what}: {one} is missing" for one in NO_FEATURES if one not in headers.get("permissions-policy", "")]
        if "cache-control" not in headers:
            wrong.append(f"{what}: nothing is said of caching")
        if "server" in headers or "x-powered-by" in headers:
            wrong.append(f"{what}: says what it runs on")
    assert wrong == []
    assert {200, 303, 404, 401} <= statuses


def test_S6_what_is_personal_is_kept_by_no_cache(two_tenants: World) -> None:
    wrong = []
    for route in routes(two_tenants.app):
        if route.method != "GET" or route.is_public or route.is_of_program:
            continue
        client = two_tenants.alpha.team["handler"] if route.path.startswith("/w/") else two_tenants.alpha.applicant
        answer = client.get(two_tenants.alpha.path(route), follow_redirects=False)
        if answer.status_code == 200 and "no-store" not in answer.headers.get("cache-control", ""):
            wrong.append(f"{route}: {answer.headers.get('cache-control')}")
    assert wrong == []


def test_S6_other_statuses_and_files_carry_them_too(two_tenants: World) -> None:
    client = two_tenants.outside
    page = client.get("/help", headers={"Accept-Encoding": "identity"})
    cases = {
        304: client.get("/help", headers={"If-None-Match": page.headers["etag"]}), 405: client.put("/help"),
        413: client.post("/check", content=b"x", headers={"Content-Length": str(2**30)}), 403: client.post("/basket/add", headers={"Origin": "https://evil.example"}),
        400: client.get("/help?key=gwk_00000000_" + "x" * 49), 404: client.get("/static/none.css"), 422: client.post("/api/v1/translate", json={}),
    }
    for status, answer in cases.items():
        assert answer.status_code == status
        for name, value in EVERYWHERE.items():
            assert answer.headers.get(name) == value, f"{status}: {name}"


def test_S6_a_fault_of_our_own_carries_them_too(tmp_path: Path) -> None:
    """A page and an answer to a program, where something goes wrong that nobody thought of."""
    services = make_services(tmp_path, worker=False)

    def fail() -> None:
        raise RuntimeError("zz-secret-of-the-inside")

    try:
        app = create_app(services=services)
        for path in ("/help/broken", "/api/v1/broken"):
            app.router.add_api_route(path, fail)
            app.router.routes.insert(0, app.router.routes.pop())
        client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
        for path, kind in (("/help/broken", "text/html"), ("/api/v1/broken", "application/problem+json")):
            answer = client.get(path, headers={"Accept": kind})
            assert answer.status_code == 500
            assert answer.headers["content-type"].startswith(kind)
            assert "zz-secret" not in answer.text
            assert "Traceback" not in answer.text
            policy = answer.headers.get("content-security-policy", "")
            assert [one for one in (PAGE_POLICY if kind == "text/html" else PAGE_POLICY[:1]) if one not in policy] == []
            assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
            assert [one for one in NO_FEATURES if one not in answer.headers.get("permissions-policy", "")] == []
            assert "no-store" in answer.headers.get("cache-control", "")
            assert "server" not in answer.headers
    finally:
        services.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "https://gateway.example"])
def test_S6_transport_security_and_cookies_go_with_https_alone(tmp_path: Path, url: str) -> None:
    services = make_services(tmp_path, worker=False, public_url=url)
    try:
        host = url.replace(":8000", "")
        client = TestClient(create_app(services=services), base_url=host, headers={"Origin": host})
        added = client.post("/basket/add", data={"ref": "none"}, follow_redirects=False)
        is_https = url.startswith("https:")
        assert ("strict-transport-security" in added.headers) is is_https
        started = client.post("/register", data={"email": "somebody@university.example"}, follow_redirects=False)
        for answer in (added, started):
            for cookie in answer.headers.get_list("set-cookie"):
                assert "httponly" in cookie.lower()
                assert "samesite=lax" in cookie.lower()
                assert ("secure" in cookie.lower()) is is_https, cookie
                assert (cookie.startswith("__Host-")) is is_https, cookie
    finally:
        services.close()


def test_S6_no_template_holds_a_script_a_style_or_a_handler() -> None:
    found = []
    for template in sorted((ROOT / "frontend" / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.DOTALL)
        scripts = re.findall(r"<script\b[^>]*>", text)
        found += [f"{template.name}: {tag}" for tag in scripts if "src=" not in tag and "application/ld+json" not in tag]
        found += [f"{template.name}: {one}" for one in re.findall(r"<style\b|\sstyle=\"|\son[a-z]+=\"|javascript:", text)]
        found += [f"{template.name}: {one}" for one in re.findall(r"\|\s*safe\b", text)]
    assert found == []


def test_S6_public_data_may_be_read_by_any_site_and_nothing_else(two_tenants: World) -> None:
    outside, applicant = two_tenants.outside, two_tenants.alpha.applicant
    assert outside.get("/api/v1/search").headers["access-control-allow-origin"] == "*"
    assert outside.get("/search.csv").headers["cross-origin-resource-policy"] == "cross-origin"
    for answer in (outside.get("/search"), applicant.get("/account/export.json"), applicant.get("/api/v1/search"), outside.post("/api/v1/translate", json={})):
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_S6_a_report_of_the_policy_is_taken_and_rubbish_is_not(two_tenants: World) -> None:
    report = {"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "https://evil.example/x.js\r\nlog: forged"}}
    assert two_tenants.outside.post("/csp-report", json=report).status_code == 204
    for body in (b"", b"[]", b"{", b'{"csp-report": 3}', b"[" * 5000, b"x" * 9000):
        assert two_tenants.outside.post("/csp-report", content=body).status_code == 400
