"""The data check finds planted faults and leaves good examples alone."""

from __future__ import annotations

import pytest

from ecrin.evaluation.data_check import check, check_copies
from ecrin.evaluation.labelled import Labelled
from ecrin.evaluation.texts import load_texts

LONG = (
    "bonjour je voudrais savoir quand ma commande de boucles d'oreilles passée dimanche soir va enfin arriver chez moi"
)
GOOD = [
    Labelled("comment renvoyer une bague trop petite", "return_order", file="nlu.yml", line=1),
    Labelled("où se trouve mon colis en ce moment", "track_order", file="nlu.yml", line=2),
    Labelled(LONG, "track_order", file="nlu.yml", line=3),
]


def kinds(*more: Labelled, evaluation: tuple[Labelled, ...] = (), minimum: int = 1) -> list[str]:
    return [finding.kind for finding in check([*GOOD, *more], evaluation=evaluation, minimum=minimum)]


def planted(text: str, label: str, line: int = 9) -> Labelled:
    return Labelled(text, label, file="nlu.yml", line=line)


def test_good_examples_are_left_alone() -> None:
    assert kinds() == []


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("Où se trouve mon colis, en ce moment ?", "track_order", "exact_duplicate"),
        ("OU SE TROUVE MON COLIS EN CE MOMENT", "track_order", "exact_duplicate"),
        ("où se trouve mon colis en ce moment", "return_order", "conflicting_duplicate"),
        (f"{LONG} ok", "track_order", "near_duplicate"),
    ],
)
def test_duplicates(text: str, label: str, kind: str) -> None:
    assert kinds(planted(text, label)) == [kind]


def test_a_symbol_makes_a_difference() -> None:
    assert kinds(planted("👍", "affirm"), planted("👎", "deny")) == []


def test_an_intent_with_too_few_examples() -> None:
    assert kinds(minimum=3) == ["too_few", "too_few"]


def test_a_stranger_among_its_neighbours() -> None:
    group = [
        planted(f"je veux annuler ma commande {end}", "cancel_order")
        for end in ("de bague", "du jour", "de collier", "en cours")
    ]
    assert kinds(*group, planted("je veux annuler ma commande de montre", "track_order")) == ["other_neighbours"]


def test_a_copy_of_an_evaluation_message_does_not_show_it() -> None:
    message = Labelled("Où se trouve mon colis en ce moment svp", "track_order", file="dev.tsv", line=7)
    (finding,) = check(GOOD, evaluation=[message], minimum=1)
    line = finding.line(load_texts())
    assert (finding.kind, finding.place) == ("near_evaluation", "nlu.yml:2")
    assert "dev.tsv:7" in line
    assert "svp" not in line


def test_a_short_message_with_a_word_more_is_a_copy() -> None:
    message = planted("changer adresse livraison commande", "modify_order")
    copies = check_copies([*GOOD, planted("changer adresse de livraison commande svp", "modify_order")], [message])
    assert [copy.values["text"] for copy in copies] == ["changer adresse de livraison commande svp"]
    assert check_copies([planted("changer de mot de passe sur mon compte", "login_problem")], [message]) == ()


def test_two_words_in_common_are_no_copy() -> None:
    assert check_copies([planted("mauvais article", "wrong_item")], [planted("mauvais article", "wrong_item")]) == ()


@pytest.mark.parametrize("kind", ["exact_duplicate", "conflicting_duplicate", "near_duplicate", "too_few"])
def test_every_kind_has_its_french_line(kind: str) -> None:
    texts = load_texts()
    more = [planted("où se trouve mon colis en ce moment", label) for label in ("track_order", "return_order")]
    more.append(planted(f"{LONG} ok", "track_order", line=10))
    found = [finding for finding in check([*GOOD, *more], minimum=9) if finding.kind == kind]
    assert found
    assert "{" not in found[0].line(texts)
    assert texts(f"data_check.kinds.{kind}")
