"""One character for one: what looks like an ASCII letter, digit or sign becomes it, and offsets stay true."""

from __future__ import annotations

import unicodedata

_SPACES = frozenset("\u00a0\u202f\u2009\u2007\u2008\u200a\u2002\u2003\u2004\u2005\u2006\u3000\t")
_DASHES = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212")


def folded(text: str) -> str:
    """`text` with full-width and foreign digits, spaces and dashes as plain ones; the same length."""
    return text if text.isascii() else "".join(_plain(char) for char in text)


def _plain(char: str) -> str:
    if char.isascii():
        return char
    if char in _SPACES:
        return " "
    if char in _DASHES:
        return "-"
    digit = unicodedata.digit(char, None)
    if digit is not None and unicodedata.category(char) == "Nd":
        return str(digit)
    compatible = unicodedata.normalize("NFKC", char)
    return compatible if len(compatible) == 1 else char
