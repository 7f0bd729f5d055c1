"""What is noted of a request as a whole: that it was begun, copied from another, and given another part; and what a list of requests tells."""

from __future__ import annotations

from pathlib import Path

from gateway.access import drafts
from gateway.access.commands import Command, perform
from gateway.access.status import own_requests, own_status
from gateway.store import Store, requests
from tests.gateway.asking import NOW, applicant, sealer, seeded, written
from tests.gateway.sending import send


def of_whole(store: Store, reference: str) -> list[tuple[str, int, dict[str, object]]]:
    with store.reading() as session:
        request = requests.by_reference(session, reference)
        assert request is not None
        return [(event.event, event.version, dict(event.payload)) for event in requests.histories(session, request.id)[None]]


def test_a_part_that_comes_later_is_noted_and_the_first_ones_are_not(store: Store, tmp_path: Path) -> None:
    refs, person = seeded(store), applicant(store)
    reference = written(store, sealer(tmp_path), dataset_refs=refs["alpha"])
    assert of_whole(store, reference) == [("request.created", 1, {"reference": reference})]
    drafts.change_datasets(store, sealer(tmp_path), person, reference, [*refs["alpha"], *refs["beta"]], now=NOW)
    added = next(one.part for one in drafts.draft(store, person, reference).parts if one.custodian == "beta")
    assert of_whole(store, reference)[1:] == [("part.added", 2, {"part": added})]
    drafts.change_datasets(store, sealer(tmp_path), person, reference, [refs["alpha"][0], *refs["beta"]], now=NOW)
    assert len(of_whole(store, reference)) == 2, "a part that loses a dataset is none that comes"


def test_a_copy_says_of_what_and_a_list_of_requests_does_not_work_out_what_can_be_done(store: Store, tmp_path: Path) -> None:
    refs, person = seeded(store), applicant(store)
    sent = send(store, tmp_path, refs["alpha"])
    (listed,) = own_requests(store, person)
    (shown,) = own_status(store, sent.reference, person).parts
    assert listed.parts[0].possible == ()
    assert "withdraw" in shown.possible
    steps = (("acknowledge", "handler", {"delivery": "d"}), ("accept_for_review", "handler", {}), ("approve", "decider", {"access_until": "2027-12-31", "access_mode": "TRE"}))
    for name, role, payload in steps:
        perform(store, sealer(tmp_path), shown.part, Command(name=name, role=role, actor="h", payload=payload), now=NOW)  # type: ignore[arg-type]
    copy = drafts.begin_amendment(store, sealer(tmp_path), person, shown.part, "renewal", now=NOW)
    assert of_whole(store, copy) == [
        ("request.created", 1, {"reference": copy}), ("request.copied", 2, {"reference": sent.reference, "kind": "renewal"}),
    ]
