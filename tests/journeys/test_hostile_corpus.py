"""A2: every broken or odd file of the corpus, served as a web server serves a folder: each ends in a named outcome, the run goes on."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from gateway.models import Outcome, Raw, Record
from gateway.sources.registering import NewSource, Policy, add_source
from harvesters.folder import SUFFIXES
from harvesters.reasons import REASONS
from tests.corpus import corpus
from tests.harvesters.holding import dataset
from tests.harvesters.test_linked_corpus import MEDIA_TYPES
from tests.harvesters.web_server import Answer, Asked, serving
from tests.journeys.gateways import harvest, make_services

GOOD = {"/aaa.json": json.dumps(dataset("first")), "/zzz.json": json.dumps(dataset("last"))}


def folder(root: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """The files by their address, and a listing for each folder."""
    files = {f"/{path.relative_to(root).as_posix()}": path for path in sorted(root.rglob("*")) if path.is_file()}
    names: dict[str, list[str]] = {"/": ["aaa.json", "zzz.json"]}
    for address in files:
        above, _, name = address.rpartition("/")
        names.setdefault(f"{above}/", []).append(name)
        if above:
            names["/"] += [] if f"{above[1:]}/" in names["/"] else [f"{above[1:]}/"]
    listings = {at: f"<html><h1>Index of {at}</h1>{''.join(f'<a href={name!r}>{name}</a>' for name in found)}</html>" for at, found in names.items()}
    return files, listings


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a2_every_hostile_file_ends_in_a_named_outcome_and_the_run_goes_on(tmp_path: Path, database_url: str | None) -> None:
    files, listings = folder(corpus("hostile"))

    def answer(asked: Asked) -> Answer:
        if asked.path in listings:
            return Answer(listings[asked.path].encode(), headers={"Content-Type": "text/html"})
        if asked.path in GOOD:
            return Answer(GOOD[asked.path].encode(), headers={"Content-Type": "application/json"})
        path = files.get(asked.path)
        return Answer(path.read_bytes(), headers={"Content-Type": MEDIA_TYPES.get(path.suffix, "application/xml")}) if path else Answer(status=404)

    services = make_services(tmp_path / "data", database_url)
    try:
        with serving(answer) as server:
            policy = Policy(allow_http=True, allowed_networks=["127.0.0.0/8"], allowed_ports=[urlsplit(server.url).port or 80], attempts=1, min_interval_seconds=0)
            wanted = NewSource(name="Hostile", kind="web-files", configuration={"url": f"{server.url}/"}, schedule="manual", policy=policy)
            slug = add_source(services.store, services.sealer, wanted, now=services.clock()).slug
            run = harvest(services, slug)
        with services.store.reading() as session:
            outcomes = list(session.execute(select(Outcome, Raw.url).outerjoin(Raw, Raw.id == Outcome.raw_id).where(Outcome.run_id == run.id)))
            shown = set(session.scalars(select(Record.local_id).where(Record.state == "live")))
    finally:
        services.close()
    assert run.state == "partial"
    assert {"first", "last"} <= shown
    told = [(outcome.outcome, outcome.reason, f"{outcome.detail} {url} {outcome.local_id}") for outcome, url in outcomes]
    assert not [one for one in told if one[0] in ("rejected", "quarantined") and one[1] not in REASONS]
    refused = {reason for kind, reason, _ in told if kind in ("rejected", "quarantined")}
    assert refused >= {"bad-json", "bad-xml", "bad-rdf", "missing-id", "no-dataset", "blocking-findings"}
    assert "parser-killed" not in refused
    of_interest = [address for address in files if Path(address).suffix in SUFFIXES]
    assert [address for address in of_interest if not any(Path(address).name in place for *_, place in told)] == []
    assert len(of_interest) == 68
    assert run.counters["created"] > 300
