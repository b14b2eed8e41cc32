"""What the widget's files promise without a browser: sizes, texts, the demo's orders."""

from __future__ import annotations

import gzip
import html
import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
WIDGET = ROOT / "widget"
LOADED = [file for file in sorted(WIDGET.iterdir()) if file.suffix in {".js", ".css", ".json"} and file.stem != "demo"]

MODULES = [file for file in LOADED if file.suffix == ".js" and file.name != "launcher.js"]
RUNS_TEXT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment"
)


def packed(file: Path) -> int:
    """Its size as it travels."""
    return len(gzip.compress(file.read_bytes(), compresslevel=6))


def test_the_launcher_is_at_most_5_kb() -> None:
    assert packed(WIDGET / "launcher.js") <= 5 * 1024


def test_all_of_the_widget_is_at_most_40_kb() -> None:
    assert sum(packed(file) for file in LOADED) <= 40 * 1024


def test_the_launcher_says_what_the_texts_say() -> None:
    texts = json.loads((WIDGET / "texts_fr.json").read_text("utf-8"))["launcher"]
    source = (WIDGET / "launcher.js").read_text("utf-8")
    block = source[source.index("const TEXTS = {") : source.index("};", source.index("const TEXTS = {"))]
    assert dict(re.findall(r"(\w+): '([^']*)'", block)) == texts


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.name)
def test_no_french_stands_in_the_code(file: Path) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", file.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"[àâçéèêëîïôûùœ’«»]", code, flags=re.IGNORECASE)


@pytest.mark.parametrize("file", LOADED, ids=lambda file: file.name)
def test_nothing_parses_html_or_runs_text(file: Path) -> None:
    assert not RUNS_TEXT.search(file.read_text("utf-8"))


def test_apostrophes_are_typographic() -> None:
    demo = re.sub(r"<svg.*?</svg>", "", (WIDGET / "demo.html").read_text("utf-8"), flags=re.DOTALL)
    for page in ((WIDGET / "texts_fr.json").read_text("utf-8"), demo):
        assert not re.search(r"\w'\w", page)
        assert not re.search(r"\b(tu|toi|ton|tes)\b(?! es un robot)", page)


def test_the_demo_names_orders_of_the_demo_shop() -> None:
    page = html.unescape((WIDGET / "demo.html").read_text("utf-8"))
    named = set(re.findall(r"<td>(BJ-\d+)</td><td>([^<]+@[^<]+)</td>", page))
    orders = YAML(typ="safe", pure=True).load((ROOT / "shop" / "demo_orders.yaml").read_text("utf-8"))["orders"]
    assert len(named) == 6
    assert named <= {(order["number"], order["email"]) for order in orders}
    for number, email in named:
        assert re.search(rf'data-ecrin-ask="[^"]*{number}[^"]*{re.escape(email)}', page)
