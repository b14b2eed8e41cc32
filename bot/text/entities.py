"""Finds what a message names: order numbers, e-mails, amounts, dates, and the shop's own terms, misspelled or not."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from bot.text.normalizer import fold

VOCABULARY = Path(__file__).resolve().parents[2] / "kb" / "vocabulary_fr.yaml"

_SECTIONS = ("carrier", "order_status", "carrier_status", "payment_method", "product_category")
_SIMILARITY = 88.0
_SHORT_TERM = 6

# A space may stand around the dot, unless the address is whole without: what follows then is the next sentence.
_EMAIL = re.compile(r"[\w.+'-]+\s?@\s?[\w-]+(?:(?:\.[\w-]+)+|\s?\.\s?[\w-]+)", re.UNICODE)
# The shop's numbers have six digits, with or without a prefix of letters; a space or a dash may cut them.
_ORDER = re.compile(
    r"(?<![\d@.,])(?:bj\s*[-_–:.°]?\s*)?(\d{3}[ .-]?\d{3}|\d{6})(?![\d@]|[.,]\d|\s?(?:€|eur))", re.IGNORECASE
)
_AMOUNT = re.compile(
    r"\b(\d{1,5})\s?€\s?(\d{2})\b"
    r"|\b(\d{1,5}(?:[.,]\d{1,2})?)\s?(?:€|euros?\b|eur\b|e\b|balles\b|boules\b)"
    r"|\b(\d{1,5}[.,]\d{2})\b(?![.,/]?\d)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|\d{1,2}(?:er)?\s+(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|"
    r"septembre|octobre|novembre|d[ée]cembre)(?:\s+\d{4})?|hier|avant-hier|aujourd'hui|ce matin|"
    r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)(?:\s+dernier)?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Entity:
    """One thing named: `value` is the normal form (an order number's digits, a vocabulary id, a lower-case e-mail)."""

    entity: str
    value: str
    start: int
    end: int
    confidence: float = 1.0


class Terms:
    """The shop's terms: in `sections`, (folded term, id), longest first; and a quick look at which may be in a text misspelled.

    Comparing a message with each of several hundred terms takes longer than understanding it. A term that is there, if
    misspelled, still has some of its runs of three letters, and hardly any other has as many.
    """

    def __init__(self, sections: Mapping[str, Iterable[tuple[str, str]]]) -> None:
        self.sections = {
            name: sorted(pairs, key=lambda pair: (-len(pair[0]), pair)) for name, pairs in sections.items()
        }
        self._terms = [
            (section, term, identifier)
            for section, pairs in self.sections.items()
            for term, identifier in pairs
            if len(term) >= _SHORT_TERM
        ]
        self._with_run: dict[str, list[int]] = defaultdict(list)
        self._of_length: dict[int, list[int]] = defaultdict(list)
        self._fewest: list[int] = []
        for place, (_, term, _) in enumerate(self._terms):
            runs = _runs(term)
            for run in runs:
                self._with_run[run].append(place)
            self._of_length[len(term)].append(place)
            self._fewest.append(len(runs) - _lost(len(term)))

    def near(self, folded: str) -> list[tuple[str, str, str]]:
        """The (section, term, id) that may be in a text, in the order of `sections`."""
        known = self._with_run.keys() & _runs(folded)
        kept = Counter(chain.from_iterable(self._with_run[run] for run in known))
        size = len(folded)
        near = {place for place, number in kept.items() if number >= self._fewest[place]}
        places = {place for place in near if len(self._terms[place][1]) < size}
        # Of a term as long as the text, a part may lie outside of it, and its runs with it.
        for length in range(size, size + 3):
            places.update(self._of_length.get(length, ()))
        return [self._terms[place] for place in sorted(places)]


def _runs(folded: str) -> set[str]:
    return {folded[at : at + 3] for at in range(len(folded) - 2)}


def _lost(length: int) -> int:
    """How many runs of three letters a term can lose and stay near: three for a letter left out, two for one put in.

    Near is what has a place no longer than the term, of at least `_SIMILARITY` percent of letters in common.
    """
    return max(
        3 * left_out + 2 * put_in
        for left_out in range(length)
        for put_in in range(left_out + 1)
        if left_out + put_in <= (1 - _SIMILARITY / 100) * (2 * length - left_out + put_in)
    )


def load_terms(path: Path = VOCABULARY) -> Terms:
    """Read the shop's terms."""
    vocabulary = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Terms(
        {
            section: {
                (_fold(term), identifier)
                for identifier, entry in vocabulary[section].items()
                for term in (entry["label"], *entry.get("synonyms", ()))
            }
            for section in _SECTIONS
        }
    )


class _Folded(dict[int, str]):
    """One character for one, so that offsets in the folded text are offsets in the message."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        self[point] = " " if character in "’-'" else fold(character)[:1] or " "
        return self[point]


_FOLDED = _Folded()


def _fold(text: str) -> str:
    return text.translate(_FOLDED)


def find(text: str, *, terms: Terms) -> tuple[Entity, ...]:
    """Return the entities of a message; of each vocabulary section all that are spelled right, or the nearest one."""
    found = [
        Entity("email", re.sub(r"\s", "", m.group()).lower().rstrip("."), *m.span()) for m in _EMAIL.finditer(text)
    ]
    masked = _EMAIL.sub(lambda m: " " * len(m.group()), text)
    found += [Entity("order_number", re.sub(r"\D", "", m.group(1)), *m.span()) for m in _ORDER.finditer(masked)]
    found += [Entity("amount", _amount(m), *m.span()) for m in _AMOUNT.finditer(masked)]
    found += [Entity("date", m.group().lower(), *m.span()) for m in _DATE.finditer(masked)]
    folded = _fold(masked)
    near = terms.near(folded)
    for section, pairs in terms.sections.items():
        found += _exact(folded, section, pairs) or _near(folded, section, near)
    return tuple(sorted(found, key=lambda entity: entity.start))


def _amount(match: re.Match[str]) -> str:
    if match.group(2):
        return f"{match.group(1)}.{match.group(2)}"
    return (match.group(3) or match.group(4)).replace(",", ".")


def _exact(folded: str, section: str, pairs: Sequence[tuple[str, str]]) -> list[Entity]:
    """Each thing named once, where it is named first; of two terms that begin together the longer one."""
    places = sorted(
        (at, -len(term), identifier)
        for term, identifier in pairs
        if term in folded and (at := _find_word(folded, term)) >= 0
    )
    found: list[Entity] = []
    for at, length, identifier in places:
        if all(at >= entity.end and identifier != entity.value for entity in found):
            found.append(Entity(section, identifier, at, at - length))
    return found


def _near(folded: str, section: str, near: Sequence[tuple[str, str, str]]) -> list[Entity]:
    for term, identifier in ((term, identifier) for of, term, identifier in near if of == section):
        alignment = fuzz.partial_ratio_alignment(term, folded, score_cutoff=_SIMILARITY)
        if alignment and _on_word_edges(folded, alignment.dest_start, alignment.dest_end):
            likeness = round(alignment.score / 100, 2)
            return [Entity(section, identifier, alignment.dest_start, alignment.dest_end, likeness)]
    return []


def _find_word(folded: str, term: str) -> int:
    at = folded.find(term)
    while at >= 0 and not _on_word_edges(folded, at, at + len(term)):
        at = folded.find(term, at + 1)
    return at


def _on_word_edges(folded: str, start: int, end: int) -> bool:
    before = folded[start - 1 : start] if start else ""
    after = folded[end : end + 1]
    return not before.isalnum() and not after.isalnum()
