"""One row of an orders file as an `OrderRecord`, with everything that is wrong in it told at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from rapidfuzz import process

from kb.vocabulary import Vocabulary, load_vocabulary
from policies.facts import Carrier, CarrierStatus, ItemFacts, OrderFacts, OrderStatus, PaymentMethod, StockStatus
from shop.identifiers import OrderNumbers, normalise_email, normalise_phone
from shop.located import Cell
from shop.messages import Messages, Place, Problem, load_messages
from shop.records import OrderRecord

ORDER_KEYS = (
    "number", "email", "placed_at", "status", "status_since", "carrier", "tracking_number", "shipped_at",
    "delivered_at", "items", "payment_method", "total", "phone", "customer_name", "country", "carrier_status",
    "return_requested_at", "return_received_at", "refunded_at", "restock_expected", "shipping_fee", "points_earned",
)  # fmt: skip
ITEM_KEYS = ("name", "category", "hygiene_sealed", "opened", "price", "on_sale", "returned", "stock")

_LARGEST_AMOUNT = Decimal(10_000_000)
"""Far above any order, far below what the amount column holds."""

Member = TypeVar("Member", bound=StrEnum)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a row is read with. `zone` is that of instants written without an offset."""

    vocabulary: Vocabulary = field(default_factory=load_vocabulary)
    messages: Messages = field(default_factory=load_messages)
    numbers: OrderNumbers = field(default_factory=OrderNumbers)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))


class Fields:
    """The keys of one mapping, read one by one; what cannot be read becomes a problem and None."""

    def __init__(self, *, reading: Reading, cell: Cell, at: Place, found: list[Problem]) -> None:
        self._reading = reading
        self._at = at
        self._line = cell.line
        self._cells: Mapping[str, Cell] = cell.value if isinstance(cell.value, Mapping) else {}
        self._found = found

    def place(self, key: str) -> Place:
        cell = self._cells.get(key)
        return Place(line=cell.line if cell else self._line, row=self._at.row, number=self._at.number, key=key)

    def complain(self, code: str, key: str, **facts: object) -> None:
        self._found.append(self._reading.messages.problem(code, self.place(key), **facts))

    def unknown_keys(self, known: tuple[str, ...]) -> list[Problem]:
        """One warning a key that is not read, naming the key probably meant."""
        told = []
        for key in self._cells:
            if key in known:
                continue
            near = process.extractOne(key, known, score_cutoff=75)
            code, facts = ("unknown_key_near", {"near": near[0]}) if near else ("unknown_key", {})
            told.append(self._reading.messages.problem(code, self.place(key), **facts))
        return told

    def present(self, key: str) -> bool:
        cell = self._cells.get(key)
        return cell is not None and cell.value not in (None, "")

    def text(self, key: str, *, longest: int, required: bool = False) -> str | None:
        """A plain text without control characters, or None when absent."""
        if not self.present(key):
            if required:
                self.complain("missing_key", key)
            return None
        value = self._cells[key].value
        if not isinstance(value, str) or not 0 < len(value.strip()) <= longest or not value.isprintable():
            self.complain("bad_text", key, longest=longest)
            return None
        return value.strip()

    def read(
        self, key: str, code: str, reader: Callable[[str], Value | None], *, required: bool = False, **facts: object
    ) -> Value | None:
        """A text turned into a value by `reader`, which answers None to what it cannot read."""
        text = self.text(key, longest=320, required=required)
        if text is None:
            return None
        value = reader(text)
        if value is None:
            self.complain(code, key, value=text, **facts)
        return value

    def instant(self, key: str, *, required: bool = False, time_needed: bool = False) -> datetime | None:
        return self.read(key, "bad_instant", lambda text: self._instant(text, time_needed), required=required)

    def day(self, key: str) -> date | None:
        return self.read(key, "bad_date", _day)

    def amount(self, key: str, *, required: bool = False) -> Decimal | None:
        return self.read(key, "bad_amount", _amount, required=required)

    def points(self, key: str) -> int | None:
        return self.read(key, "bad_points", lambda text: int(text) if re.fullmatch(r"[0-9]{1,7}", text) else None)

    def term(self, key: str, kind: type[Member], *, section: str, required: bool = False) -> Member | None:
        """A member of `kind` from its French label, a synonym, a misspelling or its id."""
        vocabulary = self._reading.vocabulary
        choices = ", ".join(term.label for term in vocabulary.terms(section))

        def member(text: str) -> Member | None:
            found = vocabulary.resolve(section, text)
            return None if found is None else kind(found)

        return self.read(key, "unknown_term", member, required=required, choices=choices)

    def flag(self, key: str) -> bool | None:
        """Yes, no, or None for absent, null and « unknown »."""
        if not self.present(key):
            return None
        value = self._cells[key].value
        if isinstance(value, bool):
            return value
        answer = self._reading.vocabulary.resolve("answer", value) if isinstance(value, str) else None
        if answer is None:
            self.complain("bad_flag", key, value=value if isinstance(value, str) else "…")
        return {"yes": True, "no": False}.get(answer or "")

    def country(self, key: str) -> str | None:
        def code(text: str) -> str | None:
            known = self._reading.vocabulary.resolve("country", text) or text
            return known.upper() if re.fullmatch(r"[A-Za-z]{2}", known) else None

        return self.read(key, "bad_country", code)

    def mappings(self, key: str) -> list[Cell]:
        """The mappings of a list, in order."""
        cell = self._cells.get(key)
        rows = cell.value if cell else None
        if not isinstance(rows, tuple) or not rows:
            self.complain("no_items", key)
            return []
        return [row for row in rows if self._is_mapping(row, key)]

    def _is_mapping(self, row: Cell, key: str) -> bool:
        if isinstance(row.value, Mapping):
            return True
        place = Place(line=row.line, row=self._at.row, number=self._at.number, key=key)
        self._found.append(self._reading.messages.problem("not_a_mapping", place))
        return False

    def _instant(self, text: str, time_needed: bool) -> datetime | None:
        if time_needed and _day(text) is not None:
            return None
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            return None
        return read if read.tzinfo else read.replace(tzinfo=self._reading.zone)


def read_row(
    *, reading: Reading, cell: Cell, row: int | None = None
) -> tuple[OrderRecord | None, list[Problem], list[Problem]]:
    """The record of a row (None if anything is wrong), its problems and its warnings."""
    found: list[Problem] = []
    if not isinstance(cell.value, Mapping):
        return None, [reading.messages.problem("not_a_mapping", Place(line=cell.line, row=row))], []
    number_cell = cell.value.get("number")
    number = number_cell.value if number_cell and isinstance(number_cell.value, str) else None
    fields = Fields(reading=reading, cell=cell, at=Place(line=cell.line, row=row, number=number), found=found)
    warnings = fields.unknown_keys(ORDER_KEYS)
    record = _record(reading, fields, found, warnings, Place(row=row, number=number))
    return (None if found else record), found, warnings


def _record(
    reading: Reading, fields: Fields, found: list[Problem], warnings: list[Problem], at: Place
) -> OrderRecord | None:
    numbers = reading.numbers
    number = fields.read(
        "number", "bad_number", numbers.parse, required=True, example=numbers.canonical.format("104233")
    )
    email = fields.read("email", "bad_email", normalise_email, required=True)
    placed_at = fields.instant("placed_at", required=True, time_needed=True)
    status = fields.term("status", OrderStatus, section="order_status", required=True)
    status_since = fields.instant("status_since", required=True)
    payment_method = fields.term("payment_method", PaymentMethod, section="payment_method", required=True)
    total = fields.amount("total", required=True)
    country = fields.country("country") or "FR"
    phone = fields.read("phone", "bad_phone", lambda text: normalise_phone(text, country=country))
    customer_name = fields.text("customer_name", longest=200)
    carrier = fields.term("carrier", Carrier, section="carrier")
    carrier_status = fields.term("carrier_status", CarrierStatus, section="carrier_status")
    tracking_number = fields.text("tracking_number", longest=64)
    shipped_at = fields.instant("shipped_at")
    delivered_at = fields.instant("delivered_at")
    for earlier, first, later, second in (
        ("placed_at", placed_at, "shipped_at", shipped_at),
        ("placed_at", placed_at, "delivered_at", delivered_at),
        ("shipped_at", shipped_at, "delivered_at", delivered_at),
    ):
        if first and second and second < first:
            fields.complain("before", later, earlier=earlier)
    restock_expected = fields.day("restock_expected")
    return_requested_at = fields.instant("return_requested_at")
    return_received_at = fields.instant("return_received_at")
    refunded_at = fields.instant("refunded_at")
    shipping_fee = fields.amount("shipping_fee")
    points_earned = fields.points("points_earned")
    items = [
        _item(Fields(reading=reading, cell=cell, at=at, found=found), reading, warnings)
        for cell in fields.mappings("items")
    ]
    if not (number and email and placed_at and status and status_since and payment_method and total is not None):
        return None
    facts = OrderFacts(
        number=number, placed_at=placed_at, status=status, status_since=status_since, payment_method=payment_method,
        total=total, items=tuple(item for item in items if item), carrier=carrier, carrier_status=carrier_status,
        tracking_number=tracking_number, shipped_at=shipped_at, delivered_at=delivered_at, country=country,
        restock_expected=restock_expected, return_requested_at=return_requested_at,
        return_received_at=return_received_at, refunded_at=refunded_at, shipping_fee=shipping_fee or Decimal(0),
        points_earned=points_earned,
    )  # fmt: skip
    return OrderRecord(facts=facts, email=email, phone=phone, customer_name=customer_name)


def _item(fields: Fields, reading: Reading, warnings: list[Problem]) -> ItemFacts | None:
    """An article. A category outside the vocabulary stays as written: shops may sell anything."""
    warnings.extend(fields.unknown_keys(ITEM_KEYS))
    name = fields.text("name", longest=300, required=True)
    category = fields.text("category", longest=64, required=True)
    sealed, opened = fields.flag("hygiene_sealed"), fields.flag("opened")
    on_sale, returned = fields.flag("on_sale"), fields.flag("returned")
    price = fields.amount("price")
    stock = fields.term("stock", StockStatus, section="stock_status")
    if name is None or category is None:
        return None
    return ItemFacts(
        name=name,
        category=reading.vocabulary.resolve("product_category", category) or category,
        hygiene_sealed=sealed or False,
        opened=opened,
        on_sale=on_sale or False,
        price=price,
        returned=returned or False,
        stock=stock or StockStatus.IN_STOCK,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal("".join(text.split()).removesuffix("€").replace(",", "."))
    except InvalidOperation:
        return None
    if not amount.is_finite() or not 0 <= amount <= _LARGEST_AMOUNT:
        return None
    return amount if amount == amount.quantize(Decimal("0.01")) else None
