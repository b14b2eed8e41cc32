"""The figures of `ecrin evaluate`, against cases computed by hand."""

from __future__ import annotations

import pytest

from ecrin.evaluation.metrics import Bin, calibration_of, confusions_of, score, worst_mistakes
from tests.evaluation.builders import judged

CASES = [
    judged("a", "a", style="clean"),
    judged("a", "a", style="clean", decision="clarify"),
    judged("a", "b", style="sms"),
    judged("b", "b", style="sms", decision="reject"),
    judged("out_of_scope", "b", style="far", decision="reject"),
    judged("out_of_scope", "a", style="far"),
]


def test_in_scope_accuracy_wants_the_right_intent_and_no_rejection() -> None:
    assert score(CASES).accuracy == pytest.approx(2 / 4)


def test_a_rejection_of_what_the_faq_answers_is_a_false_one() -> None:
    assert score(CASES).false_reject == pytest.approx(1 / 4)


def test_out_of_scope_is_caught_by_rejection_only() -> None:
    assert score(CASES).oos_recall == pytest.approx(1 / 2)


def test_asking_back_counts_for_all_messages() -> None:
    assert score(CASES).clarified == pytest.approx(1 / 6)


def test_macro_f1_weighs_labels_alike() -> None:
    # a: 2 right of 3, 3 predicted: 2/3; b: none right: 0; out_of_scope: 1 right of 2, 2 predicted: 1/2.
    assert score(CASES).macro_f1 == pytest.approx((2 / 3 + 0 + 1 / 2) / 3)


def test_a_label_only_predicted_has_precision_but_no_part_in_macro_f1() -> None:
    scores = score([judged("a", "a"), judged("a", "z")])
    assert [one.label for one in scores.labels] == ["a", "z"]
    assert scores.macro_f1 == pytest.approx(2 / 3)


def test_precision_and_recall_of_a_label() -> None:
    (a, b, _) = score(CASES).labels
    assert (a.precision, a.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert (b.precision, b.recall) == (0.0, 0.0)


def test_styles_count_messages_in_and_out_of_scope() -> None:
    clean, far, sms = score(CASES).styles
    assert (clean.accuracy, far.accuracy, sms.accuracy) == (1.0, 0.5, 0.0)


def test_no_message_gives_zeros() -> None:
    scores = score([])
    assert (scores.accuracy, scores.macro_f1, scores.oos_recall, scores.false_reject) == (0, 0, 0, 0)


@pytest.mark.parametrize(("confidence", "low"), [(0.0, 0.0), (0.099, 0.0), (0.1, 0.1), (0.95, 0.9), (1.0, 0.9)])
def test_confidence_falls_into_its_bin(confidence: float, low: float) -> None:
    (only,) = calibration_of([judged("a", "a", confidence=confidence, out=-1.0)])
    assert only.low == pytest.approx(low)


def test_calibration_judges_the_first_of_the_ranking_before_any_decision() -> None:
    (only,) = calibration_of([judged("out_of_scope", "a", confidence=0.2, out=0.7, decision="clarify")])
    assert only == Bin(low=0.7, high=0.8, count=1, confidence=0.7, accuracy=1.0)


def test_calibration_error_is_the_mean_gap() -> None:
    scores = score([judged("a", "a", confidence=0.8), judged("a", "b", confidence=0.85)])
    assert scores.calibration_error == pytest.approx(0.825 - 0.5)


def test_confusions_count_rejections_as_out_of_scope() -> None:
    assert confusions_of(CASES) == (("a", "b", 1), ("b", "out_of_scope", 1), ("out_of_scope", "a", 1))


def test_the_surest_mistakes_come_first() -> None:
    sure, unsure = judged("a", "b", confidence=0.9), judged("a", "b", confidence=0.4)
    rejected = judged("a", "a", confidence=0.1, out=0.6, decision="reject")
    assert worst_mistakes([unsure, judged("a", "a"), rejected, sure], 2) == (sure, rejected)
