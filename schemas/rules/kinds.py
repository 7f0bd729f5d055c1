"""Rules about what the data are and how they may be used: materials, types, limitations, access, controllers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from schemas.enumerations import DATASET_TYPES
from schemas.rules.rule import Flaw, Rule, Subject
from schemas.rules.words import names_secure_environment

MATERIAL: Final = "/coverage/materialType"
USAGE: Final = "/accessibility/usage"
ACCESS: Final = "/accessibility/access"
TYPES: Final = "/provenance/origin/datasetType"
IMAGING: Final = ("Imaging types", "Imaging area of the body")
NO_MATERIAL, UNCONFIRMED = "None/not available", "Availability to be confirmed"


def _contradicting_materials(subject: Subject) -> Iterator[Flaw]:
    materials = subject.record.coverage.material_type or []
    others = set(materials) - {NO_MATERIAL, UNCONFIRMED}
    if NO_MATERIAL in materials and len(set(materials)) > 1:
        yield Flaw(MATERIAL, "No samples are said to be available, yet samples are listed.", f"Remove {NO_MATERIAL!r} or the others.", materials)
    elif UNCONFIRMED in materials and others:
        yield Flaw(MATERIAL, "Samples are listed although their availability is to be confirmed.", f"Remove {UNCONFIRMED!r}.", materials, "warning")


def _no_restriction_but(subject: Subject) -> Iterator[Flaw]:
    usage = subject.record.accessibility.usage
    limitations, requirements = usage.data_use_limitation or [], usage.data_use_requirements or []
    if "No restriction" in limitations and (len(set(limitations)) > 1 or requirements):
        yield Flaw(f"{USAGE}/dataUseLimitation", "The data are said to be without restriction, yet restrictions are named.", "Remove 'No restriction'.", limitations)


def _contradicting_uses(subject: Subject) -> Iterator[Flaw]:
    usage, path = subject.record.accessibility.usage, f"{USAGE}/dataUseLimitation"
    limitations, requirements = usage.data_use_limitation or [], usage.data_use_requirements or []
    if "Commercial research use" in limitations and "Not for profit use" in requirements:
        yield Flaw(path, "Commercial use is allowed, yet use must not be for profit.", "Remove one of the two.", limitations)
    if {"General research use", "Genetic studies only"} <= set(limitations):
        yield Flaw(path, "General research is allowed, yet only genetic studies are.", "Remove one of the two.", limitations)


def _open_but(subject: Subject) -> Iterator[Flaw]:
    access = subject.record.accessibility.access
    if access.access_service_category != "Open access":
        return
    columns = (column for table in subject.record.structural_metadata.tables or () for column in table.columns or ())
    reason = (
        "conditions of use are named" if subject.record.accessibility.usage.data_use_requirements
        else "a column is marked sensitive" if any(column.sensitive for column in columns)
        else "a secure environment is named" if names_secure_environment(access.access_service) else None
    )  # fmt: skip
    if reason:
        yield Flaw(f"{ACCESS}/accessServiceCategory", f"Access is said to be open, yet {reason}.", "Choose the category that applicants will meet.", "Open access")


def _type_names(subject: Subject) -> Iterator[Flaw]:
    for number, kind in enumerate(subject.record.provenance.origin.dataset_type or ()):
        if kind.name not in DATASET_TYPES:
            said = f"{kind.name!r} is not one of the twelve types." if kind.name else "The type has no name."
            yield Flaw(f"{TYPES}/{number}/name", said, f"Choose one of: {', '.join(DATASET_TYPES)}.", kind.name)


def _foreign_sub_types(subject: Subject) -> Iterator[Flaw]:
    for number, kind in enumerate(subject.record.provenance.origin.dataset_type or ()):
        allowed = DATASET_TYPES.get(kind.name or "")
        for place, name in enumerate(kind.sub_types or ()):
            if allowed is not None and name not in allowed:
                owner = next((other for other, names in DATASET_TYPES.items() if name in names), None)
                hint = f"It belongs to {owner!r}." if owner else f"Choose one of: {', '.join(allowed)}."
                yield Flaw(f"{TYPES}/{number}/subTypes/{place}", f"{name!r} is no sub-type of {kind.name!r}.", hint, name)


def _types_stated(subject: Subject) -> Iterator[Flaw]:
    kinds = subject.record.provenance.origin.dataset_type
    if not kinds:
        yield Flaw(TYPES, "The record does not say what kinds of data it describes.", "Choose at least one of the twelve types.")
    counts = Counter(kind.name for kind in kinds or () if kind.name)
    for number, kind in enumerate(kinds or ()):
        if kind.name and counts[kind.name] > 1 and number > [one.name for one in kinds or ()].index(kind.name):
            yield Flaw(f"{TYPES}/{number}/name", f"The type {kind.name!r} is given twice.", "Put all its sub-types into one entry.", kind.name)


def _types_without_detail(subject: Subject) -> Iterator[Flaw]:
    for number, kind in enumerate(subject.record.provenance.origin.dataset_type or ()):
        if not kind.sub_types and len(DATASET_TYPES.get(kind.name or "", ())) > 1:
            yield Flaw(f"{TYPES}/{number}/subTypes", f"{kind.name} has no finer kinds.", f"Choose from: {', '.join(DATASET_TYPES[kind.name or ''])}.")


def _contrast(subject: Subject) -> Iterator[Flaw]:
    origin = subject.record.provenance.origin
    has_images = any(kind.name in IMAGING for kind in origin.dataset_type or ())
    path = "/provenance/origin/imageContrast"
    if origin.image_contrast and not has_images:
        yield Flaw(path, "Contrast is stated although no images are.", "Add an imaging type, or leave the contrast out.", origin.image_contrast)
    if has_images and origin.image_contrast is None:
        yield Flaw(path, "The record does not say whether a contrast agent was used in the images.", "Say Yes, No or Not stated.")


def _omics(subject: Subject) -> Iterator[Flaw]:
    omics = subject.record.omics
    is_omic = any(kind.name == "Omics" for kind in subject.record.provenance.origin.dataset_type or ())
    if (omics.assay or omics.platform) and not is_omic:
        yield Flaw("/omics", "Assay or platform is given although Omics is not among the types.", "Add the type Omics.", omics.assay or omics.platform)
    if is_omic and not omics.assay:
        yield Flaw("/omics/assay", "The type is Omics, but no assay is given.", "Choose the assay.", severity="advice")


def _pipeline(subject: Subject) -> Iterator[Flaw]:
    state, access = subject.record.documentation.in_pipeline, subject.record.accessibility.access
    path = "/documentation/inPipeline"
    if state == "Available" and any(text.strip().lower() == "in progress" for text in access.access_rights or ()):
        yield Flaw(path, "The data are said to be available, yet access rights are in progress.", "Describe the way to access, or say Not available.", state)
    if state == "Not available" and access.delivery_lead_time:
        yield Flaw(path, "The data are not available yet, but a lead time is given.", "Leave the lead time out until applications are open.", state, "advice")


def _controllers(subject: Subject) -> Iterator[Flaw]:
    access, path = subject.record.accessibility.access, f"{ACCESS}/dataController"
    if not (access.data_controller or "").strip():
        yield Flaw(path, "No data controller is named.", "Name the organisation that decides on purposes and means (UK GDPR).")
    elif access.data_controller == access.data_processor:
        yield Flaw(f"{ACCESS}/dataProcessor", "Controller and processor are the same.", "Name a processor only if it is another organisation.", access.data_processor)


def _environment_against_category(subject: Subject) -> Iterator[Flaw]:
    access = subject.record.accessibility.access
    if access.access_service_category in ("Direct access", "Open access") and names_secure_environment(access.access_service):
        yield Flaw(
            f"{ACCESS}/accessServiceCategory", f"A secure environment is named, yet the category says {access.access_service_category}.",
            "Choose TRE/SDE, or 'Varies based on project'.", access.access_service_category,
        )


RULES: Final = (
    Rule("XFD-22", "error", _contradicting_materials), Rule("XFD-23", "warning", _no_restriction_but),
    Rule("XFD-24", "warning", _contradicting_uses), Rule("XFD-25", "warning", _open_but), Rule("XFD-26", "error", _type_names),
    Rule("XFD-27", "error", _foreign_sub_types), Rule("XFD-28", "warning", _types_stated),
    Rule("XFD-29", "advice", _types_without_detail), Rule("XFD-30", "advice", _contrast), Rule("XFD-31", "warning", _omics),
    Rule("XFD-32", "warning", _pipeline), Rule("XFD-33", "advice", _controllers),
    Rule("ACC-06", "warning", _environment_against_category),
)  # fmt: skip
