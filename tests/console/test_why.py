"""The reason in French: every check of every rule has its sentence, and they read as they should."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from actions.dialogue.reply import decision_trace
from gateway.console.knowledge import explainer
from gateway.console.why import fact
from kb.render import placeholders
from policies.changes import decide_change
from policies.outcomes import OUTCOMES
from policies.values import load_values
from tests.policies.builders import at, order

ROOT = Path(__file__).parents[2]
SENTENCES = YAML(typ="safe", pure=True).load((ROOT / "gateway" / "console" / "why_fr.yaml").read_text(encoding="utf-8"))


def checks() -> dict[str, set[str]]:
    """Every `trail.check` of the rules: its id, and the facts each place that makes it gives in common."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "policies").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "check":
                name = node.args[0]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    given = {keyword.arg or "**" for keyword in node.keywords}
                    found[name.value] = found.get(name.value, given) & given
    return found


def test_every_check_of_every_rule_has_both_sentences() -> None:
    assert checks().keys() == SENTENCES["steps"].keys()
    for check, told in SENTENCES["steps"].items():
        assert {"holds", "fails"} <= told.keys() <= {"holds", "fails", "change_holds", "change_fails"}, check


@pytest.mark.parametrize("check", sorted(checks()))
def test_the_sentences_speak_only_of_facts_the_check_gives(check: str) -> None:
    given = checks()[check]
    if "**" in given:
        return
    for sentence in SENTENCES["steps"][check].values():
        needed = placeholders(re.sub(r"\[\[.*?\]\]", "", sentence))
        assert needed <= given, sentence


def test_every_outcome_of_every_rule_has_a_name() -> None:
    assert OUTCOMES.keys() == SENTENCES["rules"].keys()
    for rule, outcomes in OUTCOMES.items():
        if rule not in SENTENCES["outcome_sections"]:
            assert {outcome.value for outcome in outcomes} == SENTENCES["outcomes"][rule].keys(), rule


def trace(**more: Any) -> dict[str, Any]:
    ranking = [{"name": "cancel_order", "confidence": 0.62}, {"name": "modify_order", "confidence": 0.31}]
    return {
        "intent": "cancel_order",
        "confidence": 0.62,
        "decision": "answer",
        "normalized": "je veux annuler ma commande",
        "ranking": ranking,
        "entities": [{"entity": "order_number", "value": "BJ-900101"}],
        "entry": "cancel_order",
        "faq_version": "abc",
        **more,
    }


def test_five_minutes_too_late() -> None:
    now = at("2026-11-18 13:05")
    decision = decide_change(
        order=order(placed_at=at("2026-11-18 10:02")), now=now, values=load_values().at(now), kind="cancel"
    )
    why = explainer().explain(trace(decisions=[decision_trace(decision)]))
    (rule,) = why.rules
    told = [step.sentence for step in rule.steps]
    assert rule.outcome == "trop tard"
    assert any("trop tard de 5\u00a0minutes" in sentence for sentence in told), told
    assert any(sentence.startswith("Demandé avant 13") for sentence in why.changes), why.changes
    assert dict(rule.inputs)["Commande"] == "BJ-104233"
    assert "18 novembre 2026" in dict(rule.inputs)["Passée le"]


def test_what_was_understood() -> None:
    why = explainer().explain(trace())
    assert "annuler" in why.understood.label.lower()
    assert why.understood.percent == 62
    assert [guess.percent for guess in why.runners_up] == [31]
    assert why.entities == (("Numéro de commande", "BJ-900101"),)
    assert any("numéro de commande" in sentence for sentence in why.changes)
    assert any("31 points" in sentence for sentence in why.changes)


def test_a_trace_of_another_time_breaks_nothing() -> None:
    unknown = {"rule": "new", "outcome": "x", "deadline": None, "inputs": {"a": 1}, "sources": []}
    step = {"check": "new_check", "holds": True, "facts": {}}
    missing = {"check": "asked_before_cutoff", "holds": False, "facts": {}}
    why = explainer().explain({"decisions": [{**unknown, "steps": [step, missing]}]})
    assert [told.sentence for told in why.rules[0].steps] == ["new_check", "asked_before_cutoff"]
    assert explainer().explain({}).entry is None


@pytest.mark.parametrize("text", ["2026-13-45", "BJ-900101", "25:99", "texte"])
def test_what_only_looks_like_a_date_stays_text(text: str) -> None:
    assert fact(text) == text
