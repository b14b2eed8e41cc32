"""Reads `policies/values/*.yaml`: dated, sourced, typed values of the shop.

A file holds one topic; every key holds a list of `{valid_from, value, source: {faq, article?}}`. The entry in force on
a day is the one with the latest `valid_from` not after it. Adding a value: a field in `value_types` and its key here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast, get_args, get_type_hints

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from policies.clock import paris_day
from policies.decision import Fact, Source, Weekday, Weekdays
from policies.errors import ValuesError
from policies.facts import Carrier
from policies.value_types import (
    CarrierValues,
    ChangeValues,
    ContactValues,
    DeliveryValues,
    LegalValues,
    LoyaltyValues,
    PaymentValues,
    PromotionValues,
    ReferralValues,
    RefundValues,
    ReturnValues,
    ShopValues,
    StockValues,
    Values,
)

__all__ = ["DatedValue", "ValueHistory", "Values", "load_values"]

T = TypeVar("T")

_DAYS_REMEMBERED = 32
"""Customers ask today; rehearsals and reports go back some weeks."""

TOPICS: Mapping[str, type] = MappingProxyType(
    {
        "returns": ReturnValues,
        "refunds": RefundValues,
        "changes": ChangeValues,
        "delivery": DeliveryValues,
        "carriers": CarrierValues,
        "stock": StockValues,
        "promotions": PromotionValues,
        "loyalty": LoyaltyValues,
        "referral": ReferralValues,
        "payment": PaymentValues,
        "legal": LegalValues,
        "contact": ContactValues,
        "shop": ShopValues,
    }
)


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One value from one day on, with where it comes from."""

    valid_from: date
    value: Fact
    source: Source


@dataclass(frozen=True, slots=True)
class ValueHistory:
    """All values ever in force, by dotted key, oldest first."""

    entries: Mapping[str, tuple[DatedValue, ...]]
    _of_days: dict[date, Values] = field(default_factory=dict, init=False, repr=False, compare=False)

    def at(self, day: date) -> Values:
        """The values in force on `day` (an instant: its Paris day); ValuesError when one does not exist yet that day."""
        if isinstance(day, datetime):
            day = paris_day(day)
        found = self._of_days.get(day)
        if found is None:
            if len(self._of_days) >= _DAYS_REMEMBERED:
                self._of_days.clear()
            found = self._of_days[day] = self._on(day)
        return found

    def _on(self, day: date) -> Values:
        in_force = {key: _in_force(key, dated, day) for key, dated in self.entries.items()}
        return Values(
            returns=_build(ReturnValues, "returns", in_force),
            refunds=_build(RefundValues, "refunds", in_force),
            changes=_build(ChangeValues, "changes", in_force),
            delivery=_build(DeliveryValues, "delivery", in_force),
            carriers=MappingProxyType(
                {carrier: _build(CarrierValues, f"carriers.{carrier.value}", in_force) for carrier in Carrier}
            ),
            stock=_build(StockValues, "stock", in_force),
            promotions=_build(PromotionValues, "promotions", in_force),
            loyalty=_build(LoyaltyValues, "loyalty", in_force),
            referral=_build(ReferralValues, "referral", in_force),
            payment=_build(PaymentValues, "payment", in_force),
            legal=_build(LegalValues, "legal", in_force),
            contact=_build(ContactValues, "contact", in_force),
            shop=_build(ShopValues, "shop", in_force),
            sources=MappingProxyType({key: dated.source for key, dated in in_force.items()}),
        )


def load_values(directory: Path | None = None) -> ValueHistory:
    """Read and check every topic file of `directory` (by default the shop's own); ValuesError on the first fault."""
    root = directory or Path(__file__).with_name("values")
    entries: dict[str, tuple[DatedValue, ...]] = {}
    for topic, shape in TOPICS.items():
        file = f"{topic}.yaml"
        content = _read(root / file, file)
        groups = {f"{topic}.": content}
        if shape is CarrierValues:
            groups = _carrier_groups(content, file)
        for prefix, keys in groups.items():
            entries |= _topic_entries(shape, prefix, keys, file)
    return ValueHistory(entries=MappingProxyType(entries))


def _read(path: Path, file: str) -> dict[str, object]:
    if not path.is_file():
        raise ValuesError(file=file, key="", mend=f"create the file {path}")
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as fault:
        raise ValuesError(file=file, key="", mend=f"mend the YAML: {fault}") from fault
    return _string_keys(content, file, "")


def _string_keys(content: object, file: str, key: str) -> dict[str, object]:
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise ValuesError(file=file, key=key, mend="write a mapping of keys to lists of dated values")
    return content


def _carrier_groups(content: dict[str, object], file: str) -> dict[str, dict[str, object]]:
    known = {carrier.value for carrier in Carrier}
    for name in sorted(set(content) - known):
        raise ValuesError(file=file, key=name, mend=f"use one of {sorted(known)}")
    for name in sorted(known - set(content)):
        raise ValuesError(file=file, key=name, mend="add this carrier")
    return {f"carriers.{name}.": _string_keys(keys, file, name) for name, keys in content.items()}


def _topic_entries(shape: type, prefix: str, keys: dict[str, object], file: str) -> dict[str, tuple[DatedValue, ...]]:
    hints = get_type_hints(shape)
    required = {part.name for part in fields(shape) if part.default is MISSING}
    for name in sorted(set(keys) - set(hints)):
        raise ValuesError(file=file, key=prefix + name, mend=f"remove it, or use one of {sorted(hints)}")
    for name in sorted(required - set(keys)):
        raise ValuesError(file=file, key=prefix + name, mend="add it with valid_from, value and source")
    return {prefix + name: _dated_values(raw, hints[name], file, prefix + name) for name, raw in keys.items()}


def _dated_values(raw: object, hint: Any, file: str, key: str) -> tuple[DatedValue, ...]:
    if not isinstance(raw, list) or not raw:
        raise ValuesError(file=file, key=key, mend="write a list of {valid_from, value, source}")
    dated = tuple(_dated_value(item, hint, file, key) for item in raw)
    days = [entry.valid_from for entry in dated]
    if days != sorted(set(days)):
        raise ValuesError(file=file, key=key, mend="order the entries by valid_from, each date once")
    return dated


def _dated_value(item: object, hint: Any, file: str, key: str) -> DatedValue:
    if not isinstance(item, dict) or set(item) != {"valid_from", "value", "source"}:
        raise ValuesError(file=file, key=key, mend="give exactly valid_from, value and source")
    valid_from = item["valid_from"]
    if not isinstance(valid_from, date) or isinstance(valid_from, datetime):
        raise ValuesError(file=file, key=key, mend="write valid_from as a date, like 2020-01-01")
    return DatedValue(
        valid_from=valid_from, value=_convert(item["value"], hint, file, key), source=_source(item["source"], file, key)
    )


def _source(raw: object, file: str, key: str) -> Source:
    if not isinstance(raw, dict) or not {"faq"} <= set(raw) <= {"faq", "article"}:
        raise ValuesError(file=file, key=key, mend="write source as {faq: <entry id>} or {faq: …, article: …}")
    if not all(isinstance(text, str) and text for text in raw.values()):
        raise ValuesError(file=file, key=key, mend="write faq and article of source as text")
    return Source(**raw)


def _text(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("text in quotes")
    return raw


def _count(raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 0:
        raise ValueError("a whole number, not negative, without quotes")
    return raw


def _amount(raw: object) -> Decimal:
    """Text only: a YAML float has already lost the cents' exactness."""
    try:
        amount = Decimal(raw) if isinstance(raw, str) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise ValueError('an amount in quotes, not negative, like "12.50"')
    return amount


def _hour(raw: object) -> time:
    try:
        hour = time.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        hour = None
    if hour is None or hour.tzinfo is not None:
        raise ValueError('a Paris time in quotes, like "09:15"')
    return hour


def _weekdays(raw: object) -> Weekdays:
    names = {day.name.lower(): day for day in Weekday}
    if not isinstance(raw, list) or not raw or not all(isinstance(name, str) and name in names for name in raw):
        raise ValueError("a list of days in English, like [monday, tuesday, friday]")
    return Weekdays(tuple(sorted({names[name] for name in raw})))


CONVERTERS: Mapping[type, Callable[[object], Fact]] = MappingProxyType(
    {str: _text, int: _count, Decimal: _amount, time: _hour, Weekdays: _weekdays}
)


def _convert(raw: object, hint: Any, file: str, key: str) -> Fact:
    kind = next((arm for arm in get_args(hint) if arm is not type(None)), hint)
    try:
        return CONVERTERS[kind](raw)
    except ValueError as wanted:
        raise ValuesError(file=file, key=key, mend=f"write {wanted}; found {raw!r}") from wanted


def _in_force(key: str, dated: tuple[DatedValue, ...], day: date) -> DatedValue:
    current = [entry for entry in dated if entry.valid_from <= day]
    if not current:
        file = f"{key.partition('.')[0]}.yaml"
        raise ValuesError(file=file, key=key, mend=f"add an entry in force on {day.isoformat()}")
    return current[-1]


def _build(shape: Callable[..., T], prefix: str, in_force: Mapping[str, DatedValue]) -> T:
    names = (part.name for part in fields(cast("Any", shape)) if f"{prefix}.{part.name}" in in_force)
    return shape(**{name: in_force[f"{prefix}.{name}"].value for name in names})
