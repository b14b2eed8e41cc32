"""A detail asked in words that leave no doubt, told by the entry that knows it."""

from __future__ import annotations

import pytest

from actions.dialogue.follow_up import AtHand
from actions.dialogue.plain_detail import plain_detail
from actions.dialogue.services import Services
from tests.actions.test_follow_up import LONG, understood


@pytest.mark.parametrize(
    ("text", "entry", "aspects", "told"),
    [
        ("en 4 fois c'est gratuit ?", "payment_refused", {"cost": 0.6}, ("instalments", "payment_methods")),
        ("en 4 fois c'est gratuit ?", None, {"instalments": 0.2}, ("instalments", "payment_methods")),
        ("et en 4 ?", "payment_methods", {}, ("instalments", "payment_methods")),
        ("nan mais en 3", "payment_refused", {}, ("instalments", "payment_methods")),
        ("et en 4 ?", "size_guide", {}, None),
        ("et en 4 parties ?", "payment_methods", {}, None),
        ("payé en 4 fois, je suis remboursé comment ?", "return_order", {"cost": 0.6}, None),
        ("la livraison prend combien de temps ?", "size_guide", {}, ("delay", "shipped_not_delivered")),
        ("la livraison prend combien de temps ?", "track_order", {}, None),
        ("le retour par la poste prend combien de temps ?", "size_guide", {}, None),
        ("une fois parti, il met combien de temps ?", "cancel_order", {}, ("delay", "shipped_not_delivered")),
        ("une fois parti, je peux le suivre ?", "cancel_order", {}, None),
        ("si je commande, c'est en combien de temps ?", None, {}, ("delay", "shipped_not_delivered")),
        ("avant de commander, vous gravez ?", None, {}, None),
        ("donnez-moi le téléphone de la poste", "track_order", {}, ("carrier_phone", "track_order")),
        ("c'était pour savoir. Où puis-je écrire ?", "return_order", {}, ("contact", "return_order")),
        ("où puis-je écrire ?", None, {}, None),
        ("et demain j'appelle qui ?", "track_order", {}, ("carrier_phone", "track_order")),
        ("et demain j'appelle qui ?", "size_guide", {}, None),
        ("si je refuse, j'ai mon argent quand ?", "return_order", {}, ("when_credited", "cancel_order")),
        ("si je refuse, je peux avoir l'autre taille ?", "return_order", {}, None),
        ("si jle refuse g mon argent kan", "return_order", {}, None),
        ("et le retour, c'est moi qui paye ?", "loyalty_points", {"cost": 0.9}, ("cost", "return_order")),
        ("et le retour, c'est moi qui paye ?", "wrong_item", {"cost": 0.9}, None),
        (
            "avec un débit différé, ça tombe quand ?",
            "overcharged",
            {"deferred_card": 0.5},
            ("deferred_card", "refund_status"),
        ),
        ("avec un débit différé, ça tombe quand ?", "refund_status", {"deferred_card": 0.5}, None),
        (f"{LONG} en 4 fois ?", "payment_refused", {"cost": 0.6}, None),
    ],
)
def test_a_detail_in_plain_words_is_told_by_the_entry_that_knows(
    services: Services, text: str, entry: str | None, aspects: dict[str, float], told: tuple[str, str] | None
) -> None:
    at_hand = AtHand(services.faq.entries[entry]) if entry else None
    found = plain_detail(understood(text, aspects=aspects), at_hand=at_hand, cues=services.cues)
    assert ((found.aspect, found.entry) if found else None) == told


@pytest.mark.parametrize(
    ("text", "intent", "told"),
    [
        ("la livraison prend combien de temps ?", "shipped_not_delivered", "delay"),
        ("quel délai pour modifier avant la livraison ?", "modify_order", None),
        ("si je commande ce soir, je l'ai pour Noël ?", "track_order", "delay"),
        ("j'ai commandé ce soir, je l'ai pour Noël ?", "track_order", None),
        ("si je commande ce soir, je peux payer par chèque ?", "payment_methods", None),
        ("vous acceptez le paiement en 4 fois ?", "payment_methods", "instalments"),
        ("en 4 fois on m'a pris trop", "overcharged", None),
    ],
)
def test_a_sure_request_of_another_subject_is_no_such_detail(
    services: Services, text: str, intent: str, told: str | None
) -> None:
    message = understood(text, intent=intent, confidence=0.95, decision="answer", aspects={"cost": 0.5})
    found = plain_detail(message, at_hand=None, cues=services.cues)
    assert (found.aspect if found else None) == told


def test_a_detail_is_plain_once_it_is_written_out(services: Services) -> None:
    message = understood("si jle refuse g mon argent kan", normalized="si je le refuse j'ai mon argent quand")
    at_hand = AtHand(services.faq.entries["modify_order"])
    found = plain_detail(message, at_hand=at_hand, cues=services.cues)
    assert found
    assert (found.aspect, found.entry) == ("when_credited", "cancel_order")
