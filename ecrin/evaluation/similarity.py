"""Which texts are alike: cosine of tf-idf weighted character n-grams, in plain Python.

Small enough to need no numerical library in this environment; 14,000 examples against each other take half a minute.
"""

from __future__ import annotations

import heapq
import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

_SIZES = (3, 4)
_COMMON_SHARE = 0.01
_COMMON_MINIMUM = 40
"""N-grams in more texts than this share (and this many) say nothing about which texts are alike: never searched by."""
_CANDIDATES = 25


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A text of the index, by its position, and how alike it is: 1.0 for the same n-grams in the same proportions."""

    index: int
    cosine: float


def key_of(text: str) -> str:
    """Return what two writings of one message share: lower case, no accents, no punctuation, single spaces."""
    opened = text.lower().replace("œ", "oe").replace("æ", "ae")
    plain = "".join(c for c in unicodedata.normalize("NFD", opened) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def overlap(one: str, other: str) -> float:
    """Return the share of their character 4-grams that two texts have in common, whatever these weigh.

    For short texts: in a message of four words, another one in their place takes half of the cosine away.
    """
    first, second = set(_ngrams(one, (4,))), set(_ngrams(other, (4,)))
    return len(first & second) / (len(first | second) or 1)


def _ngrams(text: str, sizes: Sequence[int] = _SIZES) -> Counter[str]:
    padded = f" {key_of(text)} "
    return Counter(padded[at : at + size] for size in sizes for at in range(len(padded) - size + 1))


class Index:
    """Texts that can be searched by likeness."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [_ngrams(text) for text in texts]
        spread: Counter[str] = Counter()
        for grams in counts:
            spread.update(grams.keys())
        self._idf = {gram: math.log((1 + len(texts)) / (1 + n)) + 1 for gram, n in spread.items()}
        self._unseen = math.log(1 + len(texts)) + 1
        self._vectors = [self._vector(grams) for grams in counts]
        limit = max(_COMMON_MINIMUM, int(_COMMON_SHARE * len(texts)))
        self._postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for position, vector in enumerate(self._vectors):
            for gram, weight in vector.items():
                if spread[gram] <= limit:
                    self._postings[gram].append((position, weight))

    def _vector(self, grams: Counter[str]) -> dict[str, float]:
        weights = {g: (1 + math.log(n)) * self._idf.get(g, self._unseen) for g, n in grams.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {gram: weight / length for gram, weight in weights.items()}

    def nearest(self, text: str, count: int = 5) -> tuple[Neighbour, ...]:
        """Return the texts most like `text`, best first."""
        return self._search(self._vector(_ngrams(text)), count, skip=-1)

    def nearest_to(self, position: int, count: int = 5) -> tuple[Neighbour, ...]:
        """Return the texts most like the indexed one at `position`, itself left out."""
        return self._search(self._vectors[position], count, skip=position)

    def _search(self, vector: dict[str, float], count: int, *, skip: int) -> tuple[Neighbour, ...]:
        partial: defaultdict[int, float] = defaultdict(float)
        for gram, weight in vector.items():
            for position, other in self._postings.get(gram, ()):
                partial[position] += weight * other
        partial.pop(skip, None)
        candidates = heapq.nlargest(max(count, _CANDIDATES), partial, key=partial.__getitem__)
        exact = [
            Neighbour(position, sum(weight * self._vectors[position].get(gram, 0.0) for gram, weight in vector.items()))
            for position in candidates
        ]
        return tuple(sorted(exact, key=lambda n: (-n.cosine, n.index))[:count])
