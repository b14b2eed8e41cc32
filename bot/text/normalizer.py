"""Turns what customers type into plain French: SMS words, accents, apostrophes, spelling.

Pure functions over text; no Rasa here. The original message is never lost: components keep both.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

LEXICON = Path(__file__).with_name("lexicon_fr.yml")

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'"})
_INVISIBLE = {"Cc", "Cf", "Co", "Cs"}
_EMAIL = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_ORDER = re.compile(
    r"(?:\b(?:num[ée]ro|num|n|no|r[ée]f)\s*[°º.:]?\s*|#\s?)?\b(?:bj\s?[-_ ]?\s?)?\d[\d -]{4,7}\d\b", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-z][^<>]{0,60}>", re.IGNORECASE)
_ELONGATED = re.compile(r"([^\W\d_])\1{2,}")
_TOKEN = re.compile(r"\b[aà]\+(?!\w)|\w+(?:[-']\w+)*'?|[?!…€%]|[^\w\s]", re.UNICODE)

_SWALLOWED = re.compile("j[bcdfghjklmnpqrstvwxz]..")
"""« jpense » : a « je » of which only the first letter is said."""

_MIN_CORRECTED_LENGTH = 5
_MIN_SIMILARITY = 84.0
# A word French dictionaries do not have (a brand, a carrier) counts as spelled right from this many uses on.
_NAME_COUNT = 8
# Of two spellings that differ by accents alone, the one in the dictionary wins (« reçu » over « recu »), unless the other
# is that many times as frequent: spaCy's lemma tables have « dé » and « vôtre », but neither « de » nor « votre ».
_TRUST = 20


def sanitize(text: str) -> str:
    """Return `text` with one kind of apostrophe, no invisible or control character, single spaces."""
    text = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES))
    if not text.isprintable():
        text = "".join(
            " " if c in "\n\r\t" else c for c in text if c in "\n\r\t" or unicodedata.category(c) not in _INVISIBLE
        )
    return " ".join(text.split())


def strip_accents(text: str) -> str:
    """Return `text` without diacritics, ligatures opened."""
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def fold(text: str) -> str:
    """Return the lower-case, accent-free key under which two spellings of a word meet."""
    return strip_accents(text.lower())


def mask_identifiers(text: str) -> str:
    """Take out e-mails, links, order numbers and markup: they say who or how, never what is asked."""
    text = _EMAIL.sub(" ", _TAG.sub(" ", text))
    text = _URL.sub(" ", text)
    return " ".join(_ORDER.sub(" ", text).split())


def load_lexicon(path: Path = LEXICON) -> Mapping[str, str]:
    """Read the SMS lexicon: a lower-case token without apostrophes, or two with a space between, to French words."""
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {str(key).replace("'", ""): str(value) for key, value in (read["words"] | read["pairs"]).items()}


def words_of(text: str) -> list[str]:
    """Split sanitised text into lower-case tokens; punctuation that carries meaning stays a token."""
    return _TOKEN.findall(text.lower())


class Normalizer:
    """Rewrites a message word by word with a lexicon and the shop's own vocabulary.

    `vocabulary` maps a word to how often the shop's examples use it; `dictionary` holds the words of French at large.
    A token whose folded form is known gets its accents back; a token of five letters or more that is in neither
    takes the closest word of the vocabulary, if one is close.
    """

    def __init__(
        self, *, lexicon: Mapping[str, str], vocabulary: Mapping[str, int], dictionary: Container[str] = frozenset()
    ) -> None:
        self.vocabulary = dict(vocabulary)
        self._lexicon = lexicon
        self._dictionary = dictionary
        ranked = sorted(vocabulary, key=lambda w: (vocabulary[w] * (_TRUST if w in dictionary else 1), w))
        self._spelling = {fold(word): word for word in ranked}
        self._targets = [key for key in self._spelling if len(key) >= _MIN_CORRECTED_LENGTH - 1]
        self.correct = lru_cache(maxsize=20_000)(self._correct)

    @classmethod
    def from_texts(
        cls,
        texts: Iterable[str],
        *,
        lexicon: Mapping[str, str],
        dictionary: Container[str] = frozenset(),
        min_count: int = 3,
    ) -> Normalizer:
        """Learn the vocabulary from example messages: words used `min_count` times that are French, or often."""
        counts: Counter[str] = Counter()
        for text in texts:
            for token in words_of(mask_identifiers(sanitize(text))):
                counts.update(part for part in token.split("'") if part.isalpha())
        vocabulary = {
            word: n
            for word, n in counts.items()
            if word not in lexicon and n >= (min_count if word in dictionary else _NAME_COUNT)
        }
        return cls(lexicon=lexicon, vocabulary=vocabulary, dictionary=dictionary)

    def __call__(self, text: str) -> str:
        """Return the normalised form of a raw message; never empty for a message with a word in it."""
        tokens = words_of(_ELONGATED.sub(r"\1\1", mask_identifiers(sanitize(text))))
        out: list[str] = []
        is_taken = False
        for token, following in pairwise([*tokens, ""]):
            if is_taken:
                is_taken = False
                continue
            together = self._lexicon.get(f"{token} {following}".replace("'", ""))
            is_taken = together is not None
            out.append(together or self.correct(token))
        return " ".join(out)

    def _correct(self, token: str) -> str:
        bare = token.replace("'", "")
        meaning = self._lexicon.get(bare) or self._lexicon.get(fold(bare))
        if meaning is not None:
            return meaning
        if not token[0].isalpha():
            return token
        if "'" in token:
            return "'".join(self._spell(part) for part in token.split("'"))
        return self._spell(token)

    def _spell(self, word: str) -> str:
        if word in self._dictionary:
            return word
        if _SWALLOWED.match(word) and word[1:] in self._dictionary:
            return f"je {word[1:]}"
        key = fold(word)
        if key in self._spelling:
            return self._spelling[key]
        if len(key) < _MIN_CORRECTED_LENGTH or not key.isalpha():
            return word
        found = process.extractOne(key, self._targets, scorer=fuzz.ratio, score_cutoff=_MIN_SIMILARITY)
        return self._spelling[found[0]] if found else word
