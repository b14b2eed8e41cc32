"""What a reply looks like: lists, links, cards, buttons, and nothing it could smuggle in."""

import pytest
from playwright.sync_api import expect

from tests.e2e.chat_page import ChatPage
from tests.e2e.protocol_server import HOSTILE, ProtocolServer


@pytest.fixture
def chat(desktop: ChatPage, gateway: ProtocolServer) -> ChatPage:
    return desktop.goto(f"{gateway.url}/boutique").open()


def test_lists_and_line_breaks_become_elements(chat: ChatPage) -> None:
    bubble = chat.ask("une liste").locator(".bubble")
    assert bubble.locator("ul > li").all_inner_texts() == [
        "connectez-vous à votre Espace Client ;", "choisissez la commande ;", "imprimez le bon.",
    ]  # fmt: skip
    steps = ["Emballez l’article.", "Collez l’étiquette.", "Déposez le colis."]
    assert bubble.locator("ol > li").all_inner_texts() == steps
    assert bubble.locator("p").last.inner_text() == "À bientôt,\nÉcrin"


def test_html_stays_text(chat: ChatPage) -> None:
    answer = chat.ask("un piège")
    expect(answer.locator(".bubble")).to_have_text(HOSTILE)
    assert answer.locator("img, script, b, i, u").count() == 0
    expect(answer.locator(".chip")).to_contain_text("<b>Expédiée</b>")
    expect(chat.button("<b>gras</b>")).to_be_visible()
    assert chat.page.evaluate("window.hacked") is None


def test_an_address_that_runs_code_is_no_link(chat: ChatPage) -> None:
    links = chat.ask("un piège").locator("a")
    assert links.evaluate_all("all => all.map((a) => a.href)") == ["https://example.org/a"]


def test_an_address_of_links_is_followed_from_the_text(chat: ChatPage) -> None:
    answer = chat.ask("quelle taille ?")
    inline = answer.locator(".bubble a")
    expect(inline).to_have_attribute("href", "https://www.example.org/guide-des-tailles")
    expect(inline).to_have_attribute("rel", "noopener noreferrer")
    expect(inline).to_contain_text("(nouvelle fenêtre)")
    assert answer.locator(".links a").count() == 1


def test_an_address_in_the_text_alone_is_no_link(chat: ChatPage) -> None:
    assert chat.ask("Voyez https://example.org/x").locator("a").count() == 0


def test_an_order_card_tells_what_is_known(chat: ChatPage) -> None:
    card = chat.ask("Et BJ-900127 ?").locator(".card")
    expect(card.locator(".chip")).to_have_text("Statut : Expédiée")
    assert card.locator("dt").all_inner_texts() == ["Transporteur", "Numéro de suivi", "Retour jusqu’au"]
    assert card.locator("dd").all_inner_texts() == ["La Poste", "6A31000700211", "lundi 7 décembre 2026"]
    expect(card.get_by_role("link")).to_have_attribute(
        "href", "https://www.laposte.fr/outils/suivre-vos-envois?code=6A31000700211"
    )


def test_a_button_says_its_title_and_leaves(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("Et BJ-900127 ?")
    chat.button("Plus de détails").click()
    expect(chat.answers.nth(1)).to_contain_text("Vous avez écrit : Plus de détails")
    assert chat.button("Plus de détails").count() == 0
    expect(chat.input).to_be_focused()
    said = [message["text"] for message in gateway.conversation.messages if message["from"] == "customer"]
    assert said[-1] == "Plus de détails"


def test_typing_dots_come_and_end_with_the_answer(chat: ChatPage, gateway: ProtocolServer) -> None:
    gateway.faults.typing_s = 0.8
    chat.say("Bonjour")
    expect(chat.dots).to_be_visible()
    expect(chat.answers).to_have_count(1)
    expect(chat.dots).to_be_hidden()


def test_typing_dots_end_without_an_answer(desktop: ChatPage, gateway: ProtocolServer) -> None:
    desktop.page.clock.install()
    desktop.goto(f"{gateway.url}/boutique").open()
    gateway.faults.endless_typing = True
    desktop.say("Bonjour")
    expect(desktop.dots).to_be_visible()
    desktop.page.clock.run_for(46_000)
    expect(desktop.dots).to_be_hidden()


def test_a_message_over_the_limit_is_not_sent(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.say("a" * 1001)
    expect(chat.host.locator(".count")).to_contain_text("1 001 / 1 000")
    expect(chat.input).to_have_attribute("aria-invalid", "true")
    expect(chat.own).to_have_count(0)
    assert chat.input.input_value() == "a" * 1001


def test_shift_enter_writes_a_new_line(chat: ChatPage) -> None:
    chat.input.fill("un")
    chat.input.press("Shift+Enter")
    chat.input.press_sequentially("deux")
    chat.input.press("Enter")
    expect(chat.own.locator(".bubble")).to_have_text("undeux", use_inner_text=False)
    assert chat.own.locator(".bubble br").count() == 1


def test_a_long_answer_is_read_from_its_beginning(chat: ChatPage) -> None:
    answer = chat.ask("une réponse longue")
    top = answer.bounding_box()
    frame = chat.log.bounding_box()
    assert top
    assert frame
    assert frame["y"] <= top["y"] <= frame["y"] + 60


def test_a_reader_of_earlier_messages_is_not_pulled_away(chat: ChatPage, gateway: ProtocolServer) -> None:
    chat.ask("une réponse longue")
    chat.log.evaluate("(log) => { log.scrollTop = 0 }")
    gateway.say("Une suite")
    newest = chat.button("Nouveaux messages")
    expect(newest).to_be_visible()
    assert chat.log.evaluate("(log) => log.scrollTop") == 0
    newest.click()
    expect(newest).to_be_hidden()
    expect(chat.answers.last).to_be_in_viewport()


def test_the_page_can_theme_it(chat: ChatPage) -> None:
    chat.host.evaluate("(host) => host.style.setProperty('--ecrin-accent', 'rgb(90, 20, 60)')")
    expect(chat.panel.locator("header")).to_have_css("background-color", "rgb(90, 20, 60)")
    expect(chat.launcher).to_have_css("background-color", "rgb(90, 20, 60)")


def test_attributes_change_words_and_place(desktop: ChatPage, gateway: ProtocolServer) -> None:
    gateway.attributes = (
        'data-shop="Ma Boutique" data-title="Aide" data-welcome="Bienvenue !" data-suggestions="Un|Deux" '
        'data-position="left" data-label="Besoin d’aide ?"'
    )
    desktop.goto(f"{gateway.url}/boutique")
    expect(desktop.launcher).to_contain_text("Besoin d’aide ?")
    desktop.open()
    box = desktop.panel.bounding_box()
    assert box
    assert box["x"] < 60
    expect(desktop.host.get_by_role("heading", name="Aide")).to_be_visible()
    expect(desktop.log).to_contain_text("Bienvenue !")
    assert desktop.host.locator(".reply").all_inner_texts() == ["Un", "Deux"]
