"""Rows of agreements and of their templates."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gateway.models import Agreement, AgreementTemplate, RequestPart


def add(session: Session, row: Agreement) -> None:
    session.add(row)
    session.flush()


def of_part(session: Session, part_id: int) -> list[Agreement]:
    """In the order in which they were issued."""
    return list(session.scalars(select(Agreement).where(Agreement.part_id == part_id).order_by(Agreement.id)))


def in_part(session: Session, part_id: int, public_id: str) -> Agreement | None:
    return session.scalar(select(Agreement).where(Agreement.part_id == part_id, Agreement.public_id == public_id))


def storage_names(session: Session) -> set[str]:
    return set(session.scalars(select(Agreement.storage_name)))


def forget_of_request(session: Session, request_id: int) -> None:
    """The bytes go with the next sweep; without the row nobody can read them."""
    parts = select(RequestPart.id).where(RequestPart.request_id == request_id)
    session.execute(delete(Agreement).where(Agreement.part_id.in_(parts)))


def templates_of(session: Session, custodian_id: int) -> Sequence[AgreementTemplate]:
    """The newest first."""
    query = select(AgreementTemplate).where(AgreementTemplate.custodian_id == custodian_id)
    return list(session.scalars(query.order_by(AgreementTemplate.version.desc())))


def template(session: Session, custodian_id: int, version: int) -> AgreementTemplate | None:
    return session.scalar(select(AgreementTemplate).where(AgreementTemplate.custodian_id == custodian_id, AgreementTemplate.version == version))


def next_version(session: Session, custodian_id: int) -> int:
    return (session.scalar(select(func.max(AgreementTemplate.version)).where(AgreementTemplate.custodian_id == custodian_id)) or 0) + 1


def add_template(session: Session, row: AgreementTemplate) -> None:
    session.add(row)
    session.flush()
