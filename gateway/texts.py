"""What only the gateway says, read from `texts_fr.yaml`, and the honest text of `kb` for when the bot is down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from gateway.opening import shop_values
from kb.conversation import load_conversation
from kb.render import render
from kb.vocabulary import Vocabulary, load_vocabulary
from privacy.detection import find

DEFAULT_PATH = Path(__file__).with_name("texts_fr.yaml")


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences by group and key."""

    groups: Mapping[str, Mapping[str, str]]
    technical_problem: str
    published: frozenset[str] = frozenset()
    """The e-mails and phones among the shop's values: nobody's personal data."""

    def problem(self, key: str, **facts: object) -> str:
        """What a refusal tells the customer."""
        return self.groups["problem"][key].format_map(facts)

    def answer(self, key: str) -> str:
        """An answer the bot is not asked for."""
        return self.groups["answer"][key]

    def waiting(self, key: str, *, usual_wait: int | None, now: datetime) -> str:
        """An answer about a person of the shop: the hours in force, and how many minutes one waits if that is known."""
        facts = {**shop_values().at(now).flat(), "usual_wait": usual_wait, "known": usual_wait is not None}
        return render(self.groups["answer"][key], facts, _vocabulary())

    def render(self, key: str, **facts: object) -> str:
        """A line a channel without cards, links or buttons needs."""
        return self.groups["render"][key].format_map(facts)

    @property
    def card(self) -> Mapping[str, str]:
        """Lines of an order card, in their order."""
        return self.groups["card"]


@cache
def _vocabulary() -> Vocabulary:
    return load_vocabulary()


def load_texts(*, now: datetime, path: Path | None = None) -> Texts:
    """Read every text; the honest one is filled here, so that it needs nobody when everything else is down."""
    raw = YAML(typ="safe", pure=True).load((path or DEFAULT_PATH).read_text(encoding="utf-8"))
    facts = shop_values().at(now.date()).flat()
    problem = render(load_conversation().text("technical_problem"), facts, _vocabulary())
    own = (found.value for fact in facts.values() if isinstance(fact, str) for found in find(fact))
    return Texts(groups=raw, technical_problem=problem, published=frozenset(value for value in own if value))
