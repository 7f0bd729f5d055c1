"""Measuring several pieces of work against each other in one run, on a machine that does other things too.

Rounds are taken in turns, so that what else runs meets all of them alike, and the best round of each counts. Processor time
stands beside the time that passed: it suffers less from others, and counts every thread of this process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = 3
SAYS = "rounds in turns, the best of each; other work may have shared the machine, so ratios and processor time travel, rates do not"


@dataclass(frozen=True, slots=True)
class Spent:
    seconds: float
    processor_seconds: float


def best_of_each(works: Mapping[str, Callable[[int], object]], *, rounds: int = ROUNDS) -> dict[str, Spent]:
    """The fastest round of each piece of work, which is told the number of its round."""
    spent: dict[str, list[Spent]] = {name: [] for name in works}
    for number in range(rounds):
        for name, work in works.items():
            spent[name].append(_spent(work, number))
    return {
        name: Spent(min(one.seconds for one in of_one), min(one.processor_seconds for one in of_one)) for name, of_one in spent.items()
    }


def _spent(work: Callable[[int], object], number: int) -> Spent:
    started, worked = time.perf_counter(), time.process_time()
    work(number)
    return Spent(time.perf_counter() - started, time.process_time() - worked)
