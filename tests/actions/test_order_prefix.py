"""A shop whose numbers begin otherwise is told of its own prefix: no text spells one out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from actions.dialogue.services import Identity, Scene, Services
from actions.server import order_numbers
from tests.actions.conversation import NOW


@pytest.mark.parametrize(
    "key", ["ask_order", "ask_email", "wrong_pair", "no_order_number", "back_to_order", "other_order_ask"]
)
def test_the_sentences_that_ask_for_a_number_show_the_shops_prefix(services: Services, key: str) -> None:
    other = replace(services, numbers=order_numbers("xq"))
    scene = Scene.at(other, now=datetime.fromisoformat(NOW), identity=Identity())
    told = "".join(scene.sentence(key, turn=turn) for turn in range(3))
    assert "BJ" not in told
    assert ("XQ-" in told) is (key != "ask_email")


def test_no_text_of_the_faq_spells_a_prefix_out(services: Services) -> None:
    other = replace(services, numbers=order_numbers("xq"))
    scene = Scene.at(other, now=datetime.fromisoformat(NOW), identity=Identity())
    asked = [scene.render(entry.ask) for entry in services.faq.entries.values() if entry.ask]
    assert asked
    assert all("XQ-" in text and "BJ" not in text for text in asked)
