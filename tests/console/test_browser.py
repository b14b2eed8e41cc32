"""The console in Chromium over the real bot: every task, and axe on every page."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from gateway.clock import utc_now
from gateway.console import users
from gateway.console.faq import editing
from gateway.console.tables import Role
from gateway.store.database import open_database
from kb.faq import DEFAULT_PATH, load_faq
from tests.e2e.conftest import LAUNCH_FLAGS

PASSWORD = "une phrase facile à retenir"
PAGES = (
    "",
    "/conversations",
    "/queue",
    "/teach",
    "/faq",
    "/faq/cancel_order",
    "/faq/import",
    "/regressions",
    "/numbers",
    "/people",
    "/keys",
    "/privacy",
    "/audit",
    "/password",
)

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Site:
    """A running installation."""

    url: str
    database: str

    def says(self, *texts: str) -> str:
        """A customer writes in the widget; the conversation's id."""
        with httpx.Client(base_url=self.url, timeout=20) as client:
            opened = client.post("/api/widget/conversations", json={}).json()
            headers = {"Authorization": f"Bearer {opened['token']}"}
            for text in texts:
                body = {"id": str(uuid.uuid4()), "text": text}
                assert client.post("/api/widget/messages", json=body, headers=headers).status_code == 202
        return str(opened["conversation"])


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Site:
    """The stack of the test run; `ECRIN_SITE` and `ECRIN_SITE_DATABASE` name one that runs already."""
    if "ECRIN_SITE" in os.environ and "ECRIN_SITE_DATABASE" in os.environ:
        return Site(url=os.environ["ECRIN_SITE"], database=os.environ["ECRIN_SITE_DATABASE"])
    stack = request.getfixturevalue("stack")
    return Site(url=stack.gateway_url, database=stack.settings.gateway_database)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium from PATH, else the one Playwright brings."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=LAUNCH_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A lead, logged in with the one-time password and a password of their own; a script error fails the test."""
    name = f"lead-{secrets.token_hex(4)}"
    database = open_database(site.database)
    with database.writing() as session:
        one_time = users.create(session, name=name, role=Role.LEAD, actor="test", now=utc_now())
    database.close()
    context = browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": 1280, "height": 800},
        permissions=["clipboard-read", "clipboard-write"],
    )
    opened = context.new_page()
    opened.set_default_timeout(15000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
    opened.goto(f"{site.url}/console")
    assert_no_violation(opened)
    opened.get_by_label("Identifiant").fill(name)
    opened.get_by_label("Mot de passe").fill(one_time)
    opened.keyboard.press("Enter")
    opened.get_by_label("Mot de passe actuel").fill(one_time)
    opened.get_by_label("Nouveau mot de passe", exact=True).fill(PASSWORD)
    opened.get_by_label("Nouveau mot de passe, encore une fois").fill(PASSWORD)
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("heading", name="Aperçu d’une réponse")).to_be_visible()
    yield opened
    context.close()
    assert errors == []


def assert_no_violation(page: Page) -> None:
    """Runs axe over the whole page."""
    violations = Axe().run(page).response["violations"]
    found = [(rule["id"], node["target"], node["failureSummary"]) for rule in violations for node in rule["nodes"]]
    assert found == []


@pytest.fixture
def go(page: Page, site: Site) -> Callable[[str], Page]:
    """Opens a page of the console."""

    def to(path: str) -> Page:
        page.goto(f"{site.url}/console{path}")
        return page

    return to


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(go: Callable[[str], Page], path: str, width: int) -> None:
    page = go(path)
    page.set_viewport_size({"width": width, "height": 800})
    assert_no_violation(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert wide <= width


def test_what_if_it_were_five_past_one(go: Callable[[str], Page]) -> None:
    page = go("")
    page.get_by_label("Message du client").fill("je veux annuler ma commande")
    page.get_by_label("Heure (Paris)").fill("13:05")
    page.get_by_label("Commande").fill("BJ-900102")
    page.get_by_label("E-mail de l’achat").fill("come.lestrade@example.fr")
    page.get_by_role("button", name="Voir la réponse").click()
    why = page.get_by_role("complementary", name="Pourquoi cette réponse")
    expect(why).to_contain_text("Comment annuler ma commande")
    expect(why).to_contain_text(re.compile("trop tard de 5\\s?minutes"))
    expect(why).to_contain_text("Ce qui changerait la décision")
    expect(page.locator(".phone")).to_have_count(3)
    assert_no_violation(page)
    page.get_by_role("button", name="Copier la réponse pour WhatsApp").click()
    expect(page.get_by_role("button", name="Copier la réponse pour WhatsApp")).to_have_text("Copié")
    shown = page.locator(".phone.whatsapp .said").first.inner_text()
    assert page.evaluate("navigator.clipboard.readText()").split() == shown.split()
    why.get_by_role("link", name="Comment annuler").first.click()
    expect(page.get_by_role("heading", name="Comment annuler")).to_be_visible()


def test_take_over_reply_and_give_back(go: Callable[[str], Page], site: Site) -> None:
    conversation = site.says("je veux parler à un conseiller")
    page = go("/queue")
    row = page.locator(".queue li").filter(has_text="je veux parler à un conseiller").last
    expect(row).to_contain_text("moins d’une minute")
    expect(page.locator(".bar .count")).to_contain_text(re.compile("[0-9]"), timeout=20_000)
    row.get_by_role("link").click()
    assert conversation in page.url
    page.get_by_role("button", name="Prendre en charge").click()
    page.get_by_label("Votre réponse au client").fill("Bonjour, que puis-je faire pour vous ?")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator(".lines .bubble.agent")).to_have_text("Bonjour, que puis-je faire pour vous ?")
    assert_no_violation(page)
    page.get_by_role("button", name="Rendre à l’assistant").click()
    expect(page.get_by_role("button", name="Prendre en charge")).to_be_visible()


def test_a_conversation_is_live_and_a_wrong_reply_is_taught(go: Callable[[str], Page], site: Site) -> None:
    conversation = site.says("quel est le délai pour retourner un article ?")
    page = go(f"/conversations/{conversation}")
    expect(page.locator(".lines .bubble.assistant")).to_have_count(1, timeout=20000)
    page.locator("summary").filter(has_text="Fausse…").click()
    page.get_by_label("La bonne entrée était").select_option("refund_status")
    page.get_by_role("button", name=re.compile("Juger fausse")).click()
    expect(page.locator(".lines")).to_contain_text("jugée fausse")
    page = go("/teach")
    mark = page.locator("section.panel").filter(has_text="voir la conversation").last
    mark.get_by_role("button", name="Accepter").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter pour data/nlu.yml").click()
    assert "- intent: refund_status" in download.value.path().read_text(encoding="utf-8")


def test_a_faulty_text_is_refused_with_its_reason(go: Callable[[str], Page]) -> None:
    page = go("/faq/size_guide/edit?path=short")
    page.get_by_label("Texte").fill("Tu as 14 jours.")
    page.get_by_role("button", name="Vérifier et comparer").click()
    expect(page.get_by_role("alert")).to_contain_text("corrigez ces points")
    expect(page.get_by_role("button", name="Publier")).to_have_count(0)
    assert_no_violation(page)
    page.get_by_label("Texte").fill("Nos guides des tailles sont sur chaque fiche produit.")
    page.get_by_role("button", name="Vérifier et comparer").click()
    expect(page.get_by_role("button", name="Publier")).to_be_visible()
    expect(page.locator("ins").first).to_be_visible()
    assert_no_violation(page)


def tab_to(wanted: Locator, *, most: int = 60) -> None:
    """Press Tab until it has the focus."""
    for _ in range(most):
        if wanted.evaluate("element => element === document.activeElement"):
            break
        wanted.page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


@pytest.fixture
def texts() -> Iterator[Path]:
    """The file of texts, put back as it was."""
    before = DEFAULT_PATH.read_bytes()
    yield DEFAULT_PATH
    DEFAULT_PATH.write_bytes(before)


def test_a_conversation_is_kept_and_tells_what_a_new_text_would_change(
    go: Callable[[str], Page], site: Site, texts: Path
) -> None:
    original = texts.read_bytes()
    conversation = site.says("comment connaître ma taille de bague ?")
    page = go(f"/conversations/{conversation}")
    expect(page.locator(".lines .bubble.assistant")).to_have_count(1, timeout=20000)
    page.get_by_role("button", name="Garder comme témoin").click()
    name = f"taille-{secrets.token_hex(3)}"
    page.get_by_label("Nom").fill(name)
    assert_no_violation(page)
    page.get_by_role("button", name="Garder", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("est gardée")
    page.get_by_role("link", name=name).click()
    expect(page.locator(".phone .bubble.assistant")).to_be_visible()
    assert_no_violation(page)
    page = go("/faq/size_guide/edit?path=short")
    page.get_by_label("Texte").fill(page.get_by_label("Texte").input_value() + "\n\nBonne visite.")
    page.get_by_role("button", name="Vérifier et comparer").click()
    changed = page.get_by_role("region", name=f"{name}, message 1")
    expect(changed.locator("ins").last).to_contain_text("visite", timeout=30000)
    changed.get_by_text("Pourquoi cette réponse").first.click()
    expect(changed.get_by_role("complementary")).to_contain_text("taille")
    assert_no_violation(page)
    assert texts.read_bytes() == original
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("status").first).to_contain_text("Texte publié")
    assert "Bonne visite." in texts.read_text(encoding="utf-8")
    page = go("")
    page.get_by_label("Message du client").fill("comment connaître ma taille de bague ?")
    page.get_by_role("button", name="Voir la réponse").click()
    expect(page.locator(".phone.widget .said").first).to_contain_text("Bonne visite.")
    page = go("/faq/size_guide")
    page.get_by_role("button", name=re.compile("Rétablir le texte")).first.click()
    expect(page.get_by_role("status").first).to_contain_text("Texte publié")
    assert "Bonne visite." not in texts.read_text(encoding="utf-8")


def test_the_file_of_texts_is_exported_and_imported(go: Callable[[str], Page], texts: Path, tmp_path: Path) -> None:
    page = go("/faq")
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter le fichier").click()
    file = tmp_path / "faq_fr.yaml"
    file.write_bytes(download.value.path().read_bytes())
    assert file.read_bytes() == texts.read_bytes()
    before = load_faq(texts).entries["size_guide"].short
    content = editing.replaced(file.read_text("utf-8"), entry="size_guide", path="short", text=f"{before} Au plaisir.")
    file.write_text(content, encoding="utf-8")
    page.get_by_role("link", name="Importer un fichier").click()
    page.get_by_label("Fichier YAML").set_input_files(file)
    page.get_by_role("button", name="Vérifier et comparer").click()
    expect(page.locator("ins").first).to_contain_text("Au plaisir.")
    assert_no_violation(page)
    page.get_by_role("button", name="Publier ce fichier").click()
    expect(page.get_by_role("status").first).to_contain_text("Fichier publié")
    assert texts.read_text(encoding="utf-8") == content


def test_a_preview_of_a_whole_conversation_is_kept(go: Callable[[str], Page]) -> None:
    page = go("")
    page.get_by_label("Message du client").fill("je veux annuler ma commande\n\net je serai remboursé quand ?")
    page.get_by_label("Commande").fill("BJ-900102")
    page.get_by_label("E-mail de l’achat").fill("come.lestrade@example.fr")
    page.get_by_role("button", name="Voir la réponse").click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").nth(1).locator(".phone")).to_have_count(3)
    page.get_by_role("button", name="Garder comme conversation témoin").click()
    expect(page.get_by_label("Message 2 du client")).to_have_value("et je serai remboursé quand ?")
    expect(page.locator("main")).not_to_contain_text("900102")
    name = f"annulation-{secrets.token_hex(3)}"
    page.get_by_label("Nom").fill(name)
    page.get_by_role("button", name="Garder", exact=True).click()
    page.get_by_role("link", name=name).click()
    expect(page.locator(".why").first).to_contain_text("Règle appliquée")


def test_a_key_is_made_and_ended(go: Callable[[str], Page], site: Site) -> None:
    page = go("/keys")
    page.get_by_label("À quoi elle sert").fill("essai du navigateur")
    page.get_by_role("button", name="Créer la clé").click()
    key = page.locator("code.secret").inner_text()
    asked = {
        "url": f"{site.url}/api/preview",
        "json": {"text": "bonjour"},
        "headers": {"Authorization": f"Bearer {key}"},
    }
    assert httpx.post(**asked, timeout=20).status_code == 200
    page = go("/keys")
    row = page.get_by_role("row").filter(has_text=key[:12])
    expect(row).not_to_contain_text("jamais")
    assert_no_violation(page)
    row.get_by_role("button", name="Révoquer").click()
    expect(page.get_by_role("status").first).to_contain_text("n’ouvre plus rien")
    assert httpx.post(**asked, timeout=20).status_code == 401


def test_a_conversation_is_searched_and_read_without_a_mouse(go: Callable[[str], Page], site: Site) -> None:
    word = f"opaline{secrets.token_hex(3)}"
    site.says(f"une bague {word} ?")
    page = go("/conversations")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Mots")).to_be_focused()
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    expect(page.locator(".talks > li")).to_have_count(1)
    tab_to(page.locator(".talks a"))
    page.keyboard.press("Enter")
    expect(page.locator(".lines .bubble.customer")).to_contain_text(word)
    tab_to(page.get_by_role("button", name="Prendre en charge"))
    page.keyboard.press("Enter")
    tab_to(page.get_by_label("Votre réponse au client"))
    page.keyboard.type("Bonjour !")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".lines .bubble.agent")).to_have_text("Bonjour !")


def test_numbers_are_exported(go: Callable[[str], Page], site: Site) -> None:
    site.says("bonjour")
    page = go("/numbers")
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter (CSV)").click()
    assert "total_conversations" in download.value.path().read_text(encoding="utf-8")
