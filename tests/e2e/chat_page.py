"""The widget as a customer meets it: the words of the tests."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"


class ChatPage:
    """One page with the widget. Locators reach into its shadow tree."""

    def __init__(self, page: Page) -> None:
        self.page = page
        host = page.locator("ecrin-chat")
        self.launcher = host.locator("button.launcher")
        self.badge = host.locator(".badge")
        self.panel = host.locator("dialog")
        self.log = host.get_by_role("log")
        self.input = host.get_by_label("Votre message")
        self.send_button = host.get_by_role("button", name="Envoyer", exact=True)
        self.messages = host.locator(".message:not(:first-child)")
        self.answers = host.locator(".message.answer:not(:first-child)")
        self.own = host.locator(".message.customer")
        self.dots = host.locator(".dots")
        self.notice = host.locator(".notice")
        self.menu_button = host.get_by_role("button", name="Options du chat")
        self.rating = host.get_by_role("group", name="Avez-vous obtenu votre réponse ?")
        self.host = host

    def goto(self, url: str) -> ChatPage:
        """Opens the page and waits for the launcher."""
        self.page.goto(url)
        expect(self.launcher).to_be_visible()
        return self

    def open(self) -> ChatPage:
        """Clicks the launcher."""
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def say(self, text: str) -> ChatPage:
        """Types and sends."""
        self.input.fill(text)
        self.input.press("Enter")
        return self

    def ask(self, text: str, *, timeout: float = 10_000) -> Locator:
        """Says `text` and returns the next answer."""
        before = self.answers.count()
        self.say(text)
        expect(self.answers).not_to_have_count(before, timeout=timeout)
        return self.answers.nth(before)

    def choose(self, item: str) -> ChatPage:
        """Picks an entry of the options."""
        self.menu_button.click()
        self.host.get_by_role("button", name=item).first.click()
        return self

    def button(self, name: str) -> Locator:
        """A button of the panel by its exact name."""
        return self.host.get_by_role("button", name=name, exact=True)

    def texts(self) -> list[str]:
        """What every message after the greeting says, in order."""
        return self.host.locator(".message:not(:first-child) .bubble").all_inner_texts()

    def screenshot(self, name: str) -> None:
        """Keeps the page as `build/screenshots/<name>.png`."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.wait_for_timeout(350)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
