"""The reason of a reply in plain French, made from its trace: for people who can change the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gateway.console.pages import texts
from kb.expected import USES
from kb.faq import Faq
from kb.render import RenderError, render, written
from kb.vocabulary import Vocabulary
from policies.clock import paris
from policies.decision import Fact

_SECTIONS = frozenset({"order_status", "carrier_status", "carrier", "payment_method", "product_category"})
"""Entities whose values are ids of the vocabulary section of the same name."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T.+")
_HOUR = re.compile(r"\d{2}:\d{2}(?::\d{2})?")
_AMOUNT = re.compile(r"-?\d+\.\d+")
_SEEN = 0.005
"""Below half a per cent a reading is not worth a line."""
_CLOSE = 0.35
"""A runner-up further behind than this says nothing of the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """An intent with its score in per cent."""

    label: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing a rule checked."""

    check: str
    holds: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One decision: what went in, what was checked, what came out, where it is written."""

    label: str
    outcome: str
    deadline: str
    inputs: tuple[tuple[str, str], ...]
    steps: tuple[Told, ...]
    articles: tuple[str, ...]
    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The FAQ entry an answer comes from; `source` is its title in the published FAQ."""

    id: str
    question: str
    source: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Everything the panel shows."""

    understood: Guess
    decision: str
    runners_up: tuple[Guess, ...]
    normalized: str
    entities: tuple[tuple[str, str], ...]
    requests: tuple[str, ...]
    aspect: str | None
    entry: Entry | None
    faq_version: str
    rules: tuple[Rule, ...]
    changes: tuple[str, ...]
    paragraphs: tuple[str, ...]


class Explainer:
    """Explains traces; `faq` and `vocabulary` are the ones in force."""

    def __init__(self, *, faq: Faq, vocabulary: Vocabulary) -> None:
        self._faq = faq
        self._vocabulary = vocabulary

    def explain(self, trace: Mapping[str, Any]) -> Why:
        """The panel of one reply; a trace without a part leaves that part empty."""
        ranking = trace.get("ranking") or []
        entry = self._faq.entries.get(trace.get("entry") or "")
        return Why(
            understood=self._guess(trace.get("intent"), trace.get("confidence")),
            decision=self._label("decision", trace.get("decision")),
            runners_up=tuple(
                self._guess(one["name"], one["confidence"]) for one in ranking[1:4] if one["confidence"] >= _SEEN
            ),
            normalized=trace.get("normalized") or "",
            entities=tuple(
                (self._label("entity", one["entity"]), self._value(one["entity"], str(one["value"])))
                for one in trace.get("entities") or ()
            ),
            requests=tuple(self.intent(name) for name in trace.get("requests") or ()),
            aspect=self._label("aspect", trace.get("aspect")) or None,
            entry=Entry(id=entry.id, question=entry.question, source=entry.source.title, articles=entry.source.articles)
            if entry
            else None,
            faq_version=trace.get("faq_version") or "",
            rules=tuple(self._rule(decision) for decision in trace.get("decisions") or ()),
            changes=tuple(dict.fromkeys(self._changes(trace))),
            paragraphs=tuple(trace.get("sources") or ()),
        )

    def intent(self, name: str | None) -> str:
        """An intent as people call it: the question of its entry, or its name in `texts_fr.yaml`."""
        entry = self._faq.entries.get(name or "")
        return entry.question if entry else self._label("intent", name)

    def _guess(self, name: str | None, confidence: float | None) -> Guess:
        return Guess(label=self.intent(name), percent=round((confidence or 0.0) * 100))

    def _value(self, entity: str, value: str) -> str:
        known = entity in _SECTIONS and value in self._vocabulary.ids(entity)
        return self._vocabulary.label(entity, value) if known else value

    def _rule(self, decision: Mapping[str, Any]) -> Rule:
        rule, articles = decision["rule"], [source["article"] for source in decision["sources"] if source["article"]]
        cited = [source["faq"] for source in decision["sources"] if source["faq"] in self._faq.entries]
        return Rule(
            label=_why()["rules"].get(rule, rule),
            outcome=outcome_label(rule, decision["outcome"], self._vocabulary),
            deadline=self._written("deadline", fact(decision["deadline"])),
            inputs=tuple(
                (_why()["facts"].get(name, name), self._written(name, fact(value)))
                for name, value in decision["inputs"].items()
                if value is not None
            ),
            steps=tuple(
                Told(check=step["check"], holds=step["holds"], sentence=self._sentence(step, "holds", "fails"))
                for step in decision["steps"]
            ),
            articles=tuple(dict.fromkeys(articles)),
            entries=tuple((name, self._faq.entries[name].question) for name in dict.fromkeys(cited)),
        )

    def _sentence(self, step: Mapping[str, Any], holds: str, fails: str) -> str:
        template = _why()["steps"].get(step["check"], {}).get(holds if step["holds"] else fails)
        if template is None:
            return "" if holds != "holds" else str(step["check"])
        given = {name: fact(value) for name, value in step["facts"].items()}
        try:
            return render(template, given, self._vocabulary)
        except RenderError:
            # A rule that looks at other facts than its sentence: the check's id is better than a page that fails.
            return str(step["check"]) if holds == "holds" else ""

    def _changes(self, trace: Mapping[str, Any]) -> list[str]:
        general, decisions = _why()["general"], trace.get("decisions") or ()
        found = [
            sentence
            for decision in decisions
            for step in decision["steps"]
            if (sentence := self._sentence(step, "change_holds", "change_fails"))
        ]
        # The last checks decided; the first ones only led there.
        found = found[-3:][::-1]
        if not decisions and USES.get(trace.get("entry") or ""):
            found.append(general["with_order"])
        if trace.get("decision") == "reject":
            found.append(general["rejected"])
        if trace.get("decision") == "clarify":
            found.append(general["clarified"])
        ranking = trace.get("ranking") or []
        if len(ranking) > 1 and (gap := ranking[0]["confidence"] - ranking[1]["confidence"]) <= _CLOSE:
            found.append(general["runner_up"].format(other=self.intent(ranking[1]["name"]), gap=round(gap * 100)))
        return found

    def _written(self, name: str, value: Fact) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return str(_why()["words"]["true" if value else "false"])
        if isinstance(value, str) and value in _why()["words"]:
            return str(_why()["words"][value])
        try:
            return render(f"{{{name}}}", {name: value}, self._vocabulary)
        except RenderError:
            return written(value, name=name) if not isinstance(value, str) else value

    @staticmethod
    def _label(group: str, key: str | None) -> str:
        return str(texts()[group].get(key, key)) if key else ""


def outcome_label(rule: str, outcome: str, vocabulary: Vocabulary) -> str:
    """An outcome of a rule as people call it."""
    section = _why()["outcome_sections"].get(rule)
    if section and outcome in vocabulary.ids(section):
        return vocabulary.label(section, outcome)
    label: str = _why()["outcomes"].get(rule, {}).get(outcome, outcome)
    return label


def fact(value: Any) -> Fact:
    """A fact of a trace as the rule had it: JSON keeps instants, days, hours and amounts as text."""
    if not isinstance(value, str):
        return value if value is None or isinstance(value, (bool, int)) else Decimal(str(value))
    try:
        if _DAY.fullmatch(value):
            return date.fromisoformat(value)
        if _INSTANT.fullmatch(value):
            return paris(datetime.fromisoformat(value))
        if _HOUR.fullmatch(value):
            return datetime.strptime(value[:5], "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        return value
    return Decimal(value) if _AMOUNT.fullmatch(value) else value


@cache
def _why() -> Mapping[str, Any]:
    path = Path(__file__).with_name("why_fr.yaml")
    content: Mapping[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return content
