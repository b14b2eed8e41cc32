"""What `make bench` trains on and measures with, the same for every contestant."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from ecrin.evaluation.data_check import check_copies
from ecrin.evaluation.labelled import Labelled

SEED = 2026


def sample(examples: Iterable[Labelled], per_label: int) -> tuple[Labelled, ...]:
    """Return `per_label` examples of each label (all, where there are fewer), the same ones on every run."""
    groups: defaultdict[str, list[Labelled]] = defaultdict(list)
    for example in examples:
        groups[example.label].append(example)
    chooser = random.Random(SEED)
    return tuple(
        example for _, group in sorted(groups.items()) for example in chooser.sample(group, min(per_label, len(group)))
    )


def without_copies(messages: Sequence[Labelled], training: Sequence[Labelled]) -> tuple[Labelled, ...]:
    """Return the test messages that no training example nearly copies: the others would measure memory."""
    copied = {finding.values["other_place"] for finding in check_copies(training, messages)}
    return tuple(message for message in messages if message.place not in copied)


def write_training(examples: Iterable[Labelled], path: Path) -> None:
    """Write examples as Rasa's YAML."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for example in examples:
        groups[example.label].append(example.text)
    lines = ['version: "3.1"', "nlu:"]
    for label, texts in groups.items():
        lines += [f"- intent: {label}", "  examples: |", *(f"    - {text}" for text in texts)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_default_bot(labels: Iterable[str], folder: Path) -> tuple[Path, Path]:
    """Write domain and rules of the default bot: one fixed answer an intent, as `rasa init` does it."""
    names = sorted(labels)
    domain = ['version: "3.1"', "intents:", *(f"- {name}" for name in names), "responses:"]
    rules = ['version: "3.1"', "rules:"]
    for name in [*names, "nlu_fallback"]:
        domain += [f"  utter_{name}:", f'  - text: "answer to {name}"']
        rules += [f"- rule: {name}", "  steps:", f"  - intent: {name}", f"  - action: utter_{name}"]
    rules += ["stories:", "- story: greeting", "  steps:", "  - intent: greet", "  - action: utter_greet"]
    (folder / "domain.yml").write_text("\n".join(domain) + "\n", encoding="utf-8")
    (folder / "rules.yml").write_text("\n".join(rules) + "\n", encoding="utf-8")
    return folder / "domain.yml", folder / "rules.yml"
