"""From what customers type to plain French: word by word, and never away from what is right already."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.normalizer import Normalizer, fold, load_lexicon, mask_identifiers, sanitize, words_of

SHOP = Normalizer(
    lexicon={"cmt": "comment", "jai": "j'ai", "svp": "s'il vous plaît"},
    vocabulary={"bracelet": 40, "colis": 60, "élève": 3, "eleve": 1, "chronopost": 12},
    dictionary=frozenset({"bracelets", "collier", "élève", "bracelet", "colis"}),
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("l’ancre", "l'ancre"),
        ("où\u200b est\u00a0mon\tcolis\n?", "où est mon colis ?"),
        ("ﬁn", "fin"),
        ("\x00\x1b[0m", "[0m"),
        ("", ""),
    ],
)
def test_sanitising_leaves_one_apostrophe_one_space_and_nothing_invisible(raw: str, clean: str) -> None:
    assert sanitize(raw) == clean


@given(st.text(max_size=200))
def test_sanitising_twice_is_sanitising_once(text: str) -> None:
    assert sanitize(sanitize(text)) == sanitize(text)


@pytest.mark.parametrize(("one", "other"), [("Élève", "eleve"), ("ŒUVRE", "oeuvre"), ("ça", "CA")])
def test_two_spellings_meet_in_their_folded_form(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    "identifier",
    [
        "claire.dupont@example.fr",
        "claire @ example.fr",
        "BJ-104233",
        "bj104233",
        "n°104233",
        "n° 104 233",
        "#104233",
        "https://example.fr/suivi?id=104233",
        "www.example.fr/a",
    ],
)
def test_what_says_who_is_no_part_of_what_is_asked(identifier: str) -> None:
    assert mask_identifiers(f"où est {identifier} svp") == "où est svp"


def test_an_amount_is_no_identifier() -> None:
    assert mask_identifiers("une commande de 60 €") == "une commande de 60 €"


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("Cmt", "comment"),
        ("j'ai", "j'ai"),
        ("jai", "j'ai"),
        ("j ai", "j ai"),
        ("bracelt", "bracelet"),
        ("BRACELETS", "bracelets"),
        ("collier", "collier"),
        ("eleve", "élève"),
        ("coliiiiis", "colis"),
        ("collis", "colis"),
        ("zut", "zut"),
        ("xylophone", "xylophone"),
        ("chronoposte", "chronopost"),
        ("d'eleve", "d'élève"),
        ("12h30", "12h30"),
    ],
)
def test_one_word(raw: str, normal: str) -> None:
    assert SHOP(raw) == normal


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), max_size=120))
def test_a_normalised_message_is_normal(text: str) -> None:
    once = SHOP(text)
    assert "  " not in once
    assert once == once.strip()


def test_words_seen_often_enough_are_learned_and_misspelled_ones_are_not() -> None:
    texts = ["où est mon colis"] * 3 + ["où est mon colsi"]
    learned = Normalizer.from_texts(texts, lexicon={}, dictionary=frozenset({"où", "est", "mon", "colis"}))
    assert learned.vocabulary == {"où": 4, "est": 4, "mon": 4, "colis": 3}


def test_of_two_spellings_the_one_in_the_dictionary_wins_unless_the_other_is_far_more_frequent() -> None:
    spoken = Normalizer(
        lexicon={}, vocabulary={"reçu": 20, "recu": 30, "dé": 12, "de": 7000}, dictionary=frozenset({"reçu", "dé"})
    )
    assert spoken("recu de colis") == "reçu de colis"


def test_a_name_no_dictionary_has_is_learned_from_many_uses() -> None:
    few = Normalizer.from_texts(["chronopost"] * 7, lexicon={})
    many = Normalizer.from_texts(["chronopost"] * 8, lexicon={})
    assert (few.vocabulary, many.vocabulary) == ({}, {"chronopost": 8})


def test_identifiers_are_not_learned() -> None:
    assert Normalizer.from_texts(["claire.dupont@example.fr BJ-104233"] * 9, lexicon={}).vocabulary == {}


def test_every_key_of_the_lexicon_is_one_the_normaliser_can_meet() -> None:
    """A key with a capital, or of other tokens than its one or two, would never be looked up."""
    lexicon = load_lexicon()
    assert lexicon
    assert [key for key in lexicon if key != key.lower() or len(key.split()) > 2 or words_of(key) != key.split()] == []


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("c cb", "c'est combien"),
        ("cb tps", "combien de temps"),
        ("par cb", "par carte bancaire"),
        ("é si il é pa la", "et si il est pas la"),
        ("code bar", "code-barres"),
        ("nickel, a+", "nickel , à plus tard"),
        ("taille a+b", "taille a + b"),
    ],
)
def test_two_tokens_together_may_mean_what_neither_does_alone(raw: str, clean: str) -> None:
    assert Normalizer(lexicon=load_lexicon(), vocabulary={})(raw) == clean


def test_a_verb_that_swallowed_its_je_is_given_it_back_and_no_other_word_is() -> None:
    heard = Normalizer(lexicon={}, vocabulary={}, dictionary=frozenset({"pense", "mets", "jupe", "jdx", "uste"}))
    assert heard("jpense jmets jupe juste jrien") == "je pense je mets jupe juste jrien"
