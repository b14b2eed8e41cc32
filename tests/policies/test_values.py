"""The values: what the FAQ publishes, dated, sourced, and refused with a clear word when a file is wrong."""

from __future__ import annotations

import re
import shutil
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

import policies
from policies.clock import paris
from policies.errors import NaiveInstantError, PolicyError, ValuesError
from policies.facts import Carrier
from policies.returns import last_return_day
from policies.values import load_values
from tests.policies.builders import at, shop_values

ROOM = Path(policies.__file__).parent


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of the shop's value files to break."""
    return Path(shutil.copytree(ROOM / "values", tmp_path / "values"))


def edit(directory: Path, file: str, old: str, new: str) -> None:
    path = directory / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


PUBLISHED = {
    "returns.window_days": 14,
    "refunds.due_days": 14,
    "refunds.arrival_days_min": 3,
    "refunds.arrival_days_max": 5,
    "changes.cutoff": time(13),
    "changes.example_ordered_at": time(10),
    "changes.example_contacted_at": time(13, 5),
    "delivery.ready_overdue_days": 7,
    "delivery.trackable_after_days": 1,
    "carriers.la_poste.delay_days_min": 2,
    "carriers.la_poste.delay_days_max": 4,
    "carriers.la_poste.phone": "3631",
    "carriers.lettre_suivie.delay_days_min": 2,
    "carriers.lettre_suivie.delay_days_max": 4,
    "carriers.lettre_suivie.phone": "3631",
    "carriers.chronopost.delay_hours": 24,
    "carriers.chronopost.delay_days_europe": 3,
    "carriers.chronopost.phone": "0 825 801 801",
    "carriers.mondial_relay.delay_days_max": 5,
    "carriers.mondial_relay.phone": "09 69 32 23 32",
    "stock.status_count": 3,
    "promotions.max_uses": 1,
    "loyalty.credit_delay_days": 7,
    "loyalty.validity_days": 90,
    "referral.threshold": Decimal(60),
    "referral.reward_below": Decimal(4),
    "referral.reward_above": Decimal(8),
    "payment.instalments_3x_count": 3,
    "payment.instalments_3x_fee": Decimal(0),
    "payment.instalments_4x_count": 4,
    "payment.instalments_4x_fee": Decimal("17.56"),
    "payment.transfer_days": 30,
    "payment.security_code_digits": 3,
    "legal.hygiene_article": "L221-28",
    "legal.false_statement_article": "441-7",
    "legal.false_statement_fine": Decimal(15000),
    "legal.false_statement_prison_years": 1,
}


@pytest.mark.parametrize("key", PUBLISHED)
def test_the_published_values(key: str) -> None:
    assert shop_values().flat()[key] == PUBLISHED[key]


def test_every_value_has_a_source() -> None:
    values = shop_values()
    assert set(values.flat()) == set(values.sources)


def test_what_the_faq_does_not_publish_is_marked_as_a_setting_of_the_shop() -> None:
    values = shop_values()
    settings = {key for key, source in values.sources.items() if source.faq == "shop_setting"}
    assert {key for key in values.sources if key.startswith("contact.")} <= settings
    assert settings.isdisjoint(PUBLISHED)


def test_carriers_are_typed() -> None:
    carrier = shop_values().carriers[Carrier.CHRONOPOST]
    assert (carrier.delay_hours, carrier.delay_days_max, carrier.phone) == (24, None, "0 825 801 801")


@pytest.mark.parametrize(
    ("day", "window", "last_day"),
    [
        (date(2026, 12, 31), 14, date(2025, 9, 25)),
        (date(2027, 1, 1), 30, date(2025, 10, 13)),
        (date(2027, 1, 2), 30, date(2025, 10, 13)),
    ],
)
def test_a_change_takes_effect_on_its_day(directory: Path, day: date, window: int, last_day: date) -> None:
    """30 days from 11 September is Saturday 11 October: Monday 13."""
    new = "  - {valid_from: 2027-01-01, value: 30, source: {faq: return_order}}\n\ncarrier_relay:"
    edit(directory, "returns.yaml", "\ncarrier_relay:", new)
    values = load_values(directory).at(day)
    assert values.returns.window_days == window
    assert last_return_day(delivered_at=at("2025-09-11 14:20"), values=values) == last_day


def test_an_instant_picks_its_paris_day(directory: Path) -> None:
    edit(
        directory,
        "stock.yaml",
        "source: {faq: out_of_stock}",
        "source: {faq: out_of_stock}\n  - {valid_from: 2027-01-01, value: 4, source: {faq: out_of_stock}}",
    )
    history = load_values(directory)
    assert history.at(at("2026-12-31T22:59:59Z")).stock.status_count == 3
    assert history.at(at("2026-12-31T23:00:00Z")).stock.status_count == 4


def test_a_day_before_the_first_value_is_refused() -> None:
    with pytest.raises(ValuesError, match="add an entry in force on 2001-01-01"):
        load_values().at(date(2001, 1, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "mend"),
    [
        ("returns.yaml", "value: 14", 'value: "14"', "returns.window_days", "a whole number"),
        ("returns.yaml", "value: 14", "value: -1", "returns.window_days", "a whole number"),
        ("returns.yaml", "value: 14", "value: true", "returns.window_days", "a whole number"),
        ("payment.yaml", 'value: "17.56"', "value: 17.56", "payment.instalments_4x_fee", "an amount in quotes"),
        ("payment.yaml", 'value: "17.56"', 'value: "17,56"', "payment.instalments_4x_fee", "an amount in quotes"),
        ("changes.yaml", 'value: "13:00"', 'value: "13 h"', "changes.cutoff", "a Paris time in quotes"),
        ("changes.yaml", 'value: "13:00"', 'value: "13:00+02:00"', "changes.cutoff", "a Paris time in quotes"),
        ("shop.yaml", 'value: "Bijourama"', 'value: ""', "shop.name", "text in quotes"),
        ("returns.yaml", "window_days:", "windows_days:", "returns.windows_days", "remove it, or use one of"),
        ("stock.yaml", "status_count:", "status_count2:", "stock.status_count2", "remove it"),
        ("carriers.yaml", "chronopost:", "fedex:", "fedex", "use one of"),
        ("loyalty.yaml", "valid_from: 2020-01-01", "since: 2020-01-01", "loyalty.credit_delay_days", "give exactly"),
        ("loyalty.yaml", "valid_from: 2020-01-01", "valid_from: soon", "loyalty.credit_delay_days", "as a date"),
        ("loyalty.yaml", "{faq: loyalty_points}", "{article: L1}", "loyalty.credit_delay_days", "write source"),
        ("loyalty.yaml", "{faq: loyalty_points}", "{faq: 3}", "loyalty.credit_delay_days", "as text"),
        ("referral.yaml", "threshold:\n", "threshold: 60\nreward:\n", "referral.reward", "remove it"),
    ],
)
def test_a_wrong_file_names_the_key_and_the_mend(
    directory: Path, file: str, old: str, new: str, key: str, mend: str
) -> None:
    edit(directory, file, old, new)
    with pytest.raises(ValuesError) as caught:
        load_values(directory)
    assert (caught.value.file, caught.value.key) == (file, key)
    assert mend in caught.value.mend


def two_counts(first: str, second: str) -> str:
    line = "  - {{valid_from: {}, value: 3, source: {{faq: x}}}}\n"
    return "status_count:\n" + line.format(first) + line.format(second)


@pytest.mark.parametrize(
    ("content", "mend"),
    [
        ("status_count: [", "mend the YAML"),
        ("- 3", "write a mapping"),
        ("3: []", "write a mapping"),
        ("status_count: 3", "write a list"),
        ("status_count: []", "write a list"),
        ("{}", "add it with valid_from"),
        (two_counts("2021-01-01", "2020-01-01"), "order the entries"),
        (two_counts("2020-01-01", "2020-01-01"), "each date once"),
    ],
)
def test_a_broken_topic(directory: Path, content: str, mend: str) -> None:
    (directory / "stock.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ValuesError, match="stock.yaml") as caught:
        load_values(directory)
    assert mend in caught.value.mend


def test_a_missing_file_is_named(directory: Path) -> None:
    (directory / "legal.yaml").unlink()
    with pytest.raises(ValuesError, match=r"legal\.yaml.*create the file"):
        load_values(directory)


def test_a_missing_carrier_is_named(directory: Path) -> None:
    text = (directory / "carriers.yaml").read_text(encoding="utf-8")
    (directory / "carriers.yaml").write_text(text[: text.index("lettre_suivie:")], encoding="utf-8")
    with pytest.raises(ValuesError, match="lettre_suivie: add this carrier"):
        load_values(directory)


@pytest.mark.parametrize("module", sorted(path.name for path in ROOM.glob("*.py")))
def test_no_number_of_the_shop_stands_in_python(module: str) -> None:
    """Comments and docstrings aside, no published number, hour or phone may be written in code."""
    code = re.sub(r'"""[\s\S]*?"""|#[^\n]*', "", (ROOM / module).read_text(encoding="utf-8"))
    assert not re.findall(r"(?<![\w.])(?:14|13:00|17[.,]56|90|30|60|15000|24|3631|441-7|L221-\d+)(?![\w])", code)


def test_naive_instants_are_policy_errors() -> None:
    with pytest.raises(NaiveInstantError) as caught:
        paris(datetime(2025, 1, 1))
    assert isinstance(caught.value, PolicyError)
