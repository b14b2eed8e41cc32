from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from policies.facts import Carrier, CarrierStatus, ItemFacts, OrderFacts, OrderStatus, PaymentMethod, StockStatus
from shop.database import make_engine, sqlite_url
from shop.errors import ShopUnavailable, UnknownCustomer
from shop.identifiers import OrderNumbers
from shop.records import LoyaltyBalance, LoyaltyRecord, PromoCodeRecord, SaveReport
from shop.repository import ShopRepository, SqlShopRepository
from tests.shop.builders import EMAIL, NUMBER, PLACED, a_record, an_order

TODAY = date(2025, 9, 16)
OTHER = "sophie.morel@example.fr"

FULL = an_order(
    status=OrderStatus.REFUNDED,
    payment_method=PaymentMethod.INSTALMENTS_4X,
    carrier=Carrier.MONDIAL_RELAY,
    carrier_status=CarrierStatus.DELIVERED,
    tracking_number="00085",
    shipped_at=PLACED + timedelta(days=1),
    delivered_at=PLACED + timedelta(days=4),
    country="BE",
    restock_expected=TODAY,
    return_requested_at=PLACED + timedelta(days=5),
    return_received_at=PLACED + timedelta(days=9),
    refunded_at=PLACED + timedelta(days=10),
    shipping_fee=Decimal("3.90"),
    points_earned=5,
    items=(
        ItemFacts(name="Créoles", category="earrings", hygiene_sealed=True, opened=None, price=Decimal("19.90")),
        ItemFacts(name="Collier", category="necklace", opened=True, on_sale=True, returned=True),
        ItemFacts(name="Alliance", category="wedding_ring", stock=StockStatus.SOLD_OUT),
    ),
)


@pytest.fixture
def shop(repository: SqlShopRepository) -> ShopRepository:
    """The repository as everybody else sees it."""
    return repository


@pytest.mark.parametrize("order", [an_order(), FULL], ids=["plain", "full"])
def test_an_order_comes_back_as_it_was_saved(shop: ShopRepository, order: OrderFacts) -> None:
    shop.save_orders([a_record(**{name: getattr(order, name) for name in order.__slots__})])
    assert shop.find_order(number=NUMBER, email=EMAIL) == order


@pytest.mark.parametrize("number", ["BJ-104233", "n° 104233", "104233", "bj104233"])
@pytest.mark.parametrize("email", ["claire.dupont@example.fr", " Claire.Dupont@EXAMPLE.fr "])
def test_a_pair_is_found_however_it_is_written(shop: ShopRepository, number: str, email: str) -> None:
    shop.save_orders([a_record()])
    assert shop.find_order(number=number, email=email) == an_order()
    assert shop.find_order_for_customer(number=number, customer_email=email) == an_order()


@pytest.mark.parametrize(
    ("number", "email"),
    [
        (NUMBER, OTHER),
        (NUMBER, "nobody@example.fr"),
        ("BJ-999999", EMAIL),
        ("BJ-104234", EMAIL),
        ("", EMAIL),
        (NUMBER, ""),
        ("%", "%"),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
def test_a_wrong_pair_and_an_unknown_order_look_alike(shop: ShopRepository, number: str, email: str) -> None:
    shop.save_orders([a_record(), a_record(number="BJ-104234", email=OTHER)])
    assert shop.find_order(number=number, email=email) is None
    assert shop.find_order_for_customer(number=number, customer_email=email) is None


@pytest.mark.parametrize(("number", "email"), [(NUMBER, OTHER), ("BJ-999999", EMAIL), ("nonsense", "nonsense")])
def test_every_failed_look_up_costs_one_query(engine: Engine, shop: ShopRepository, number: str, email: str) -> None:
    shop.save_orders([a_record(), a_record(number="BJ-104234", email=OTHER)])
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    shop.find_order(number=number, email=email)
    assert len([text for text in statements if text.startswith("SELECT")]) == 1


@pytest.mark.parametrize(
    ("number", "phone", "found"),
    [
        (NUMBER, "33639980001", True),
        (NUMBER, "+33 6 39 98 00 01", True),
        (NUMBER, "33639980002", False),
        ("BJ-104234", "33639980001", False),
        (NUMBER, "", False),
    ],
)
def test_an_order_by_the_phone_a_channel_vouches_for(
    shop: ShopRepository, number: str, phone: str, found: bool
) -> None:
    shop.save_orders([a_record(phone="+33639980001"), a_record(number="BJ-104234", email=OTHER)])
    assert (shop.order_by_phone(number=number, phone=phone) is not None) is found


def test_orders_of_a_customer_newest_first(shop: ShopRepository) -> None:
    for days, number in ((3, "BJ-100003"), (1, "BJ-100001"), (2, "BJ-100002")):
        shop.save_orders([a_record(number=number, placed_at=PLACED + timedelta(days=days))])
    shop.save_orders([a_record(number="BJ-100009", email=OTHER)])
    assert [order.number for order in shop.orders_of(email=EMAIL.upper())] == ["BJ-100003", "BJ-100002", "BJ-100001"]


def test_nobody_has_no_orders(shop: ShopRepository) -> None:
    assert shop.orders_of(email="nobody@example.fr") == ()


def test_another_shops_numbers_are_a_setting(engine: Engine) -> None:
    shop = SqlShopRepository(engine=engine, numbers=OrderNumbers(pattern=r"(?:CMD)?([0-9]{3})", canonical="CMD{}"))
    shop.save_orders([a_record(number="CMD042")])
    assert shop.find_order(number="n° 042", email=EMAIL) is not None


class TestSaving:
    def test_tells_created_updated_and_unchanged(self, shop: ShopRepository) -> None:
        shop.save_orders([a_record(), a_record(number="BJ-2000")])
        again = shop.save_orders([a_record(), a_record(number="BJ-2000", total=Decimal(1)), a_record(number="BJ-3000")])
        assert again == SaveReport(created=("BJ-3000",), updated=("BJ-2000",), unchanged=(NUMBER,))

    def test_replaces_every_part(self, shop: ShopRepository) -> None:
        full = {name: getattr(FULL, name) for name in FULL.__slots__}
        for order in (full, {}, full):
            shop.save_orders([a_record(**order)])
        assert shop.find_order(number=NUMBER, email=EMAIL) == FULL

    def test_changes_a_part_in_place(self, shop: ShopRepository) -> None:
        full = {name: getattr(FULL, name) for name in FULL.__slots__}
        later = {"refunded_at": PLACED + timedelta(days=20), "tracking_number": "X", "return_received_at": None}
        shop.save_orders([a_record(**full)])
        shop.save_orders([a_record(**(full | later))])
        assert shop.find_order(number=NUMBER, email=EMAIL) == an_order(**(full | later))

    def test_a_corrected_email_moves_the_order(self, shop: ShopRepository) -> None:
        shop.save_orders([a_record()])
        assert shop.save_orders([a_record(email=OTHER)]).updated == (NUMBER,)
        assert shop.find_order(number=NUMBER, email=EMAIL) is None
        assert shop.find_order(number=NUMBER, email=OTHER) is not None

    def test_a_phone_not_said_again_stays(self, shop: ShopRepository) -> None:
        shop.save_orders([a_record(phone="+33639980001", name="Claire")])
        shop.save_orders([a_record()])
        assert shop.order_by_phone(number=NUMBER, phone="0639980001") is not None

    def test_a_new_phone_is_an_update(self, shop: ShopRepository) -> None:
        shop.save_orders([a_record()])
        assert shop.save_orders([a_record(phone="+33639980001")]).updated == (NUMBER,)

    def test_more_orders_than_one_query_takes(self, shop: ShopRepository) -> None:
        records = [a_record(number=f"BJ-{number}", email=f"c{number}@example.fr") for number in range(10_000, 10_600)]
        assert len(shop.save_orders(records).created) == 600
        assert len(shop.save_orders(records).unchanged) == 600

    def test_two_writers_wait_for_each_other(self, shop: ShopRepository) -> None:
        with ThreadPoolExecutor(max_workers=4) as threads:
            saved = threads.map(
                lambda n: shop.save_orders([a_record(number=f"BJ-{n}", email=f"c{n}@example.fr")]), range(5000, 5020)
            )
            assert [len(report.created) for report in saved] == [1] * 20


class TestPromoCodes:
    CODE = PromoCodeRecord(code="bienvenue10", valid_from=TODAY, valid_until=TODAY + timedelta(days=30))

    def test_is_found_in_any_case(self, repository: SqlShopRepository) -> None:
        repository.save_promo_codes([self.CODE])
        found = repository.promo_code(code=" Bienvenue 10 ", customer_email=None)
        assert found is not None
        assert (found.code, found.valid_from, found.owner, found.uses) == ("BIENVENUE10", TODAY, None, 0)

    def test_unknown_is_none(self, shop: ShopRepository) -> None:
        assert shop.promo_code(code="RIEN", customer_email=EMAIL) is None

    @pytest.mark.parametrize(("email", "uses"), [(EMAIL, 2), (EMAIL.upper(), 2), (OTHER, 0), (None, 0), ("x", 0)])
    def test_counts_this_customers_uses_only(self, repository: SqlShopRepository, email: str | None, uses: int) -> None:
        repository.save_orders([a_record(), a_record(number="BJ-2000", email=OTHER)])
        used = ((EMAIL, PLACED), (EMAIL, PLACED + timedelta(days=1)))
        for _ in range(2):
            repository.save_promo_codes(
                [PromoCodeRecord(code="UNEFOIS", valid_from=TODAY, valid_until=TODAY, used_by=used)]
            )
        found = repository.promo_code(code="UNEFOIS", customer_email=email)
        assert found is not None
        assert found.uses == uses

    def test_the_owner_is_compared_by_customer_id(self, repository: SqlShopRepository) -> None:
        repository.save_orders([a_record(), a_record(number="BJ-2000", email=OTHER)])
        repository.save_promo_codes(
            [PromoCodeRecord(code="CLAIRE5", valid_from=TODAY, valid_until=TODAY, owner_email=EMAIL)]
        )
        found = repository.promo_code(code="CLAIRE5", customer_email=OTHER)
        assert found is not None
        assert found.owner == repository.customer_id(email=EMAIL) != repository.customer_id(email=OTHER)
        assert EMAIL not in str(found)

    def test_an_unknown_owner_is_refused(self, repository: SqlShopRepository) -> None:
        with pytest.raises(UnknownCustomer):
            repository.save_promo_codes(
                [PromoCodeRecord(code="X", valid_from=TODAY, valid_until=TODAY, owner_email="nobody@example.fr")]
            )


class TestLoyalty:
    @pytest.mark.parametrize(
        ("day", "balance"),
        [
            (0, LoyaltyBalance(points=0)),
            (1, LoyaltyBalance(points=5, next_expiry=TODAY + timedelta(days=3))),
            (2, LoyaltyBalance(points=12, next_expiry=TODAY + timedelta(days=3))),
            (3, LoyaltyBalance(points=12, next_expiry=TODAY + timedelta(days=3))),
            (4, LoyaltyBalance(points=7, next_expiry=TODAY + timedelta(days=9))),
            (10, LoyaltyBalance(points=0)),
        ],
    )
    def test_points_count_from_credit_to_expiry(
        self, repository: SqlShopRepository, day: int, balance: LoyaltyBalance
    ) -> None:
        repository.save_orders([a_record()])
        repository.save_loyalty([self.points(5, 1, 3, order_number=NUMBER), self.points(7, 2, 9)])
        assert repository.loyalty_balance(email=EMAIL, today=TODAY + timedelta(days=day)) == balance

    @pytest.mark.parametrize("spent", ["used_on", "voided_on"])
    def test_used_and_voided_points_do_not_count(self, repository: SqlShopRepository, spent: str) -> None:
        repository.save_orders([a_record()])
        repository.save_loyalty([self.points(5, 0, 9, **{spent: TODAY})])
        assert repository.loyalty_balance(email=EMAIL, today=TODAY) == LoyaltyBalance(points=0)

    def test_saving_again_does_not_double(self, repository: SqlShopRepository) -> None:
        repository.save_orders([a_record()])
        for _ in range(2):
            repository.save_loyalty([self.points(5, 0, 9)])
        balance = repository.loyalty_balance(email=EMAIL, today=TODAY)
        assert balance is not None
        assert balance.points == 5

    def test_no_account_is_none(self, shop: ShopRepository) -> None:
        shop.save_orders([a_record()])
        assert shop.loyalty_balance(email=EMAIL, today=TODAY) is None

    @staticmethod
    def points(points: int, first: int, last: int, **more: object) -> LoyaltyRecord:
        return LoyaltyRecord(
            email=EMAIL,
            points=points,
            credited_on=TODAY + timedelta(days=first),
            expires_on=TODAY + timedelta(days=last),
            **more,  # type: ignore[arg-type]
        )


class TestUnavailable:
    def test_ping_says_whether_the_shop_answers(self, shop: ShopRepository) -> None:
        assert shop.ping()

    def test_a_database_without_tables_does_not_answer(self, blank_engine: Engine) -> None:
        assert not SqlShopRepository(engine=blank_engine).ping()

    @pytest.mark.parametrize("url", ["postgresql+psycopg://ecrin@127.0.0.1:1/shop", "sqlite"])
    def test_an_unreachable_database_is_one_error(self, tmp_path: Path, url: str) -> None:
        engine = make_engine(url=sqlite_url(tmp_path / "x" / "shop.db") if url == "sqlite" else url)
        if url == "sqlite":
            (tmp_path / "x").rmdir()
        shop = SqlShopRepository(engine=engine)
        assert not shop.ping()
        with pytest.raises(ShopUnavailable):
            shop.find_order(number=NUMBER, email=EMAIL)
