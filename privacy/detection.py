"""Finds what identifies a customer: e-mail, phone, IBAN, card, French social security and identity documents.

Libraries decide what is valid (python-stdnum, phonenumbers); the patterns here only say where to look, and also take
what is written in the manner of an IBAN, card or social security number and mistyped: it tells nearly as much.
An order number after the shop's prefix is none of these, however many digits it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import Leniency, NumberParseException, PhoneNumberFormat, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.fr import nir

from privacy.folding import folded
from privacy.kinds import Found, Kind
from shop.identifiers import normalise_email

_REGION = "FR"
_MATCHER_TRIES = 400
"""Places phonenumbers looks at in one text: thousands of loose digits must not hold up a worker."""

_WORTH_LOOKING = re.compile(r"@|\d.*\d|arr?obas|[(\[]\s?at\s?[)\]]|<<", re.IGNORECASE | re.DOTALL)

_AT = re.compile(r"(\s{0,2})(@|[(\[]\s?(?:at|arr?obase?)\s?[)\]]|(?<=\s)arr?obase?(?=\s))(\s{0,2})", re.IGNORECASE)
_DOMAIN = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*")
_SPACED_DOMAIN = re.compile(r"[^\W_][\w-]*(?:\s?\.\s?[^\W_][\w-]*)+")
_WHOLE_DOMAIN = re.compile(r".*\.[^\W\d_]{2,}")
_NO_LOCAL_PART = frozenset(" \n\t\r@<>()[],;:\\\x00")

_IBAN = re.compile(r"[A-Za-z]{2}\s?\d{2}(?:[\s.-]?[A-Za-z0-9]){11,30}")
_IBAN_LETTERS = 15
_IBAN_DIGITS = 10

_NIR = re.compile(
    r"(?<![\d])([1-478])[\s.-]?(\d{2})[\s.-]?(\d{2})[\s.-]?(\d{2}|2[ABab])[\s.-]?(\d{3})[\s.-]?(\d{3})"
    r"(?:[\s./-]{0,3}(?:cl[eé]\s?:?\s?)?(\d{2}))?(?!\d)"
)
_FRENCH_PHONE = re.compile(
    r"(?<!\d)(?:(?:\+|00)[\s.-]?33[\s.-]?(?:\(0\)|0)?[\s.-]?|0)[1-9]([\s._/·-]{0,3})\d{2}(?:\1\d{2}){3}(?!\d)"
)
_DIGITS = re.compile(r"\d(?:[\s.-]?\d){12,40}")
_DIGIT_GROUP = re.compile(r"\d+")
_CARD_LENGTHS = range(13, 20)
_CARD_IN_FOURS = re.compile(r"(?<!\d)[2-6]\d{3}([\s.-])\d{4}\1\d{4}\1\d{4}(?!\d)")

_PASSPORT = re.compile(r"(?<![A-Za-z0-9])\d{2}[A-Za-z]{2}\d{5}(?![A-Za-z0-9])")
_DOCUMENT = re.compile(
    r"(?:passe?port|carte\s+(?:nationale\s+)?d.?\s?identit[eé]|\bcni\b|pi[eè]ce\s+d.?\s?identit[eé]|titre\s+de\s+s[eé]jour"
    r"|permis(?:\s+de\s+conduire)?)",
    re.IGNORECASE,
)
_DOCUMENT_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])(?:\d(?:[\s.-]?\d){7,13}|(?=[A-Za-z]*\d)[A-Za-z0-9]{8,15})(?![A-Za-z0-9])"
)
_DOCUMENT_REACH = 48
"""How far behind the name of a document its number may stand."""
_MACHINE_READABLE = re.compile(r"[A-Z0-9<]*<<[A-Z0-9<]*")


def find(text: str, *, order_prefix: str = "") -> tuple[Found, ...]:
    """Every identifier of a text, in order, none overlapping another."""
    left = folded(text)
    if not _WORTH_LOOKING.search(left):
        return ()
    found: list[Found] = []
    # An e-mail address may have any name, an order number's digits too.
    left = _take(left, _emails(left), found)
    if order_prefix:
        own = re.compile(rf"(?<![A-Za-z0-9]){re.escape(order_prefix)}[\s_.:°-]{{0,3}}\d{{4,10}}(?!\d)", re.IGNORECASE)
        left = own.sub(lambda match: "\x00" * len(match.group()), left)
    for detect in (_ibans, _machine_readable, _social_security, _french_phones, _cards, _phones, _documents):
        left = _take(left, detect(left), found)
    return tuple(sorted(found, key=lambda each: each.start))


def _take(left: str, some: Iterator[Found], found: list[Found]) -> str:
    for each in tuple(some):
        found.append(each)
        left = left[: each.start] + "\x00" * (each.end - each.start) + left[each.end :]
    return left


def _emails(text: str) -> Iterator[Found]:
    free = 0
    for sign in _AT.finditer(text):
        start = _local_part(text, sign.start(), free)
        if start == sign.start():
            continue
        is_tight = sign.group(2) == "@" and not sign.group(1) and not sign.group(3)
        domain = _DOMAIN.match(text, sign.end())
        if domain and not _is_whole(domain):
            spaced = _SPACED_DOMAIN.match(text, sign.end())
            domain = spaced if spaced and _is_whole(spaced) else domain
        if not domain or not (is_tight or _is_whole(domain)):
            continue
        free = domain.end()
        yield Found(Kind.EMAIL, start, free, normalise_email(f"{text[start : sign.start()]}@{domain.group()}"))


def _is_whole(domain: re.Match[str]) -> bool:
    return _WHOLE_DOMAIN.fullmatch("".join(domain.group().split())) is not None


def _local_part(text: str, end: int, free: int) -> int:
    start = end
    if start > free and text[start - 1] == '"':
        opening = text.rfind('"', free, start - 1)
        return opening if opening >= 0 else start
    while start > free and text[start - 1] not in _NO_LOCAL_PART:
        start -= 1
    while start < end and text[start] in "\"'.":
        start += 1
    return start


def _ibans(text: str) -> Iterator[Found]:
    place = 0
    while match := _IBAN.search(text, place):
        end = _iban_end(match) or _iban_like_end(text, match)
        if end is not None:
            yield Found(Kind.IBAN, match.start(), end)
        place = end or match.start() + 1


def _iban_end(match: re.Match[str]) -> int | None:
    """Where the number stops: what follows it may be words."""
    for end in range(match.end(), match.start() + 14, -1):
        if match.string[end - 1].isalnum() and iban.is_valid(match.string[match.start() : end]):
            return end
    return None


def _iban_like_end(text: str, match: re.Match[str]) -> int | None:
    if text[match.start() - 1 : match.start()].isalnum():
        return None
    end = match.end()
    for word in re.finditer(r"[A-Za-z0-9]+", match.group()):
        if word.start() > 1 and not any(char.isdigit() for char in word.group()):
            end = match.start() + word.start()
            break
    kept = [char for char in text[match.start() : end] if char.isalnum()]
    looks = len(kept) >= _IBAN_LETTERS and sum(char.isdigit() for char in kept) >= _IBAN_DIGITS
    return match.start() + len(text[match.start() : end].rstrip(" .-\n\t")) if looks else None


def _machine_readable(text: str) -> Iterator[Found]:
    """The lines at the foot of a passport or identity card."""
    for match in _MACHINE_READABLE.finditer(text):
        if sum(char.isalnum() for char in match.group()) >= 5:
            yield Found(Kind.IDENTITY, *match.span())


def _social_security(text: str) -> Iterator[Found]:
    for match in _NIR.finditer(text):
        digits = "".join(group or "" for group in match.groups())
        is_plausible = match.group(1) in "12" and 1 <= int(match.group(3)) <= 12
        if is_plausible or (match.group(7) and nir.is_valid(digits)):
            yield Found(Kind.SOCIAL_SECURITY, *match.span())


def _french_phones(text: str) -> Iterator[Found]:
    for match in _FRENCH_PHONE.finditer(text):
        yield Found(Kind.PHONE, *match.span(), _e164(match.group()))


def _cards(text: str) -> Iterator[Found]:
    free = 0
    for run in _DIGITS.finditer(text):
        groups = [(run.start() + g.start(), run.start() + g.end()) for g in _DIGIT_GROUP.finditer(run.group())]
        for start, end in _windows(groups):
            digits = re.sub(r"\D", "", text[start:end])
            if start >= free and luhn.is_valid(digits):
                free = end
                yield Found(Kind.CARD, start, end)
        for match in _CARD_IN_FOURS.finditer(text, max(free, run.start()), run.end()):
            yield Found(Kind.CARD, *match.span())


def _windows(groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbouring groups of digits that could be a card together, from the left, the longest first."""
    for first in range(len(groups)):
        sizes: list[tuple[int, int]] = []
        digits = 0
        for start, end in groups[first:]:
            digits += end - start
            if digits in _CARD_LENGTHS:
                sizes.append((groups[first][0], end))
        yield from reversed(sizes)


def _phones(text: str) -> Iterator[Found]:
    for match in PhoneNumberMatcher(text, _REGION, leniency=Leniency.VALID, max_tries=_MATCHER_TRIES):
        value = phonenumbers.format_number(match.number, PhoneNumberFormat.E164)
        yield Found(Kind.PHONE, match.start, match.end, value)


def _documents(text: str) -> Iterator[Found]:
    taken: set[int] = set()
    for match in _PASSPORT.finditer(text):
        taken.add(match.start())
        yield Found(Kind.IDENTITY, *match.span())
    for name in _DOCUMENT.finditer(text):
        number = _DOCUMENT_NUMBER.search(text, name.end(), name.end() + _DOCUMENT_REACH)
        if number and number.start() not in taken:
            taken.add(number.start())
            yield Found(Kind.IDENTITY, *number.span())


def _e164(text: str) -> str | None:
    try:
        number = phonenumbers.parse(re.sub(r"[^\d+]", "", text.replace("(0)", "")), _REGION)
    except NumberParseException:
        return None
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
