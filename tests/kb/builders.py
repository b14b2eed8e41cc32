"""Small text files, broken only where a test needs it."""

from __future__ import annotations

from pathlib import Path

ENTRY = """\
entries:
  authenticity:
    category: "Produit et stock"
    question: "Question ?"
    source: {document: faq.txt, title: "Titre", articles: [L221-18]}
    short: "Court."
    full: "Long."
    passages:
      why: "Parce que."
    outcome_passages:
      too_late: {why: "Trop tard."}
    links:
      - {label: "Contact", url: "{contact.form_url}"}
    related: [promo_code]
"""


def faq_file(folder: Path, text: str = ENTRY) -> Path:
    """A FAQ file of one entry, or of `text`."""
    path = folder / "faq_fr.yaml"
    path.write_text(text, encoding="utf-8")
    return path
