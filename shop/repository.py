"""The one door to the shop's facts, and its SQL implementation.

A connector to a shop platform implements `ShopRepository` and nothing else changes. Order facts leave only for a
verified owner: a pair of number and e-mail, a signed session's e-mail, or the phone a channel vouches for. A wrong
pair, an unknown order and an unreadable number all give None, by the same single query where one is made.
Wherever an e-mail or phone is asked for, its pseudonym (`privacy.pseudonyms`) does as well: conversations keep nothing
else, and the comparison is made here, where the customer's own is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Engine, Row, false, or_, true
from sqlalchemy.exc import SQLAlchemyError, StatementError
from sqlmodel import Session, col, func, select

from policies.facts import OrderFacts, PromoCodeFacts
from privacy.pseudonyms import Pseudonyms, is_pseudonym, same
from shop.database import for_writing
from shop.errors import ShopError, ShopUnavailable
from shop.identifiers import OrderNumbers, normalise_email, normalise_phone
from shop.mapping import facts_of_rows
from shop.models import Customer, LoyaltyAccount, LoyaltyEntry, Order, PromoCode, PromoRedemption
from shop.reading import (
    BY_EMAIL,
    BY_NUMBER,
    BY_NUMBER_AND_EMAIL,
    BY_NUMBER_AND_PHONE,
    BY_OWNER,
    OrderQuery,
    read_orders,
    rows_by_order,
)
from shop.records import LoyaltyBalance, LoyaltyRecord, OrderRecord, PromoCodeRecord, SaveReport
from shop.writing import normalise_code, write_loyalty, write_orders, write_promo_codes

_REMEMBERED = 10_000
"""Owners of pseudonyms kept in memory."""


class ShopRepository(Protocol):
    """What Écrin asks of a shop. Texts may come as customers write them; every method may raise ShopUnavailable."""

    def find_order(self, *, number: str, email: str) -> OrderFacts | None:
        """The order if this number and this e-mail belong together, else None whatever the reason."""

    def find_order_for_customer(self, *, number: str, customer_email: str) -> OrderFacts | None:
        """The order if it belongs to the customer whose session the shop has signed."""

    def order_by_phone(self, *, number: str, phone: str) -> OrderFacts | None:
        """The order if its owner has the phone number the channel vouches for."""

    def orders_of(self, *, email: str) -> tuple[OrderFacts, ...]:
        """Every order of a verified e-mail, newest first."""

    def customer_id(self, *, email: str) -> str | None:
        """The opaque id that `PromoCodeFacts.owner` and `BasketFacts.customer` are compared by."""

    def promo_code(self, *, code: str, customer_email: str | None) -> PromoCodeFacts | None:
        """A promotional code with this customer's past uses (0 for None), or None when there is no such code."""

    def loyalty_balance(self, *, email: str, today: date) -> LoyaltyBalance | None:
        """The points usable on `today`; None for a customer without an account."""

    def save_orders(self, records: Sequence[OrderRecord]) -> SaveReport:
        """Creates or changes these orders and their owners, all or none."""

    def ping(self) -> bool:
        """Whether the shop answers and holds its orders. Never raises."""


class SqlShopRepository:
    """`ShopRepository` on the tables of `shop.models`. Safe to share between threads: a session a call."""

    def __init__(
        self, *, engine: Engine, numbers: OrderNumbers | None = None, pseudonyms: Pseudonyms | None = None
    ) -> None:
        """Without `pseudonyms` no pseudonym is anybody's."""
        self._engine = engine
        self.numbers = numbers or OrderNumbers()
        self._pseudonyms = pseudonyms
        self._owners: dict[str, int] = {}

    def find_order(self, *, number: str, email: str) -> OrderFacts | None:
        if is_pseudonym(email):
            return self._one_of_pseudonym(number, email, lambda keys, owner: keys.email(owner.email))
        return self._one(BY_NUMBER_AND_EMAIL, number, email=normalise_email(email) or "")

    def find_order_for_customer(self, *, number: str, customer_email: str) -> OrderFacts | None:
        return self.find_order(number=number, email=customer_email)

    def order_by_phone(self, *, number: str, phone: str) -> OrderFacts | None:
        if is_pseudonym(phone):
            return self._one_of_pseudonym(number, phone, lambda keys, owner: keys.phone(owner.phone or ""))
        return self._one(BY_NUMBER_AND_PHONE, number, phone=normalise_phone(phone) or "")

    def orders_of(self, *, email: str) -> tuple[OrderFacts, ...]:
        if is_pseudonym(email):
            owner = self._owner_of(email, among=None)
            return () if owner is None else self._orders(BY_OWNER, owner=owner)
        known = normalise_email(email)
        return () if known is None else self._orders(BY_EMAIL, email=known)

    def customer_id(self, *, email: str) -> str | None:
        with self._session() as session:
            found = session.exec(select(Customer.id).where(self._owner_has_email(email))).first()
        return None if found is None else str(found)

    def promo_code(self, *, code: str, customer_email: str | None) -> PromoCodeFacts | None:
        with self._session() as session:
            row = session.exec(select(PromoCode).where(PromoCode.code == normalise_code(code))).first()
            if row is None:
                return None
            used = select(col(PromoRedemption.customer_id)).where(PromoRedemption.promo_code_id == row.id)
            concerned = or_(col(Customer.id) == row.owner_id, col(Customer.id).in_(used))
            uses = (
                select(func.count(col(PromoRedemption.id)))
                .join(Customer)
                .where(
                    PromoRedemption.promo_code_id == row.id,
                    self._owner_has_email(customer_email or "", among=concerned),
                )
            )
            return PromoCodeFacts(
                code=row.code,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                owner=None if row.owner_id is None else str(row.owner_id),
                uses=session.exec(uses).one(),
                excludes_sale_items=row.excludes_sale_items,
            )

    def loyalty_balance(self, *, email: str, today: date) -> LoyaltyBalance | None:
        with self._session() as session:
            account = session.exec(select(LoyaltyAccount.id).join(Customer).where(self._owner_has_email(email))).first()
            if account is None:
                return None
            usable = session.exec(
                select(col(LoyaltyEntry.points), col(LoyaltyEntry.expires_on)).where(
                    LoyaltyEntry.account_id == account,
                    LoyaltyEntry.credited_on <= today,
                    LoyaltyEntry.expires_on >= today,
                    col(LoyaltyEntry.used_on).is_(None),
                    col(LoyaltyEntry.voided_on).is_(None),
                )
            ).all()
        return LoyaltyBalance(
            points=sum(points for points, _ in usable),
            next_expiry=min((expiry for _, expiry in usable), default=None),
        )

    def save_orders(self, records: Sequence[OrderRecord]) -> SaveReport:
        with self._writing() as session:
            return write_orders(session, records)

    def save_promo_codes(self, records: Sequence[PromoCodeRecord]) -> None:
        """Creates or changes these codes and replaces their uses, all or none. Owners and users must be customers."""
        with self._writing() as session:
            write_promo_codes(session, records)

    def save_loyalty(self, records: Sequence[LoyaltyRecord]) -> None:
        """Replaces the points of the customers named, all or none. They must be customers."""
        with self._writing() as session:
            write_loyalty(session, records)

    def ping(self) -> bool:
        try:
            with self._session() as session:
                session.exec(select(Order.id).limit(1)).first()
        except ShopUnavailable:
            return False
        return True

    def _owner_has_email(self, email: str, *, among: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
        if is_pseudonym(email):
            owner = self._owner_of(email, among=among)
            return false() if owner is None else col(Customer.id) == owner
        known = normalise_email(email)
        return false() if known is None else col(Customer.email) == known

    def _one(self, query: OrderQuery, number: str, **owner: str) -> OrderFacts | None:
        # What cannot be read is nobody's, and is looked for all the same: the time it takes tells nothing.
        found = self._orders(query, number=self.numbers.normalise(number) or "", **owner)
        return found[0] if found else None

    def _one_of_pseudonym(
        self, number: str, pseudonym: str, key_of: Callable[[Pseudonyms, Row[Any]], str]
    ) -> OrderFacts | None:
        """The order whose owner has this pseudonym: the number is looked up, then the owner's own key compared."""
        wanted = self.numbers.normalise(number)
        if wanted is None or self._pseudonyms is None:
            return None
        with self._connection() as connection:
            found = rows_by_order(connection, BY_NUMBER, number=wanted)
            if not found:
                return None
            order = found[0][0]
            if not same(key_of(self._pseudonyms, order), pseudonym):
                return None
            self._remember(pseudonym, order.customer_id)
            return facts_of_rows(found[0])

    def _owner_of(self, pseudonym: str, *, among: ColumnElement[bool] | None) -> int | None:
        """The customer with this pseudonym of an e-mail: remembered since an order of theirs was opened, or looked for.

        Only what is asked without an order looks, among all customers unless told otherwise, whose keys are computed one
        by one: whose promotional code, how many points.
        """
        keys = self._pseudonyms
        if keys is None:
            return None
        with self._session() as session:
            known = self._owners.get(pseudonym)
            email = None if known is None else session.exec(select(Customer.email).where(Customer.id == known)).first()
            if email is not None and keys.email(email) == pseudonym:
                return known
            candidates = select(col(Customer.id), col(Customer.email)).where(true() if among is None else among)
            everybody = session.exec(candidates.execution_options(yield_per=1000))
            found = next((owner for owner, email in everybody if keys.email(email) == pseudonym), None)
        if found is not None:
            self._remember(pseudonym, found)
        return found

    def _remember(self, pseudonym: str, owner: int) -> None:
        if len(self._owners) >= _REMEMBERED:
            self._owners.clear()
        self._owners[pseudonym] = owner

    def _orders(self, query: OrderQuery, **given: str | int) -> tuple[OrderFacts, ...]:
        with self._connection() as connection:
            return read_orders(connection, query, **given)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with _own_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with _own_errors(), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with _own_errors(), Session(for_writing(self._engine)) as session, session.begin():
            yield session


@contextmanager
def _own_errors() -> Iterator[None]:
    try:
        yield
    except StatementError as error:
        # A column type's own refusal arrives wrapped.
        if isinstance(error.orig, ShopError):
            raise error.orig from error
        raise ShopUnavailable(str(error)) from error
    except SQLAlchemyError as error:
        raise ShopUnavailable(str(error)) from error
