from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from ruamel.yaml import YAML
from sqlalchemy import Engine
from sqlmodel import Session, select

from policies.facts import Carrier, CarrierStatus, OrderFacts, OrderStatus, PaymentMethod, StockStatus
from shop.database import make_engine
from shop.demo import DEFAULT_PATH, seed
from shop.mapping import facts_of
from shop.migrations import upgrade
from shop.models import Customer, Order
from shop.order_rows import ITEM_KEYS, ORDER_KEYS
from shop.repository import SqlShopRepository
from tests.shop.builders import EMAIL, NUMBER, a_record

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 23)
TWO_ORDERS = "marceline.dubreuil@example.fr"


def all_orders(engine: Engine) -> list[OrderFacts]:
    with Session(engine) as session:
        return [facts_of(order) for order in session.exec(select(Order))]


@pytest.fixture(scope="module")
def demo() -> list[OrderFacts]:
    """The demo's orders, as of TODAY."""
    engine = make_engine(url="sqlite://")
    upgrade(engine)
    seed(engine=engine, today=TODAY)
    return all_orders(engine)


def days_since(instant: datetime | None) -> int | None:
    return None if instant is None else (TODAY - instant.astimezone(PARIS).date()).days


class TestSeeding:
    def test_again_on_the_same_day_changes_nothing(self, engine: Engine) -> None:
        first = seed(engine=engine, today=TODAY)
        again = seed(engine=engine, today=TODAY)
        assert (again.created, again.updated, len(again.unchanged)) == ((), (), len(first.created))

    def test_on_another_day_the_orders_move_along(self, engine: Engine) -> None:
        seed(engine=engine, today=TODAY)
        before = {order.number: order.placed_at.astimezone(PARIS) for order in all_orders(engine)}
        seed(engine=engine, today=TODAY + timedelta(days=1))
        after = {order.number: order.placed_at.astimezone(PARIS) for order in all_orders(engine)}
        assert after == {number: placed + timedelta(days=1) for number, placed in before.items()}

    def test_on_another_day_codes_and_points_are_not_doubled(self, engine: Engine) -> None:
        repository = SqlShopRepository(engine=engine)
        for day in (TODAY, TODAY + timedelta(days=1)):
            seed(engine=engine, today=day)
            code = repository.promo_code(code="UNEFOIS8", customer_email="violaine.chastaing@example.fr")
            points = repository.loyalty_balance(email=TWO_ORDERS, today=day)
            assert code is not None
            assert points is not None
            assert (code.uses, points.points) == (1, 15)

    def test_leaves_other_orders_alone(self, repository: SqlShopRepository, engine: Engine) -> None:
        repository.save_orders([a_record()])
        seed(engine=engine, today=TODAY)
        assert repository.find_order(number=NUMBER, email=EMAIL) == a_record().facts


class TestCoverage:
    def test_there_are_at_least_sixty_orders(self, demo: list[OrderFacts]) -> None:
        assert len(demo) >= 60

    @pytest.mark.parametrize("status", OrderStatus)
    def test_every_status(self, demo: list[OrderFacts], status: OrderStatus) -> None:
        assert any(order.status is status for order in demo)

    @pytest.mark.parametrize("status", CarrierStatus)
    def test_every_carrier_status(self, demo: list[OrderFacts], status: CarrierStatus) -> None:
        assert any(order.carrier_status is status for order in demo)

    @pytest.mark.parametrize("carrier", Carrier)
    def test_every_carrier(self, demo: list[OrderFacts], carrier: Carrier) -> None:
        assert any(order.carrier is carrier for order in demo)

    @pytest.mark.parametrize("method", PaymentMethod)
    def test_every_means_of_payment(self, demo: list[OrderFacts], method: PaymentMethod) -> None:
        assert any(order.payment_method is method for order in demo)

    @pytest.mark.parametrize("stock", StockStatus)
    def test_every_stock_status(self, demo: list[OrderFacts], stock: StockStatus) -> None:
        assert any(item.stock is stock for order in demo for item in order.items)

    @pytest.mark.parametrize("opened", [True, False, None])
    def test_delivered_hygiene_articles_in_every_state(self, demo: list[OrderFacts], opened: bool | None) -> None:
        assert any(
            item.hygiene_sealed and item.opened is opened
            for order in demo
            if order.status is OrderStatus.DELIVERED
            for item in order.items
        )

    @pytest.mark.parametrize("days", [13, 14, 15])
    def test_the_edge_of_the_return_window(self, demo: list[OrderFacts], days: int) -> None:
        assert any(days_since(order.delivered_at) == days and order.status is OrderStatus.DELIVERED for order in demo)

    @pytest.mark.parametrize("days", [6, 7, 96, 97, 98])
    def test_the_edges_of_loyalty_points(self, demo: list[OrderFacts], days: int) -> None:
        assert any(days_since(order.shipped_at) == days and order.points_earned for order in demo)

    @pytest.mark.parametrize(
        ("status", "days"),
        [
            (OrderStatus.READY_TO_SHIP, 7),
            (OrderStatus.READY_TO_SHIP, 8),
            (OrderStatus.REFUNDED, 2),
            (OrderStatus.REFUNDED, 5),
            (OrderStatus.REFUNDED, 6),
            (OrderStatus.AWAITING_PAYMENT, 29),
            (OrderStatus.AWAITING_PAYMENT, 30),
            (OrderStatus.AWAITING_PAYMENT, 31),
            (OrderStatus.SHIPPED, 0),
            (OrderStatus.SHIPPED, 1),
        ],
    )
    def test_days_in_a_status(self, demo: list[OrderFacts], status: OrderStatus, days: int) -> None:
        assert any(order.status is status and days_since(order.status_since) == days for order in demo)

    @pytest.mark.parametrize(("days", "at"), [(0, time(0, 2)), (1, time(12, 59)), (1, time(13)), (1, time(23, 58))])
    def test_the_edge_of_the_cutoff(self, demo: list[OrderFacts], days: int, at: time) -> None:
        assert any(
            days_since(order.placed_at) == days and order.placed_at.astimezone(PARIS).time() == at for order in demo
        )

    def test_orders_abroad_mixed_orders_and_partial_returns(self, demo: list[OrderFacts]) -> None:
        assert {"BE", "CH"} <= {order.country for order in demo}
        assert any({item.hygiene_sealed for item in order.items} == {True, False} for order in demo)
        assert any({item.returned for item in order.items} == {True, False} for order in demo)

    def test_one_customer_with_several_orders(self, engine: Engine) -> None:
        seed(engine=engine, today=TODAY)
        assert len(SqlShopRepository(engine=engine).orders_of(email=TWO_ORDERS)) == 3


class TestPlausibility:
    def test_totals_are_the_sum_of_the_prices_and_the_fee(self, demo: list[OrderFacts]) -> None:
        sums = {
            order.number: sum((item.price or Decimal(0) for item in order.items), order.shipping_fee) for order in demo
        }
        assert sums == {order.number: order.total for order in demo}

    def test_nothing_has_happened_later_than_this_morning(self, demo: list[OrderFacts]) -> None:
        morning = datetime.combine(TODAY, time(8), PARIS)
        instants = ("placed_at", "status_since", "shipped_at", "delivered_at", "return_received_at", "refunded_at")
        assert [o.number for o in demo for name in instants if (at := getattr(o, name)) and at > morning] == []

    def test_events_follow_each_other(self, demo: list[OrderFacts]) -> None:
        chain = ("placed_at", "shipped_at", "delivered_at", "return_requested_at", "return_received_at", "refunded_at")
        for order in demo:
            told = [instant for name in chain if (instant := getattr(order, name))]
            assert told == sorted(told), order.number

    def test_tracking_numbers_are_each_their_own(self, demo: list[OrderFacts]) -> None:
        counted = Counter(order.tracking_number for order in demo if order.tracking_number)
        assert [number for number, times in counted.items() if times > 1] == []

    def test_nobody_real(self, engine: Engine) -> None:
        seed(engine=engine, today=TODAY)
        with Session(engine) as session:
            customers = session.exec(select(Customer)).all()
        assert {customer.email.partition("@")[2] for customer in customers} <= {
            "example.fr",
            "example.com",
            "example.org",
        }
        # 06 39 98 xx xx is kept free for fiction by the French numbering authority.
        assert all(customer.phone.startswith("+3363998") for customer in customers if customer.phone)

    def test_the_file_warns_of_nothing(self) -> None:
        raw = YAML(typ="safe", pure=True).load(DEFAULT_PATH.read_text(encoding="utf-8"))
        assert {key for order in raw["orders"] for key in order} <= set(ORDER_KEYS)
        assert {key for order in raw["orders"] for item in order["items"] for key in item} <= set(ITEM_KEYS)
