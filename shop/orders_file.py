"""The orders file (the scenario `orders` format, YAML or JSON) and its import: all rows or none, as often as one likes.

A file is a list of orders, a mapping with `orders`, or a list of scenarios each with `orders`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shop.errors import OrdersFileError
from shop.located import Cell, LocatedError, data_cells, read_cells
from shop.messages import Place, Problem
from shop.order_rows import Reading, read_row
from shop.records import OrderRecord, SaveReport
from shop.repository import ShopRepository


@dataclass(frozen=True, slots=True)
class OrdersRead:
    """Records in the file's order. They are to be used only when there are no problems; warnings hinder nothing."""

    records: tuple[OrderRecord, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. With problems nothing was written."""

    saved: SaveReport
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    summary: str

    @property
    def ok(self) -> bool:
        """Whether the orders are now in the shop."""
        return not self.problems

    def lines(self) -> tuple[str, ...]:
        """The report for the terminal: problems and warnings by place, then what happened."""
        return (*(str(problem) for problem in (*self.problems, *self.warnings)), self.summary)


def import_orders(*, path: Path, repository: ShopRepository, reading: Reading | None = None) -> ImportReport:
    """Loads a file into the shop. `reading.numbers` has to be the repository's. Raises ShopUnavailable."""
    reading = reading or Reading()
    read = read_orders(path=path, reading=reading)
    if read.problems:
        summary = reading.messages.say("refused", count=len(read.problems))
        return ImportReport(saved=SaveReport(), problems=read.problems, warnings=read.warnings, summary=summary)
    saved = repository.save_orders(read.records)
    summary = reading.messages.say(
        "summary", created=len(saved.created), updated=len(saved.updated), unchanged=len(saved.unchanged)
    )
    return ImportReport(saved=saved, problems=(), warnings=read.warnings, summary=summary)


def read_orders(*, path: Path, reading: Reading) -> OrdersRead:
    """Reads a file without touching the shop."""
    messages = reading.messages
    try:
        root = read_cells(path.read_text(encoding="utf-8"))
    except OSError:
        return _failed(messages.problem("missing_file", Place(), path=path))
    except UnicodeDecodeError:
        return _failed(messages.problem("not_utf8", Place()))
    except LocatedError as error:
        return _failed(messages.problem(error.code, Place(line=error.line), **error.facts))
    if root is None or root.value is None:
        return _failed(messages.problem("empty_file", Place()))
    rows = _rows(root)
    if isinstance(rows, Cell):
        return _failed(messages.problem("not_a_list", Place(line=rows.line)))
    return _read(rows, reading)


def records_from_data(*, orders: Sequence[object], reading: Reading | None = None) -> tuple[OrderRecord, ...]:
    """The records of orders read already, as a scenario holds them. Raises OrdersFileError with every problem."""
    rows = [_Row(data_cells(order), number, in_scenario=False) for number, order in enumerate(orders, start=1)]
    read = _read(rows, reading or Reading())
    if read.problems:
        raise OrdersFileError([str(problem) for problem in read.problems])
    return read.records


@dataclass(frozen=True, slots=True)
class _Row:
    cell: Cell
    position: int | None
    in_scenario: bool


def _failed(problem: Problem) -> OrdersRead:
    return OrdersRead(records=(), problems=(problem,), warnings=())


def _rows(root: Cell) -> list[_Row] | Cell:
    """The order rows of a file, or the cell where a list was expected."""
    if isinstance(root.value, Mapping) and "orders" in root.value:
        return _listed(root.value["orders"], in_scenario="turns" in root.value)
    if not isinstance(root.value, tuple):
        return root
    rows: list[_Row] = []
    for cell in root.value:
        if not isinstance(cell.value, Mapping) or not {"orders", "turns"} & cell.value.keys():
            rows.append(_Row(cell, None, in_scenario=False))
            continue
        inner = _listed(cell.value.get("orders", Cell(cell.line, None)), in_scenario=True)
        if isinstance(inner, Cell):
            return inner
        rows.extend(inner)
    return rows


def _listed(cell: Cell, *, in_scenario: bool) -> list[_Row] | Cell:
    if cell.value is None:
        return []
    if not isinstance(cell.value, tuple):
        return cell
    return [_Row(row, None, in_scenario=in_scenario) for row in cell.value]


def _read(rows: Sequence[_Row], reading: Reading) -> OrdersRead:
    records: dict[str, OrderRecord] = {}
    places: dict[str, Place] = {}
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for row in rows:
        record, wrong, odd = read_row(reading=reading, cell=row.cell, row=row.position)
        problems.extend(wrong)
        warnings.extend(odd)
        if record is None:
            continue
        number = record.facts.number
        place = Place(line=row.cell.line, row=row.position, number=number)
        if records.get(number, record) != record:
            # Scenarios are worlds apart and may tell one order twice; one list of orders may not.
            code, told = ("replaced_number", warnings) if row.in_scenario else ("duplicate_number", problems)
            first = reading.messages.where(Place(line=places[number].line, row=places[number].row))
            told.append(reading.messages.problem(code, place, first=first))
        records[number] = record
        places[number] = place
    return OrdersRead(records=tuple(records.values()), problems=tuple(problems), warnings=tuple(warnings))
