"""What can be wrong in the French texts, told with file, line and mend. Behind `ecrin kb check`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from kb.conversation import Conversation, load_conversation
from kb.expected import FACTS, ORDER_SAMPLES, SAMPLES, SETTINGS, USES
from kb.faq import Entry, Faq, FaqError, load_faq
from kb.problems import Problem
from kb.render import OPTIONAL, PLACEHOLDER, RenderError, placeholders, render, written
from kb.source import read_texts
from kb.vocabulary import Vocabulary, load_vocabulary
from policies.decision import Fact
from policies.values import ValueHistory, load_values

T = TypeVar("T")

FAQ_FILE = "faq_fr.yaml"
CONVERSATION_FILE = "conversation_fr.yaml"
ASPECTS_PATH = Path(__file__).parent.parent / "data" / "aspects.yml"

SHORT_LIMIT = 600
"""Characters of a first reply, placeholders filled."""
MESSAGE_LIMIT = 4096
"""Characters of one WhatsApp text message, the narrowest of our channels for a long text."""
BUTTON_LIMIT = 20
"""Characters of a button title on WhatsApp and Messenger."""
BUTTON_GROUPS = ("buttons.", "entry_buttons.")

_SILENCING = frozenset({"missing_entry", "unknown_placeholder", "cannot_render"})

STEP_NUMBER = re.compile(r"(?m)^\s*\d+\. ")
NUMBER = re.compile(r"\d+(?:[.,:]\d+)?")
TUTOIEMENT = re.compile(r"(?i)\b(?:tu|toi|ton|ta|tes|tien|tienne)\b|\bt[’'](?=[aeéèêiou])")
BREAKABLE = re.compile(r" [:;?!»]|« ")


@dataclass(frozen=True, slots=True)
class Text:
    """One template to look at: where it stands, what it may speak of, how long it may become."""

    file: str
    line: int
    where: str
    template: str
    facts: Mapping[str, Fact]
    optional_facts: Mapping[str, Fact]
    limit: int

    def problem(self, code: str, **details: str) -> Problem:
        """A fault of this text."""
        return Problem(file=self.file, line=self.line, where=self.where, code=code, details=details)


def check_all(*, day: date, faq_path: Path | None = None, aspects_path: Path | None = None) -> list[Problem]:
    """Load every text file and check it against the values in force on `day`; empty when nothing is to mend."""
    problems: list[Problem] = []
    faq = _loaded(lambda: load_faq(faq_path), problems)
    conversation = _loaded(load_conversation, problems)
    if faq is None or conversation is None:
        return sorted(problems)
    return check(
        faq,
        load_values(),
        day=day,
        conversation=conversation,
        aspects=load_aspects(aspects_path),
        vocabulary=load_vocabulary(),
    )


def check(
    faq: Faq,
    history: ValueHistory,
    *,
    day: date,
    conversation: Conversation,
    aspects: frozenset[str],
    vocabulary: Vocabulary,
) -> list[Problem]:
    """Every fault of the loaded texts, in the order of the files."""
    values = {**SETTINGS, **history.at(day).flat()}
    problems = [*_ids(faq), *_outcomes(faq), *_aspects(faq, aspects)]
    for text in (*_faq_texts(faq, values), *_conversation_texts(conversation, values)):
        problems += _text_problems(text, values, vocabulary)
    return sorted(problems)


def silencing(faq: Faq, history: ValueHistory, *, day: date, vocabulary: Vocabulary) -> list[Problem]:
    """The faults of the FAQ for which a customer would get no answer at all; the others are only to be mended."""
    values = {**SETTINGS, **history.at(day).flat()}
    found = [*_ids(faq)]
    for text in _faq_texts(faq, values):
        found += _text_problems(text, values, vocabulary)
    return sorted(problem for problem in found if problem.code in _SILENCING)


def load_aspects(path: Path | None = None) -> frozenset[str]:
    """The ids of the follow-ups the bot is trained on."""
    return frozenset(item["aspect"] for item in read_texts(path or ASPECTS_PATH)["aspects"])


def _loaded(load: Callable[[], T], problems: list[Problem]) -> T | None:
    try:
        return load()
    except FaqError as error:
        problems += error.problems
        return None


def _ids(faq: Faq) -> Iterator[Problem]:
    for missing in USES.keys() - faq.entries.keys():
        yield Problem(file=FAQ_FILE, line=0, where="entries", code="missing_entry", details={"id": missing})
    for entry in faq.entries.values():
        if entry.id not in USES:
            yield _of(entry, "question", "unknown_entry", id=entry.id)
        for related in entry.related:
            if related not in USES:
                yield _of(entry, "question", "unknown_related", id=related)


def _outcomes(faq: Faq) -> Iterator[Problem]:
    for entry in faq.entries.values():
        wanted = {outcome for use in USES.get(entry.id, ()) for outcome in use.outcomes()}
        for outcome in sorted(wanted - entry.outcomes.keys()):
            yield _of(entry, "question", "missing_outcome", outcome=outcome)
        for outcome in sorted(entry.outcomes.keys() - wanted):
            yield _of(entry, f"outcomes.{outcome}", "unknown_outcome", outcome=outcome)
        for outcome in sorted(entry.outcome_passages.keys() - wanted):
            aspect = next(iter(entry.outcome_passages[outcome]), "")
            yield _of(entry, f"outcome_passages.{outcome}.{aspect}", "unknown_outcome", outcome=outcome)


def _aspects(faq: Faq, aspects: frozenset[str]) -> Iterator[Problem]:
    for entry in faq.entries.values():
        for path in entry.texts():
            kind, _, aspect = path.rpartition(".")
            if "passages" in kind and aspect not in aspects:
                yield _of(entry, path, "unknown_aspect", aspect=aspect)


def _of(entry: Entry, path: str, code: str, **details: str) -> Problem:
    where = f"entries.{entry.id}.{path}"
    return Problem(file=FAQ_FILE, line=entry.lines.get(path, 0), where=where, code=code, details=details)


def _faq_texts(faq: Faq, values: Mapping[str, Fact]) -> Iterator[Text]:
    for entry in faq.entries.values():
        decided = {name: SAMPLES[name] for use in USES.get(entry.id, ()) for name in FACTS[use.rule]}
        known = {**values, **ORDER_SAMPLES, **decided}
        for path, template in entry.texts().items():
            has_decision = path.startswith("outcome")
            yield Text(
                file=FAQ_FILE,
                line=entry.lines.get(path, 0),
                where=f"entries.{entry.id}.{path}",
                template=template,
                facts=known if has_decision else values,
                # A follow-up may be asked before or after the order is known.
                optional_facts=known if has_decision or path.startswith("passages") else values,
                limit=MESSAGE_LIMIT if path == "full" else SHORT_LIMIT,
            )


def _conversation_texts(conversation: Conversation, values: Mapping[str, Fact]) -> Iterator[Text]:
    known = {**values, **ORDER_SAMPLES, "item": SAMPLES["item"]}
    for key, variants in conversation.sentences.items():
        for template in variants:
            yield Text(
                file=CONVERSATION_FILE,
                line=conversation.lines[key],
                where=key,
                template=template,
                facts=known,
                optional_facts=known,
                limit=BUTTON_LIMIT if key.startswith(BUTTON_GROUPS) else SHORT_LIMIT,
            )


def _text_problems(text: Text, values: Mapping[str, Fact], vocabulary: Vocabulary) -> Iterator[Problem]:
    bare = PLACEHOLDER.sub("", OPTIONAL.sub(lambda part: part[3], text.template))
    yield from _numbers(text, bare, values)
    if "'" in bare or '"' in bare:
        yield text.problem("straight_quote")
    if found := TUTOIEMENT.search(bare):
        yield text.problem("tutoiement", word=found[0])
    if found := BREAKABLE.search(text.template):
        yield text.problem("breakable_space", sign=found[0].strip())
    unknown = placeholders(OPTIONAL.sub("", text.template)) - text.facts.keys()
    unknown |= placeholders(text.template) - text.optional_facts.keys()
    for name in sorted(unknown):
        yield text.problem("unknown_placeholder", name=name)
    if unknown:
        return
    try:
        filled = render(text.template, {**text.optional_facts, **text.facts}, vocabulary)
    except RenderError as error:
        yield text.problem("cannot_render", reason=str(error))
        return
    if len(filled) > text.limit:
        yield text.problem("too_long", length=str(len(filled)), limit=str(text.limit))


def _numbers(text: Text, bare: str, values: Mapping[str, Fact]) -> Iterator[Problem]:
    for number in dict.fromkeys(NUMBER.findall(STEP_NUMBER.sub("", bare))):
        keys = sorted(key for key, value in values.items() if number in _numbers_of(value))
        if keys:
            yield text.problem("number_by_hand", number=number, keys=", ".join(f"{{{key}}}" for key in keys[:4]))
        else:
            yield text.problem("number_unknown", number=number)


def _numbers_of(value: Fact) -> Iterable[str]:
    return () if value is None or isinstance(value, bool) else NUMBER.findall(written(value))
