"""The real documents of the corpus, each with its name and the shape it is known to have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.corpus import corpus


@dataclass(frozen=True)
class Real:
    """``shape`` is how the document is known to be written: flat, sectioned, modern or gateway model."""

    name: str
    shape: str
    content: dict[str, Any]


@cache
def flat_documents() -> tuple[Real, ...]:
    """Records of 1.1.7."""
    return tuple(_lines("hdruk/v1/2020-08-04", "flat"))


@cache
def sectioned_documents() -> tuple[Real, ...]:
    """Records of 2.0.0 to 2.2.1: two extracts of the Gateway, and what federation endpoints serve."""
    served = ("backup.json", "gateway-client/dataset.json", *(f"mdw/242c84be-a866-ac0c-0000-{n}.json" for n in
              ("000000001bbd", "000000001bbe", "000000004c85")))  # fmt: skip
    return (
        *_files("hdruk/v2/2021-04-07", "*/*.json", "sectioned"), *_lines("hdruk/v2/2020-11-20", "sectioned"),
        *(_one(f"hdruk/federation/{name}", "sectioned") for name in served), _one("hdruk/traser-examples/hdrukv211.json", "sectioned"),
    )  # fmt: skip


@cache
def modern_documents() -> tuple[Real, ...]:
    """Records of 3.0.0 and 4.0.0."""
    names = ("traser-examples/hdruk300.json", "traser-examples/hdruk400.json", "gateway-api-fixtures/hdruk_3p0p0_dataset_min.json")
    return tuple(Real(one.name, one.shape, _unwrapped(one.content)) for one in (_one(f"hdruk/{name}", "modern") for name in names))


@cache
def gateway_model_documents() -> tuple[Real, ...]:
    """Records of the Gateway's own model."""
    wrapped = _files("hdruk/gateway-api-fixtures/cruk-dummy", "*.json", "gateway model")
    plain = _files("hdruk/gateway-api-fixtures", "gwdm*.json", "gateway model")
    single = (_one(f"hdruk/{name}", "gateway model") for name in
              ("federation/dataset.json", "traser-examples/gdmv1.json", "traser-examples/gwdm20.json"))  # fmt: skip
    return tuple(Real(one.name, one.shape, _unwrapped(one.content)) for one in (*wrapped, *plain, *single))


@cache
def official_examples() -> tuple[Real, ...]:
    """The examples that the specification publishes beside its schemas."""
    found = []
    for path in sorted(corpus("specification").rglob("*.json")):
        if path.name in ("example.json", "template.json") and path.parent.parent.name in ("hdruk", "gwdm", "cruk"):
            shape = "gateway model" if path.parent.parent.name == "gwdm" else "sectioned" if path.parent.name[0] == "2" else "modern"
            found.append(Real(str(path.relative_to(corpus("specification"))), shape, _unwrapped(json.loads(path.read_bytes()))))
    return tuple(found)


@cache
def hostile_documents() -> tuple[Real, ...]:
    folder = corpus("hostile", "hdruk")
    return tuple(_one(f"hostile/hdruk/{path.name}", "hostile") for path in sorted(folder.glob("2*.json")))


def every_document() -> tuple[Real, ...]:
    return (
        *flat_documents(), *sectioned_documents(), *modern_documents(), *gateway_model_documents(), *official_examples(),
        *hostile_documents(),
    )  # fmt: skip


def _unwrapped(content: dict[str, Any]) -> dict[str, Any]:
    """Some fixtures hold the record one or two levels down."""
    for name in ("metadata", "dataset"):
        while isinstance(content.get(name), dict):
            content = content[name]
    return content


def _one(name: str, shape: str) -> Real:
    return Real(name, shape, json.loads(corpus(*name.split("/")).read_bytes()))


def _files(folder: str, pattern: str, shape: str) -> Iterator[Real]:
    root = corpus(*folder.split("/"))
    for path in sorted(root.glob(pattern)):
        yield Real(f"{folder}/{path.relative_to(root)}", shape, json.loads(path.read_bytes()))


def _lines(folder: str, shape: str) -> Iterator[Real]:
    for path in sorted(Path(corpus(*folder.split("/"))).glob("*.jsonl")):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if line.strip():
                yield Real(f"{folder}/{path.name}:{number}", shape, json.loads(line))
