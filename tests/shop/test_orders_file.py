from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from policies.facts import Carrier, CarrierStatus, OrderStatus, PaymentMethod, StockStatus
from shop.errors import OrdersFileError
from shop.order_rows import Reading
from shop.orders_file import ImportReport, import_orders, read_orders, records_from_data
from shop.repository import SqlShopRepository
from tests.shop.builders import EMAIL, NUMBER

ORDER = """\
- number: BJ-104233
  email: claire.dupont@example.fr
  placed_at: "2025-09-16T10:02:00+02:00"
  status: Livrée
  status_since: "2025-09-19T14:20:00+02:00"
  carrier: La Poste
  tracking_number: 00820458871236
  shipped_at: "2025-09-17T17:00:00+02:00"
  delivered_at: "2025-09-19T14:20:00+02:00"
  items:
    - {name: "Créoles torsadées", category: boucles d'oreilles, hygiene_sealed: true, opened: null}
  payment_method: carte bancaire
  total: 49.90
"""
READING = Reading()


def indented(text: str, by: int = 2) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


def changed(old: str, new: str, source: str = ORDER) -> str:
    assert old in source
    return source.replace(old, new)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a file and gives its path."""

    def writer(text: str, name: str = "orders.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return writer


def plain() -> dict[str, Any]:
    """The same order as plain data."""
    return {
        "number": "BJ-104233",
        "email": EMAIL,
        "placed_at": "2025-09-16T10:02:00+02:00",
        "status": "Livrée",
        "status_since": "2025-09-19T14:20:00+02:00",
        "carrier": "La Poste",
        "tracking_number": "00820458871236",
        "shipped_at": "2025-09-17T17:00:00+02:00",
        "delivered_at": "2025-09-19T14:20:00+02:00",
        "items": [
            {"name": "Créoles torsadées", "category": "boucles d'oreilles", "hygiene_sealed": True, "opened": None}
        ],
        "payment_method": "carte bancaire",
        "total": 49.9,
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.yaml", ORDER),
        ("orders.yaml", "orders:\n" + ORDER),
        ("scenarios.yaml", "- id: d01\n  turns: []\n  orders:\n" + indented(ORDER) + "- id: d02\n  turns: []\n"),
        ("bom.yaml", "\ufeff" + ORDER),
        ("list.json", json.dumps([plain()])),
        ("orders.json", json.dumps({"orders": [plain()]}, indent=2, ensure_ascii=False)),
        ("tabs.json", json.dumps([{"id": "d01", "orders": [plain()], "turns": []}], indent="\t")),
    ],
)
def test_every_shape_of_file_gives_the_same_record(write: Any, name: str, text: str) -> None:
    read = read_orders(path=write(text, name), reading=READING)
    assert read.problems == ()
    assert read.records == records_from_data(orders=[plain()], reading=READING)


def test_french_labels_become_facts() -> None:
    row = records_from_data(orders=[plain()], reading=READING)[0].facts
    assert (row.status, row.carrier, row.payment_method) == (
        OrderStatus.DELIVERED,
        Carrier.LA_POSTE,
        PaymentMethod.CARD,
    )
    assert (row.total, row.tracking_number) == (Decimal("49.90"), "00820458871236")
    assert row.placed_at == datetime(2025, 9, 16, 8, 2, tzinfo=UTC)
    item = row.items[0]
    assert (item.category, item.hygiene_sealed, item.opened) == ("earrings", True, None)


def test_optional_keys_are_read() -> None:
    order = plain() | {
        "phone": "06 39 98 00 01",
        "customer_name": "Claire Dupont",
        "country": "Belgique",
        "carrier_status": "Tri effectué",
        "return_requested_at": "2025-09-20 10:00",
        "return_received_at": "2025-09-25",
        "refunded_at": "2025-09-27T15:00:00Z",
        "restock_expected": "2025-10-01",
        "shipping_fee": "3,90 €",
        "points_earned": 5,
    }
    order["items"][0] |= {"price": 19.9, "on_sale": "oui", "returned": True, "stock": "Epuisé"}
    order["phone"] = "0470 12 34 56"
    record = records_from_data(orders=[order], reading=READING)[0]
    facts, item = record.facts, record.facts.items[0]
    assert (record.phone, record.customer_name, facts.country) == ("+32470123456", "Claire Dupont", "BE")
    assert facts.carrier_status is CarrierStatus.SORTED
    assert facts.return_requested_at == datetime(2025, 9, 20, 8, 0, tzinfo=UTC)
    assert facts.return_received_at == datetime(2025, 9, 24, 22, 0, tzinfo=UTC)
    assert facts.refunded_at == datetime(2025, 9, 27, 15, 0, tzinfo=UTC)
    assert (str(facts.restock_expected), facts.shipping_fee, facts.points_earned) == ("2025-10-01", Decimal("3.90"), 5)
    assert (item.price, item.on_sale, item.returned, item.stock) == (
        Decimal("19.9"),
        True,
        True,
        StockStatus.SOLD_OUT,
    )


def test_a_category_outside_the_vocabulary_stays_as_written() -> None:
    order = plain()
    order["items"][0]["category"] = "Diadème"
    assert records_from_data(orders=[order], reading=READING)[0].facts.items[0].category == "Diadème"


class TestImport:
    def test_is_idempotent(self, repository: SqlShopRepository, write: Any) -> None:
        path = write(ORDER)
        first = import_orders(path=path, repository=repository, reading=READING)
        second = import_orders(path=path, repository=repository, reading=READING)
        assert (first.saved.created, second.saved.unchanged) == ((NUMBER,), (NUMBER,))
        assert len(repository.orders_of(email=EMAIL)) == 1

    def test_changes_what_changed(self, repository: SqlShopRepository, write: Any) -> None:
        import_orders(path=write(ORDER), repository=repository, reading=READING)
        report = import_orders(path=write(changed("Livrée", "Retournée")), repository=repository, reading=READING)
        assert (report.ok, report.saved.updated) == (True, (NUMBER,))
        order = repository.find_order(number=NUMBER, email=EMAIL)
        assert order is not None
        assert order.status is OrderStatus.RETURNED

    def test_one_bad_row_keeps_everything_out(self, repository: SqlShopRepository, write: Any) -> None:
        bad = changed("BJ-104233", "BJ-104234", changed("49.90", "beaucoup"))
        report = import_orders(path=write(ORDER + bad), repository=repository, reading=READING)
        assert not report.ok
        assert repository.orders_of(email=EMAIL) == ()

    def test_all_bad_rows_are_told_together_by_line(self, repository: SqlShopRepository, write: Any) -> None:
        bad = changed("BJ-104233", "BJ-104234", changed("49.90", "beaucoup", changed("Livrée", "Perdue")))
        worse = changed("BJ-104233", "XX", changed("claire.dupont@example.fr", "claire"))
        report = import_orders(path=write(bad + worse), repository=repository, reading=READING)
        assert [(p.place.line, p.place.key, p.code) for p in report.problems] == [
            (4, "status", "unknown_term"),
            (13, "total", "bad_amount"),
            (14, "number", "bad_number"),
            (15, "email", "bad_email"),
        ]

    def test_the_report_says_in_french_what_to_mend(self, repository: SqlShopRepository, write: Any) -> None:
        report: ImportReport = import_orders(
            path=write(changed("La Poste", "DHL")), repository=repository, reading=READING
        )
        assert report.lines() == (
            "ligne 6, commande BJ-104233, « carrier » : « DHL » n'est pas connu. "
            + "Écrivez l'un de : La Poste, Chronopost, Mondial Relay, Lettre suivie.",
            "Rien n'a été enregistré. À corriger : 1.",
        )

    def test_the_report_counts(self, repository: SqlShopRepository, write: Any) -> None:
        report = import_orders(path=write(ORDER), repository=repository, reading=READING)
        assert report.lines() == ("Commandes ajoutées : 1 ; modifiées : 0 ; inchangées : 0.",)


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        ("number: BJ-104233", "number: null", "number", "missing_key"),
        ("number: BJ-104233", "numero: BJ-104233", "number", "missing_key"),
        ("number: BJ-104233", "number: [1]", "number", "bad_text"),
        ("number: BJ-104233", "number: AB-104233", "number", "bad_number"),
        ("email: claire.dupont@example.fr", "email: ''", "email", "missing_key"),
        ("2025-09-16T10:02:00+02:00", "hier", "placed_at", "bad_instant"),
        ("2025-09-16T10:02:00+02:00", "2025-09-16", "placed_at", "bad_instant"),
        ("2025-09-16T10:02:00+02:00", "2025-02-30T10:02:00", "placed_at", "bad_instant"),
        ("2025-09-17T17:00:00+02:00", "2025-09-15T17:00:00+02:00", "shipped_at", "before"),
        ('delivered_at: "2025-09-19', 'delivered_at: "2025-09-17', "delivered_at", "before"),
        ("status: Livrée", "status: non livrée", "status", "unknown_term"),
        ("status: Livrée", "statut: Livrée", "status", "missing_key"),
        ("payment_method: carte bancaire", "payment_method: troc", "payment_method", "unknown_term"),
        ("carrier: La Poste", "carrier: {a: b}", "carrier", "bad_text"),
        ("total: 49.90", "total: -1", "total", "bad_amount"),
        ("total: 49.90", "total: 1.005", "total", "bad_amount"),
        ("total: 49.90", "total: NaN", "total", "bad_amount"),
        ("total: 49.90", "total: 1e9", "total", "bad_amount"),
        ("total: 49.90", "total: 49.90\n  phone: allô", "phone", "bad_phone"),
        ("total: 49.90", "total: 49.90\n  country: Atlantide", "country", "bad_country"),
        ("total: 49.90", "total: 49.90\n  restock_expected: bientôt", "restock_expected", "bad_date"),
        ("total: 49.90", "total: 49.90\n  points_earned: 1.5", "points_earned", "bad_points"),
        ("opened: null", "opened: peut-être", "opened", "bad_flag"),
        ("opened: null", "price: cher", "price", "bad_amount"),
        ("opened: null", "stock: bof", "stock", "unknown_term"),
        ('name: "Créoles torsadées"', 'name: "Cr\\0oles"', "name", "bad_text"),
        ('name: "Créoles torsadées", ', "", "name", "missing_key"),
        ("items:\n    - {", "items: []\n  x: {", "items", "no_items"),
        ("items:\n    - {", "items:\n    - bague\n    - {", "items", "not_a_mapping"),
    ],
)
def test_a_bad_value_is_named(write: Any, old: str, new: str, key: str, code: str) -> None:
    read = read_orders(path=write(changed(old, new)), reading=READING)
    assert [(problem.place.key, problem.code) for problem in read.problems] == [(key, code)]
    assert read.problems[0].place.line is not None
    assert read.records == ()


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "empty_file", None),
        ("# rien\n", "empty_file", None),
        ("bonjour", "not_a_list", 1),
        ("a: 1", "not_a_list", 1),
        ("orders:\n  a: 1", "not_a_list", 2),
        ("- bonjour", "not_a_mapping", 1),
        ("- number: [1,\n- x", "broken_yaml", 2),
        ("- {number: 1, number: 2}", "duplicate_key", 1),
        ("[\n" * 3000, "broken_yaml", None),
    ],
)
def test_a_file_that_is_no_orders_file(write: Any, text: str, code: str, line: int | None) -> None:
    read = read_orders(path=write(text), reading=READING)
    assert [(problem.code, problem.place.line) for problem in read.problems] == [(code, line)]


def test_a_missing_file(tmp_path: Path) -> None:
    read = read_orders(path=tmp_path / "none.yaml", reading=READING)
    assert [problem.code for problem in read.problems] == ["missing_file"]


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("- name: Créoles".encode("latin-1"))
    read = read_orders(path=tmp_path / "latin.yaml", reading=READING)
    assert [problem.code for problem in read.problems] == ["not_utf8"]


@pytest.mark.parametrize(
    ("key", "near"), [("carier", "carrier"), ("tracking_nummber", "tracking_number"), ("couleur", None)]
)
def test_an_unknown_key_is_a_warning(write: Any, key: str, near: str | None) -> None:
    read = read_orders(path=write(changed("total: 49.90", f"total: 49.90\n  {key}: x")), reading=READING)
    assert (read.problems, len(read.records)) == ((), 1)
    assert [(w.place.line, w.code) for w in read.warnings] == [(14, "unknown_key_near" if near else "unknown_key")]
    assert (near or "couleur") in read.warnings[0].text


class TestTheSameNumberTwice:
    def test_is_one_order_when_the_rows_agree(self, write: Any) -> None:
        read = read_orders(path=write(ORDER + ORDER), reading=READING)
        assert (len(read.records), read.problems) == (1, ())

    def test_is_refused_in_a_list(self, write: Any) -> None:
        read = read_orders(path=write(ORDER + changed("49.90", "12.00")), reading=READING)
        assert [(p.code, p.place.line) for p in read.problems] == [("duplicate_number", 14)]
        assert "ligne 1" in read.problems[0].text

    def test_between_scenarios_the_last_one_stays(self, write: Any) -> None:
        scenario = "- turns: []\n  orders:\n"
        text = scenario + indented(ORDER) + scenario + indented(changed("49.90", "12.00"))
        read = read_orders(path=write(text), reading=READING)
        assert [record.facts.total for record in read.records] == [Decimal("12.00")]
        assert ([w.code for w in read.warnings], read.problems) == (["replaced_number"], ())


class TestDataReadAlready:
    def test_problems_name_the_row(self) -> None:
        with pytest.raises(OrdersFileError) as refused:
            records_from_data(orders=[plain(), plain() | {"total": None}], reading=READING)
        assert refused.value.problems == (
            "commande n° 2 de la liste, commande BJ-104233, « total » : valeur manquante. Elle est obligatoire.",
        )

    def test_dates_and_numbers_may_be_typed(self) -> None:
        typed = plain() | {"placed_at": datetime(2025, 9, 16, 8, 2, tzinfo=UTC), "total": Decimal("49.90")}
        assert records_from_data(orders=[typed], reading=READING) == records_from_data(orders=[plain()])
