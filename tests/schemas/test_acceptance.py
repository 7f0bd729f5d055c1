"""The contract of the specification page: each numbered rule of translation and each item of acceptance has its test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from schemas.rules import RULES as VALIDATION_RULES

HERE = Path(__file__).parents[1]
RULES = tuple(f"T{number}" for number in range(1, 36))  # section 4.3
ACCEPTANCE = {
    "A1 equivalence": (
        "test_real_documents_get_the_same_verdict_at_the_same_fields", "test_every_published_version_has_a_model",
        "test_the_tables_of_values_are_total_over_the_older_lists",
    ),
    "A2 mutations": ("test_documents_with_one_flaw_get_the_same_verdict_at_the_same_fields", "test_documents_with_random_flaws_get_the_same_verdict_at_the_same_fields"),
    "A3 generated schemas": ("test_schemas_are_the_same_word_by_word_but_for_names_and_annotations", "test_patterns_take_the_same_texts"),
    "A4 leaf findings": ("test_a_single_flaw_is_found_where_it_is_and_nowhere_else", "test_every_real_document_gets_findings_and_the_words_name_no_internal_type"),
    "A5 rules": (
        "test_every_rule_has_a_case_and_an_id_of_its_own", "test_a_flaw_fires_its_rule_and_a_near_miss_does_not", "test_rules_over_two_fields",
        "test_rules_that_need_facts", "test_each_oddity_of_the_hostile_records_is_found", "test_the_official_example_has_no_error_but_the_known_flaws",
    ),
    "A6 round trips": (
        "test_t31_real_documents_come_back_as_the_same_json_value_from_their_own_version",
        "test_t31_a_document_comes_back_as_the_same_json_value_from_its_own_version",
        "test_a_record_through_any_version_loses_exactly_what_the_report_says",
    ),
    "A7 no invention": ("test_t11_every_scalar_of_a_translation_was_in_the_source_or_is_in_a_table", "test_the_tables_of_values_are_total_over_the_older_lists"),
    "A8 detection": (
        "test_documents_of_every_version_are_recognised_with_and_without_their_declaration", "test_real_documents_are_recognised",
        "test_a_version_that_fits_just_as_well_is_named",
    ),
    "A9 scores": (
        "test_every_published_score_is_reproduced_without_tolerance", "test_every_attribute_of_the_published_breakdown_is_reproduced",
        "test_filling_a_missing_field_never_lowers_the_score_nor_any_part", "test_the_promised_gain_is_what_the_score_rises_by",
        "test_equal_input_gives_an_equal_score_and_the_record_is_left_alone",
    ),
    "A10 linked data": (
        "test_every_record_conforms_but_for_what_is_listed_as_unfilled", "test_any_record_comes_back_but_for_the_losses_reported",
        "test_every_document_of_the_corpus_is_read_or_refused_with_a_reason",
    ),
    "A11 robustness": (
        "test_h8_no_pattern_backtracks", "test_great_documents_are_judged_in_linear_time", "test_flawed_real_documents_are_answered",
        "test_any_json_value_is_answered", "test_any_bytes_are_answered", "test_hostile_documents_get_findings_or_a_clear_refusal_everywhere",
    ),
}  # fmt: skip


@cache
def names() -> frozenset[str]:
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in HERE.rglob("test_*.py"))
    return frozenset(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_of_translation_has_a_test_of_its_name(rule: str) -> None:
    assert [name for name in names() if re.match(rf"test_{rule.lower()}_", name)]


def test_no_test_bears_the_name_of_a_rule_that_does_not_exist() -> None:
    numbered = {found[1].upper() for path in HERE.glob("schemas/test_*.py") for found in re.finditer(r"def test_(t[0-9]+)_", path.read_text(encoding="utf-8"))}
    assert numbered == set(RULES)


def test_every_rule_of_validation_is_in_the_guide_for_custodians() -> None:
    guide = (HERE.parent / "docs" / "custodians.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([A-Z]{3,5}-[0-9]{2})`", guide))
    for family, first, last in re.findall(r"`([A-Z]{3})-([0-9]{2})` to `[A-Z]{3}-([0-9]{2})`", guide):
        told |= {f"{family}-{number:02}" for number in range(int(first), int(last) + 1)}
    assert {rule.id for rule in VALIDATION_RULES} - told == set()
    assert told - {rule.id for rule in VALIDATION_RULES} <= {"DOC-01", "DOC-02", "DOC-03", "DOC-04", "DOC-05", "BLOCK-01", "BLOCK-02", "TRN-01"}


@pytest.mark.parametrize("item", ACCEPTANCE)
def test_every_item_of_acceptance_has_its_tests(item: str) -> None:
    assert [name for name in ACCEPTANCE[item] if name not in names()] == []
