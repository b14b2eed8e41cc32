"""How records become rows. Every function works inside the caller's transaction and commits nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlmodel import Session, col, delete, select

from shop.errors import UnknownCustomer
from shop.mapping import facts_of, new_order, whole_orders, write_facts
from shop.models import Customer, LoyaltyAccount, LoyaltyEntry, Order, PromoCode, PromoRedemption
from shop.records import LoyaltyRecord, OrderRecord, PromoCodeRecord, SaveReport

_CHUNK = 500
"""Rows looked up in one query: below the parameter limit of every SQLite."""


def normalise_code(code: str) -> str:
    """A promotional code in upper case without spaces."""
    return "".join(code.split()).upper()


def write_orders(session: Session, records: Sequence[OrderRecord]) -> SaveReport:
    """Upserts orders by number and customers by e-mail; a number stands once in `records`.

    New customers, then new orders, go in together: each flush is a round trip.
    """
    customers = _customers(session, (record.email for record in records))
    orders = _orders(session, (record.facts.number for record in records))
    known = frozenset(orders)
    retold = {record.facts.number for record in records if _tell_customer(session, customers, record)}
    session.flush()
    for record in records:
        if record.facts.number not in known:
            order = new_order(record.facts, customer_id=_owner_id(session, customers, record.email))
            orders[order.number] = order
            session.add(order)
    session.flush()
    changed: set[str] = set()
    for record in records:
        order, customer_id = orders[record.facts.number], _owner_id(session, customers, record.email)
        if order.number not in known or order.customer_id != customer_id or facts_of(order) != record.facts:
            order.customer_id = customer_id
            write_facts(order, record.facts, order_id=_saved_id(session, order))
            changed.add(order.number)
    changed |= retold
    numbers = [record.facts.number for record in records]
    return SaveReport(
        created=tuple(number for number in numbers if number not in known),
        updated=tuple(number for number in numbers if number in known and number in changed),
        unchanged=tuple(number for number in numbers if number in known and number not in changed),
    )


def write_promo_codes(session: Session, records: Sequence[PromoCodeRecord]) -> None:
    """Upserts codes and replaces their uses."""
    owners = {record.owner_email for record in records if record.owner_email}
    users = {email for record in records for email, _ in record.used_by}
    customers = _customers(session, owners | users)
    for record in records:
        code = normalise_code(record.code)
        row = session.exec(select(PromoCode).where(PromoCode.code == code)).first()
        if row is None:
            row = PromoCode(code=code, valid_from=record.valid_from, valid_until=record.valid_until)
            session.add(row)
        row.valid_from, row.valid_until = record.valid_from, record.valid_until
        row.owner_id = _owner_id(session, customers, record.owner_email) if record.owner_email else None
        row.excludes_sale_items = record.excludes_sale_items
        code_id = _saved_id(session, row)
        session.exec(delete(PromoRedemption).where(col(PromoRedemption.promo_code_id) == code_id))
        for email, instant in record.used_by:
            customer_id = _owner_id(session, customers, email)
            session.add(PromoRedemption(promo_code_id=code_id, customer_id=customer_id, redeemed_at=instant))


def write_loyalty(session: Session, records: Sequence[LoyaltyRecord]) -> None:
    """Replaces the entries of each customer named."""
    customers = _customers(session, (record.email for record in records))
    orders = _orders(session, (record.order_number for record in records if record.order_number))
    accounts: dict[str, int] = {}
    for record in records:
        if record.email not in accounts:
            accounts[record.email] = _empty_account(session, _owner_id(session, customers, record.email))
        session.add(
            LoyaltyEntry(
                account_id=accounts[record.email],
                order_id=orders[record.order_number].id if record.order_number else None,
                points=record.points,
                credited_on=record.credited_on,
                expires_on=record.expires_on,
                used_on=record.used_on,
                voided_on=record.voided_on,
            )
        )


def _empty_account(session: Session, customer_id: int) -> int:
    account = session.exec(select(LoyaltyAccount).where(LoyaltyAccount.customer_id == customer_id)).first()
    if account is None:
        account = LoyaltyAccount(customer_id=customer_id)
        session.add(account)
    account_id = _saved_id(session, account)
    session.exec(delete(LoyaltyEntry).where(col(LoyaltyEntry.account_id) == account_id))
    return account_id


def _customers(session: Session, emails: Iterable[str]) -> dict[str, Customer]:
    return {
        customer.email: customer
        for chunk in _chunks(emails)
        for customer in session.exec(select(Customer).where(col(Customer.email).in_(chunk)))
    }


def _orders(session: Session, numbers: Iterable[str]) -> dict[str, Order]:
    return {
        order.number: order
        for chunk in _chunks(numbers)
        for order in session.exec(select(Order).where(col(Order.number).in_(chunk)).options(*whole_orders())).unique()
    }


def _chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    distinct = sorted(set(keys))
    for start in range(0, len(distinct), _CHUNK):
        yield distinct[start : start + _CHUNK]


def _tell_customer(session: Session, customers: dict[str, Customer], record: OrderRecord) -> bool:
    """Makes the owner of a record known, and says whether that changed a customer the shop had."""
    customer = customers.get(record.email)
    if customer is None:
        customer = customers[record.email] = Customer(
            email=record.email,
            phone=record.phone,
            name=record.customer_name,
            country=record.facts.country,
        )
        session.add(customer)
        return False
    phone = record.phone or customer.phone
    name = record.customer_name or customer.name
    changed = (phone, name) != (customer.phone, customer.name)
    customer.phone, customer.name = phone, name
    return changed


def _owner_id(session: Session, customers: Mapping[str, Customer], email: str) -> int:
    if email not in customers:
        raise UnknownCustomer(email)
    return _saved_id(session, customers[email])


def _saved_id(session: Session, row: Customer | Order | PromoCode | LoyaltyAccount) -> int:
    """The row's id, given by the database on the spot when the row is new."""
    if row.id is None:
        session.flush()
    if row.id is None:
        raise RuntimeError("the database gave no id")
    return row.id
