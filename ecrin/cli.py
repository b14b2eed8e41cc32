"""The command line: `ecrin …`. Each command reads its arguments, calls one function and prints."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from ecrin.evaluation.bench import bench
from ecrin.evaluation.benchmark import benchmark
from ecrin.evaluation.commands import check_data, classify, evaluate
from ecrin.evaluation.experiments import experiments
from ecrin.evaluation.load import load
from ecrin.model import ModelError, ensure_model, model_path
from ecrin.model import train as train_model
from ecrin.privacy_commands import app as privacy
from ecrin.settings import Settings
from ecrin.supervisor import Part, Stack, StartError, check_port
from gateway.console.token_commands import app as token_commands
from gateway.console.users import FIRST_NAME, first_lead

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ecrin.scenarios import TurnResult
    from shop.repository import SqlShopRepository

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
orders = typer.Typer(no_args_is_help=True)
kb = typer.Typer(no_args_is_help=True)
data = typer.Typer(no_args_is_help=True)
app.add_typer(orders, name="orders")
app.add_typer(kb, name="kb")
app.add_typer(data, name="data")
app.add_typer(token_commands, name="token")
app.add_typer(privacy, name="privacy")

app.command()(classify)
app.command()(evaluate)
app.command()(benchmark)
app.command()(bench)
app.command()(load)
app.command()(experiments)
data.command("check")(check_data)

PARIS = ZoneInfo("Europe/Paris")
_INNER: tuple[Part, ...] = ("actions", "bot")


def _tell(line: str) -> None:
    typer.echo(f"· {line}", err=True)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """End with the message of an expected error, without its traceback."""
    try:
        yield
    except (StartError, ModelError) as error:
        typer.echo(f"ecrin: {error}", err=True)
        raise typer.Exit(1) from error


@app.command()
def serve(port: Annotated[int, typer.Option(help="Port of the gateway.")] = 8080) -> None:
    """Start bot, action server and gateway; Ctrl-C stops all of it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = Settings().model_copy(update={"port": port})
    with _plain_errors():
        check_port(settings.host, settings.port)
        model = ensure_model(settings, progress=_tell)
        seed_demo_shop(settings)
        password = first_lead(settings)
        if password:
            typer.echo(f"console account: {FIRST_NAME}   one-time password: {password}   (shown this once)")
        _tell("starting (about 30 s)")
        with Stack(settings, model, progress=_tell) as stack:
            typer.echo(f"Écrin: {stack.gateway_url}/   console: {stack.gateway_url}/console   (Ctrl-C stops)")
            _watch(stack)


@app.command()
def bots() -> None:
    """Start the bots and the action server of a machine whose gateways run elsewhere (docs/operations.md)."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = Settings()
    with _plain_errors():
        model = ensure_model(settings, progress=_tell)
        seed_demo_shop(settings)
        # The gateways hold the same token, from the same setting.
        token = settings.bot_token.get_secret_value()
        with Stack(settings, model, parts=_INNER, progress=_tell, token=token) as stack:
            typer.echo(f"Écrin, bots: {', '.join(stack.bot_urls.values())}   (Ctrl-C stops)")
            _watch(stack)


def _watch(stack: Stack) -> None:
    try:
        stack.watch()
    except KeyboardInterrupt:
        _tell("stopping")


def seed_demo_shop(settings: Settings) -> None:
    """Bring the shop's database to the current schema; fill the embedded one with the demo shop, dated to today."""
    from shop import demo, migrations
    from shop.database import make_engine

    engine = make_engine(url=settings.shop_database)
    migrations.upgrade(engine)
    if not settings.shop_database_url and settings.environment == "development":
        demo.seed(engine=engine, today=datetime.now(PARIS).date())
    engine.dispose()


@app.command()
def train() -> None:
    """Train the bot on the current data and say where the model lies."""
    settings = Settings()
    with _plain_errors():
        seconds = train_model(settings, progress=_tell)
        typer.echo(f"{seconds:.0f} s  {model_path(settings)}")


@app.command()
def chat(
    trace: Annotated[bool, typer.Option("--trace", help="Show what was understood and why.")] = False,
    now: Annotated[str | None, typer.Option(help="Instant of the conversation, ISO 8601 with offset.")] = None,
) -> None:
    """Talk to the real pipeline in the terminal. An empty line ends."""
    from ecrin.talking import Talk

    settings = Settings()
    with _plain_errors():
        model = ensure_model(settings, progress=_tell)
        seed_demo_shop(settings)
        _tell("starting (about 30 s)")
        with Stack(settings, model, parts=_INNER, progress=_tell) as stack:
            talk = Talk(stack)
            while line := _ask():
                instant = datetime.fromisoformat(now) if now else datetime.now(PARIS)
                for reply in talk.say(line, now=instant):
                    _show(reply, trace=trace)


def _ask() -> str:
    try:
        return input("\n> ").strip()
    except (EOFError, KeyboardInterrupt):
        return ""


def _show(reply: dict[str, object], *, trace: bool) -> None:
    typer.echo(f"\n{reply['text']}")
    buttons = reply["buttons"]
    assert isinstance(buttons, list)
    if buttons:
        typer.secho("  ".join(f"[{button['title']}]" for button in buttons), fg="cyan")
    if trace:
        typer.secho(json.dumps(reply["trace"], ensure_ascii=False, indent=2), dim=True)


@app.command()
def scenario(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)],
    out: Annotated[Path | None, typer.Option("--json", help="Write the result to this file.")] = None,
) -> None:
    """Play conversations against the real pipeline; the exit code tells whether all passed."""
    from ecrin import scenario_file, scenarios

    with _plain_errors():
        try:
            loaded = scenario_file.load(files)
        except scenario_file.ScenarioError as error:
            typer.echo(f"ecrin: {error}", err=True)
            raise typer.Exit(2) from error
        results = []
        with scenario_stack() as (stack, engine, repository):
            for result in scenarios.play(loaded, stack=stack, engine=engine, repository=repository):
                results.append(result)
                typer.echo(_line(result))
    told = scenarios.report(results)
    typer.echo(f"{told['passed_turns']} of {told['turns']} turns passed in {told['scenarios']} scenarios")
    if out:
        out.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if told["failures"]:
        raise typer.Exit(1)


@contextmanager
def scenario_stack() -> Iterator[tuple[Stack, Engine, SqlShopRepository]]:
    """A bot and an action server over an empty shop of their own, gone afterwards."""
    from actions.server import order_numbers
    from shop import migrations
    from shop.database import make_engine, sqlite_url
    from shop.repository import SqlShopRepository

    with tempfile.TemporaryDirectory(prefix="ecrin-") as folder:
        base = Settings()
        var = Path(folder)
        settings = base.model_copy(
            update={"var": var, "shop_database_url": sqlite_url(var / "shop.db"), "tracker_database_url": ""}
        )
        model = ensure_model(base, progress=_tell)
        engine = make_engine(url=settings.shop_database)
        migrations.upgrade(engine)
        repository = SqlShopRepository(engine=engine, numbers=order_numbers(settings.order_prefix))
        with Stack(settings, model, parts=_INNER, progress=_tell) as stack:
            yield stack, engine, repository
        engine.dispose()


def _line(result: TurnResult) -> str:
    mark = "ok  " if result.passed else "FAIL"
    told = "".join(f"\n       missing   {pattern}" for pattern in result.missing)
    told += "".join(f"\n       forbidden {pattern}" for pattern in result.forbidden)
    reply = "" if result.passed else "\n       reply     " + result.reply.replace("\n", "\n                 ")
    return f"{mark} {result.id} {result.turn}  {result.user}{told}{reply}"


@kb.command("check")
def check_kb() -> None:
    """Check the FAQ's texts against their shape, the policy values and the channels' limits."""
    from kb.check import check_all

    problems = check_all(day=datetime.now(PARIS).date())
    for problem in problems:
        typer.echo(str(problem))
    if problems:
        raise typer.Exit(1)
    typer.echo("kb: ok")


@kb.callback()
def _kb() -> None:
    """The FAQ's texts."""


@orders.callback()
def _orders() -> None:
    """The shop's orders."""


@data.callback()
def _data() -> None:
    """The training data."""


@orders.command("import")
def import_orders(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Load orders (YAML or JSON) into the shop's database; all or none, and the same again changes nothing."""
    from actions.server import order_numbers
    from shop import migrations, orders_file
    from shop.database import make_engine
    from shop.order_rows import Reading
    from shop.repository import SqlShopRepository

    settings = Settings()
    engine = make_engine(url=settings.shop_database)
    migrations.upgrade(engine)
    numbers = order_numbers(settings.order_prefix)
    repository = SqlShopRepository(engine=engine, numbers=numbers)
    told = orders_file.import_orders(path=file, repository=repository, reading=Reading(numbers=numbers))
    for line in told.lines():
        typer.echo(line)
    if not told.ok:
        raise typer.Exit(1)


if __name__ == "__main__":
    sys.exit(app())
