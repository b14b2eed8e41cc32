"""Takes identifiers out of what a customer wrote, before anything is stored or logged."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from privacy.detection import find
from privacy.kinds import Found, Kind
from privacy.pseudonyms import PATTERN, Pseudonyms
from shop.identifiers import normalise_email, normalise_phone

_LABELS = Path(__file__).with_name("labels_fr.yaml")
_MARK = re.compile(rf"<({'|'.join(Kind)})>")
_CONTINUES = re.compile(r"\s?\.\s?\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """A message in the two forms that may be kept, and the pseudonyms of the e-mails given in it, in order.

    `shown` is for people. `read` is for the bot: an e-mail is its pseudonym, which the order check compares; all else is
    a mark in angle brackets, which the bot's normaliser leaves out as it does with any identifier.
    """

    shown: str
    read: str
    emails: tuple[str, ...] = ()


@cache
def labels() -> Mapping[Kind, str]:
    """What people read instead."""
    raw = YAML(typ="safe", pure=True).load(_LABELS.read_text(encoding="utf-8"))
    return {kind: str(raw[kind]) for kind in Kind}


@dataclass(frozen=True, slots=True, kw_only=True)
class Redactor:
    """Redacts for one shop: its secret, and the prefix that makes digits an order number."""

    pseudonyms: Pseudonyms
    order_prefix: str

    def __call__(self, text: str) -> Redacted:
        """Both forms of a customer's message."""
        found = find(text, order_prefix=self.order_prefix)
        if not found:
            return Redacted(shown=text, read=text)
        emails = [self.pseudonyms.email(each.value) for each in found if each.kind == Kind.EMAIL and each.value]
        return Redacted(
            shown=_replaced(text, found, lambda each: labels()[each.kind]),
            read=_replaced(text, found, lambda each: self._read(each, text)),
            emails=tuple(dict.fromkeys(emails)),
        )

    def for_people(self, text: str, *, published: Collection[str] = ()) -> str:
        """A text as people may read it; `published` are the shop's own e-mails and phones, which stay."""
        return for_people(text, order_prefix=self.order_prefix, published=published)

    def email(self, address: str) -> str | None:
        """The pseudonym of an address, however it is spelled; None for what is none."""
        known = normalise_email(address)
        return self.pseudonyms.email(known) if known else None

    def phone(self, number: str) -> str | None:
        """The pseudonym of a phone number, however it is spelled; None for what is none."""
        known = normalise_phone(number)
        return self.pseudonyms.phone(known) if known else None

    def _read(self, each: Found, text: str) -> str:
        if each.kind != Kind.EMAIL or each.value is None:
            return f"<{each.kind}>"
        # The bot allows for spaces around the dots of an address: one sentence must not become part of another's.
        gap = "  " if _CONTINUES.match(text, each.end) else ""
        return self.pseudonyms.email(each.value) + gap


def for_people(text: str, *, order_prefix: str = "", published: Collection[str] = ()) -> str:
    """A text with a label in place of every identifier that is not `published`."""
    found = tuple(each for each in find(text, order_prefix=order_prefix) if each.value not in published)
    return _replaced(text, found, lambda each: labels()[each.kind])


def for_people_deep(value: Any) -> Any:
    """The same for every text of a JSON value."""
    return _deep(value, for_people)


def without_marks(value: Any) -> Any:
    """What the bot says of a message (its trace) with marks and pseudonyms as people read them."""
    return _deep(value, _labelled)


def _labelled(text: str) -> str:
    text = PATTERN.sub(lambda match: labels()[_kind_of(match.group())], text)
    return _MARK.sub(lambda match: labels()[Kind(match.group(1))], text)


def _deep(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _deep(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_deep(inner, change) for inner in value]
    return value


def _kind_of(pseudonym: str) -> Kind:
    return Kind.EMAIL if pseudonym.endswith("@e.invalid") else Kind.PHONE


def _replaced(text: str, found: tuple[Found, ...], instead: Callable[[Found], str]) -> str:
    parts: list[str] = []
    free = 0
    for each in found:
        parts += [text[free : each.start], instead(each)]
        free = each.end
    return "".join([*parts, text[free:]])
