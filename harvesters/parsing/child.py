"""The parsing process: reads requests from its standard input, answers on its standard output, until the input ends.

A request is an object (function, options, processor seconds, length of the body or a path), followed by the body. The
answer is any number of ``{"values": [...]}``, then ``{"end": true}``, ``{"refused": [reason, message]}``, or, before the process ends, ``{"failed": what}``.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from harvesters.parsing.confinement import allow_processor_seconds, confine
from harvesters.parsing.document import Document, ParseFunction, Unparsable, Value
from harvesters.parsing.frames import LENGTH_BYTES, packed, unpacked

BATCH_BYTES: Final = 64 * 1024
BATCH_VALUES: Final = 200


def main(spool: Path) -> None:
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115  for the life of the process: a print must not end up among the answers
    confine(spool)
    _send(answers, {"ready": True})
    while (head := requests.read(LENGTH_BYTES)) and len(head) == LENGTH_BYTES:
        _answer(unpacked(requests.read(int.from_bytes(head, "big"))), requests, answers, spool)


def _answer(request: dict[str, Any], requests: BinaryIO, answers: BinaryIO, spool: Path) -> None:
    body = requests.read(request["length"]) if request["path"] is None else None
    path = Path(request["path"]) if request["path"] is not None else None
    document = Document(body, path, spool)
    allow_processor_seconds(request["processor_seconds"])
    try:
        for batch in _batches(_function(request["function"])(document, **request["options"])):
            _send(answers, {"values": batch})
    except Unparsable as refused:
        _send(answers, {"refused": [refused.reason, refused.message]})
    except RecursionError:
        _send(answers, {"refused": ["too-deep", "The document is nested too deeply."]})
    except MemoryError:
        raise
    except Exception as failure:
        _send(answers, {"failed": _described(failure)})
        raise
    else:
        _send(answers, {"end": True})


def _described(failure: Exception) -> str:
    """For the operator's log: what failed, and in which line of our code; nothing of the document."""
    frames = traceback.extract_tb(failure.__traceback__)
    return f"{type(failure).__name__} in {Path(frames[-1].filename).name}, line {frames[-1].lineno}"


def _function(name: str) -> ParseFunction:
    module, _, function = name.partition(":")
    found: ParseFunction = getattr(importlib.import_module(module), function)
    return found


def _batches(values: Iterator[Value]) -> Iterator[list[Value]]:
    """Small values travel together; a large one at once, and those before a failure ahead of it."""
    batch: list[Value] = []
    weight = 0
    try:
        for value in values:
            batch.append(value)
            weight += _weight(value)
            if weight >= BATCH_BYTES or len(batch) >= BATCH_VALUES:
                yield batch
                batch, weight = [], 0
    except Exception:
        yield batch
        raise
    if batch:
        yield batch


def _weight(value: Value) -> int:
    """About how many bytes a value is; only the upper levels are looked at."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(inner) if isinstance(inner, str) else 200 for inner in value.values())
    return 200 * len(value) if isinstance(value, list) else 16


def _send(answers: BinaryIO, value: Any) -> None:
    answers.write(packed(value))
    answers.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
