"""The words of French at large, read from the lookup tables that spaCy's French model carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language


class FrenchDictionary:
    """Answers `word in dictionary` for about 300,000 lower-case forms and lemmas, accents significant."""

    def __init__(self, nlp: Language) -> None:
        lookups = nlp.get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
        self._forms = lookups.get_table("lemma_lookup")
        lemmas: set[str] = set()
        for words in lookups.get_table("lemma_index").values():
            lemmas.update(words)
        for forms in lookups.get_table("lemma_exc").values():
            lemmas.update(forms)
        self._lemmas = frozenset(lemmas)

    def __contains__(self, word: object) -> bool:
        return word in self._lemmas or word in self._forms
