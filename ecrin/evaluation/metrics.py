"""The figures of an evaluation, as pure functions over judged messages.

A message counts as right when its intent is right and it is not rejected; a message outside the FAQ when it is rejected.
Asking back (`clarify`) with the right intent first counts as right: the customer needs one click.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ecrin.evaluation.labelled import Labelled
from ecrin.nlu_worker import OUT_OF_SCOPE, Parsed


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled message and what was understood."""

    message: Labelled
    parsed: Parsed

    @property
    def predicted(self) -> str:
        """The label the customer's experience amounts to: the intent, or `out_of_scope` when declined."""
        return OUT_OF_SCOPE if self.parsed.decision == "reject" else self.parsed.intent

    @property
    def right(self) -> bool:
        """Whether the customer was served right."""
        return self.predicted == self.message.label

    @property
    def in_scope(self) -> bool:
        """Whether the FAQ or the conversation has an answer."""
        return self.message.label != OUT_OF_SCOPE


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How one label fares. `recall` of its own messages, `precision` of the messages taken for it."""

    label: str
    support: int
    predicted: int
    right: int

    @property
    def precision(self) -> float:
        """Share of the messages taken for this label that are of it; 0 when none was."""
        return _share(self.right, self.predicted)

    @property
    def recall(self) -> float:
        """Share of this label's messages that were recognised; 0 when it has none."""
        return _share(self.right, self.support)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return _share(2 * self.right, self.support + self.predicted)


@dataclass(frozen=True, slots=True)
class StyleScore:
    """How one style of writing fares: messages the FAQ answers, and messages it does not."""

    style: str
    in_scope: int
    right: int
    out_of_scope: int
    caught: int

    @property
    def accuracy(self) -> float:
        """Share of all messages of the style that were served right."""
        return _share(self.right + self.caught, self.in_scope + self.out_of_scope)


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages whose confidence lies between `low` and `high`."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of one evaluation; a rate over no message at all is 0."""

    messages: int
    in_scope: int
    out_of_scope: int
    accuracy: float
    overall: float
    """Share of all messages, inside and outside the FAQ, that were served right."""
    macro_f1: float
    oos_recall: float
    false_reject: float
    clarified: float
    calibration_error: float
    labels: tuple[LabelScore, ...]
    styles: tuple[StyleScore, ...]
    calibration: tuple[Bin, ...]
    confusions: tuple[tuple[str, str, int], ...]
    """Wrong pairs (label, predicted, messages), the most frequent first."""


def score(judged: Sequence[Judged]) -> Scores:
    """Compute every figure."""
    inside = [one for one in judged if one.in_scope]
    outside = [one for one in judged if not one.in_scope]
    labels = label_scores(judged)
    bins = calibration_of(judged)
    present = [one for one in labels if one.support]
    return Scores(
        messages=len(judged),
        in_scope=len(inside),
        out_of_scope=len(outside),
        accuracy=_rate(inside, lambda one: one.right),
        overall=_rate(judged, lambda one: one.right),
        macro_f1=_share(sum(one.f1 for one in present), len(present)),
        oos_recall=_rate(outside, lambda one: one.right),
        false_reject=_rate(inside, lambda one: one.parsed.decision == "reject"),
        clarified=_rate(judged, lambda one: one.parsed.decision == "clarify"),
        calibration_error=_share(sum(b.count * abs(b.confidence - b.accuracy) for b in bins), len(judged)),
        labels=labels,
        styles=style_scores(judged),
        calibration=bins,
        confusions=confusions_of(judged),
    )


def label_scores(judged: Sequence[Judged]) -> tuple[LabelScore, ...]:
    """Return one score a label that is expected or predicted, in alphabetical order."""
    support = Counter(one.message.label for one in judged)
    predicted = Counter(one.predicted for one in judged)
    right = Counter(one.predicted for one in judged if one.right)
    return tuple(
        LabelScore(label, support[label], predicted[label], right[label]) for label in sorted({*support, *predicted})
    )


def style_scores(judged: Sequence[Judged]) -> tuple[StyleScore, ...]:
    """Return one score a style, in alphabetical order; none when the file names no styles."""
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.message.style:
            groups[one.message.style].append(one)
    return tuple(
        StyleScore(
            style=style,
            in_scope=sum(one.in_scope for one in group),
            right=sum(one.in_scope and one.right for one in group),
            out_of_scope=sum(not one.in_scope for one in group),
            caught=sum(not one.in_scope and one.right for one in group),
        )
        for style, group in sorted(groups.items())
    )


def calibration_of(judged: Iterable[Judged], bins: int = 10) -> tuple[Bin, ...]:
    """Compare what the model claims with what is true: the first of the ranking, before any decision.

    Only bins with messages are returned.
    """
    groups: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for one in judged:
        first = one.parsed.ranking[0]
        groups[min(int(first.confidence * bins), bins - 1)].append((first.confidence, first.name == one.message.label))
    return tuple(
        Bin(
            low=at / bins,
            high=(at + 1) / bins,
            count=len(group),
            confidence=sum(confidence for confidence, _ in group) / len(group),
            accuracy=sum(right for _, right in group) / len(group),
        )
        for at, group in sorted(groups.items())
    )


def confusions_of(judged: Iterable[Judged]) -> tuple[tuple[str, str, int], ...]:
    """Return the wrong pairs with their number, the most frequent first."""
    pairs = Counter((one.message.label, one.predicted) for one in judged if not one.right)
    return tuple((label, taken, n) for (label, taken), n in sorted(pairs.items(), key=lambda item: (-item[1], item[0])))


def worst_mistakes(judged: Iterable[Judged], count: int) -> tuple[Judged, ...]:
    """Return the mistakes the model was surest of; they cost most, since no one is asked."""
    wrong = [one for one in judged if not one.right]
    return tuple(sorted(wrong, key=lambda one: -_claimed(one))[:count])


def _claimed(one: Judged) -> float:
    if one.parsed.decision != "reject":
        return one.parsed.confidence
    return next((entry.confidence for entry in one.parsed.ranking if entry.name == OUT_OF_SCOPE), 0.0)


def _rate(judged: Sequence[Judged], counts: Callable[[Judged], bool]) -> float:
    return _share(sum(map(counts, judged)), len(judged))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
