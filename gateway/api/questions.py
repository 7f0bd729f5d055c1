"""``/questions``: the question bank, and what each custodian asks of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import Field

from gateway.access.bank.questions import Question
from gateway.access.bank.whole import TOPICS, VERSION
from gateway.access.part_forms import newest_form
from gateway.api.asking import Serving
from gateway.api.problems import problem_responses
from gateway.api.shapes.base import Shape
from gateway.web.answers import json_answer

router = APIRouter(tags=["Requests"])


class QuestionShape(Shape):
    key: str = Field(description="Stable for ever.", examples=["project.title"])
    version: int = Field(description="Of its wording.")
    topic: str
    type: str = Field(examples=["text"])
    need: str = Field(description="R: asked of everybody; c: asked where another answer calls for it; o: as each custodian chooses.")
    label: str
    help: str
    words: int | None = Field(description="At most.")
    choices: dict[str, str] = Field(description="Value to words.")
    columns: list[str] = Field(description="Names of the texts in each row, for answers that are rows.")
    when: list[dict[str, Any]] = Field(description="It is asked where one of these holds: `key`, and the `values` of which one is the answer (none: any answer).")
    register_field: str | None = Field(description="The field of the data use register that it feeds.")


class BankShape(Shape):
    version: str
    questions: list[QuestionShape]


class FormShape(Shape):
    custodian: str
    version: int = Field(description="0 while the custodian has chosen nothing: it asks the core alone.")
    variant: str = Field(description="questions, or documents where the custodian wants a document of its own.")
    template: str | None = Field(description="Where its own document to fill in is, if it wants one.", examples=["/custodians/hfea/forms/3/template"])
    optional: dict[str, dict[str, str]] = Field(description="Questions of the bank that it offers or requires, by key, with its reason.")
    guidance: dict[str, str] = Field(description="What stands beside questions of the bank under its name.")
    annex: list[QuestionShape] = Field(description="Its own questions.")


@router.get("/questions", summary="The question bank", response_model=None, responses={200: {"model": BankShape}})
def bank(request: Request) -> Response:
    """All questions in the order of the form."""
    questions = [_question(question, topic.title) for topic in TOPICS for question in topic.questions]
    return json_answer(request, {"version": VERSION, "questions": questions})


@router.get("/custodians/{slug}/form", summary="What a custodian asks", response_model=None, responses={200: {"model": FormShape}, **problem_responses(404)})
def form(request: Request, services: Serving, slug: Annotated[str, Path(description="Its short name.", examples=["hfea"])]) -> Response:
    """Beyond the core of the bank, in requests that are begun now."""
    found = newest_form(services.store, slug)
    document = found.document.model_dump(mode="json")
    value = {
        "custodian": slug, "version": found.version, "variant": document["variant"],
        "template": f"/custodians/{slug}/forms/{found.version}/template" if found.document.template else None, "optional": document["optional"], "guidance": document["guidance"],
        "annex": [_question(question, found.name) for question in found.annex.values()],
    }
    return json_answer(request, value)


def _question(question: Question, topic: str) -> dict[str, Any]:
    return {
        "key": question.key, "version": question.version, "topic": topic, "type": question.type, "need": question.need, "label": question.label,
        "help": question.help, "words": question.words, "choices": dict(question.choices), "columns": [column.name for column in question.columns],
        "when": [{"key": one.key, "values": sorted(one.values)} for one in question.when], "register_field": question.register_field,
    }
