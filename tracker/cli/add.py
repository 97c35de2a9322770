"""`tracker add`: one debt and its plan by questions, to stop and go on at any point.

What was typed is kept in `<home>/add.json` after each answer, with the keys under
which the two writes go out, so that neither a stop nor a lost answer makes
anything double. The questions check what they can; the actions check it all, and
what they refuse is asked again.
"""

from __future__ import annotations

import json
import os

import click

from tracker import home as homes
from tracker.cli import client, output
from tracker.cli.command import Own, ask, confirmed, json_wanted
from tracker.cli.questions import QUESTIONS
from tracker.cli.talk import Question, Talk
from tracker.errors import InputError, TrackerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Json, Object

_FILE = "add.json"


class Progress:
    """The file: one entry for each person who is in the middle of it."""

    def __init__(self, person: str) -> None:
        self.path = os.path.join(homes.directory(), _FILE)
        self.person = person
        self.told = False

    def read(self) -> dict[str, str]:
        saved = self._all().get(self.person)
        if not isinstance(saved, dict):
            return {}
        return {field: value for field, value in saved.items() if isinstance(value, str)}

    def write(self, answers: dict[str, str]) -> None:
        """Raises nothing: what cannot be kept is said once, and the questions go on."""
        everybody = self._all()
        everybody.pop(self.person, None)
        if answers:
            everybody[self.person] = {**answers}
        partial = self.path + ".partial"
        try:
            if not everybody:
                os.unlink(self.path)
                return
            file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with open(file, "w", encoding="utf-8") as content:
                json.dump(everybody, content, indent=2)
            os.replace(partial, self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            if not self.told:
                self.told = True
                output.aside(
                    output.words().text(
                        "Your answers cannot be kept in {path}: {reason}.",
                        path=self.path,
                        reason=error.strerror,
                    )
                )

    def _all(self) -> dict[str, Json]:
        try:
            with open(self.path, encoding="utf-8") as file:
                saved = json.load(file)
        except (OSError, ValueError):
            return {}
        return saved if isinstance(saved, dict) else {}


def _add(as_json: bool, person: str | None) -> None:
    talk = Talk.begin(person)
    progress = Progress(talk.person)
    talk.answers = progress.read()
    text = output.words().text
    output.aside(text("Enter takes what stands in [brackets]; ? explains, or says don't know."))
    output.aside(text("back goes back; Ctrl-C stops, and tracker add goes on from there."))
    if talk.answers and not click.confirm(
        text("Go on with {creditor}?", creditor=talk.answers.get("creditor", "…")),
        default=True,
        err=True,
    ):
        talk.answers = {}
    try:
        result = _conversation(talk, progress)
    except (click.Abort, KeyboardInterrupt):
        if progress.read():
            output.aside("\n" + text("Stopped. tracker add goes on from here."))
        raise
    progress.write({})
    if json_wanted(as_json):
        output.as_json(result)
        return
    for part in result.values():
        if isinstance(part, dict):
            output.said(part)


def _conversation(talk: Talk, progress: Progress) -> Object:
    """Questions, the summary, the two writes; what is refused leads back to its question."""
    while True:
        _ask_open(talk, progress)
        if (field := _confirm(talk)) is not None:
            _reopen(talk, progress, field)
            continue
        try:
            return _record(talk, progress)
        except client.AnsweredError as error:
            output.told(error.sentence, error.hint)
            known = {question.field for question in QUESTIONS}
            field = {"terms": "rows", "cover_word": "word"}.get(error.field or "", error.field)
            if error.exit_code != InputError.exit_code and error.code != "conflict":
                raise click.Abort from None
            if field not in known:
                field = "how" if "debt" in talk.answers else "creditor"
            _reopen(talk, progress, str(field))


def _ask_open(talk: Talk, progress: Progress) -> None:
    """Every question that applies and has no answer yet, in order."""
    while (question := _first_open(talk)) is not None:
        typed = _typed(talk, question)
        if typed is None:
            _back(talk, question)
        else:
            talk.answers[question.field] = typed
        progress.write(talk.answers)


def _first_open(talk: Talk) -> Question | None:
    return next(
        (each for each in QUESTIONS if each.applies(talk) and each.field not in talk.answers), None
    )


def _typed(talk: Talk, question: Question) -> str | None:
    """A valid answer, or None for `back`."""
    text = output.words().text
    choices = question.choices(talk)
    for number, (_, label) in enumerate(choices, start=1):
        output.aside(f"  {number}  {text(label)}")
    default = question.default(talk)
    while True:
        typed = _line(text(question.text), default)
        if typed.casefold() in {"back", "zurück", "返回"}:
            return None
        if typed == "?" and not question.unknown:
            output.aside(text(question.hint))
            continue
        if question.many_lines:
            typed = _lines(typed)
        try:
            return question.check(talk, _chosen(typed or default, choices))
        except TrackerError as error:
            sentence, hint = output.words().error(error)
            output.aside(sentence)
            if hint:
                output.aside(hint)


def _line(question: str, default: str) -> str:
    shown = f"{question} [{default}]" if default else question
    typed = click.prompt(
        output.clean(shown), default="", show_default=False, prompt_suffix=": ", err=True
    )
    return str(typed).strip()


def _lines(first: str) -> str:
    """Pasted lines up to an empty one."""
    lines = [first]
    while lines[-1]:
        lines.append(
            str(click.prompt("", default="", show_default=False, prompt_suffix="  ", err=True))
        )
    return "\n".join(lines).strip()


def _chosen(typed: str, choices: list[tuple[str, str]]) -> str:
    """The value that a number stands for."""
    if choices and typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(choices):
        return choices[int(typed) - 1][0]
    return typed


def _answered(talk: Talk) -> list[Question]:
    """What can still be changed: once the debt is recorded, its plan alone."""
    start = [each.field for each in QUESTIONS].index("how") if "debt" in talk.answers else 0
    return [each for each in QUESTIONS[start:] if each.applies(talk) and each.field in talk.answers]


def _back(talk: Talk, question: Question) -> None:
    """Take back the answer before this question; the first one stays."""
    place = QUESTIONS.index(question)
    before = [each for each in _answered(talk) if QUESTIONS.index(each) < place]
    if before:
        del talk.answers[before[-1].field]


def _confirm(talk: Talk) -> str | None:
    """None to record it; else the field to ask again."""
    text = output.words().text
    questions = _answered(talk)
    output.aside("")
    for number, question in enumerate(questions, start=1):
        answer = talk.answers[question.field].replace("\n", "; ")
        if answer:
            output.aside(f"  {number:>2}  {text(question.label or question.text)}: {answer}")
    while True:
        typed = _line(text("Record it? y, or the number of what to change"), "y").casefold()
        if typed in {"", "y", "yes", "是", "好"}:
            return None
        if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= len(questions):
            return questions[int(typed) - 1].field
        if typed == "back" and questions:
            return questions[-1].field


def _reopen(talk: Talk, progress: Progress, field: str) -> None:
    """Ask this one again, under new keys: it will be another request."""
    for each in (field, *(("debt_key",) if "debt" not in talk.answers else ()), "plan_key"):
        talk.answers.pop(each, None)
    progress.write(talk.answers)


def _record(talk: Talk, progress: Progress) -> Object:
    result: Object = {}
    if "debt" not in talk.answers:
        result["debt"] = _write(talk, progress, "debt.add", talk.debt(), "debt_key")
        debt = result["debt"]
        assert isinstance(debt, dict)
        talk.answers["debt"] = str(debt.get("handle"))
        progress.write(talk.answers)
    if talk.answers.get("how") != "none":
        result["plan"] = _write(talk, progress, "plan.agree", talk.plan(), "plan_key")
    return result


def _write(talk: Talk, progress: Progress, action: str, request: Object, key_field: str) -> Object:
    """Key and consent are on the disk before the request is on its way."""
    consent = f"{action}_accepted"
    while True:
        talk.answers.setdefault(key_field, client.new_key())
        progress.write(talk.answers)
        accepted = {"accept": True} if consent in talk.answers else {}
        try:
            return ask(
                action,
                {**request, **accepted},
                person=talk.person,
                key=talk.answers[key_field],
                writes=True,
            )
        except client.AnsweredError as error:
            if error.field != "accept" or accepted:
                raise
            output.aside(error.sentence)
            if not confirmed(output.words().text("Go on all the same?")):
                raise click.Abort from None
            talk.answers[consent] = "yes"
            del talk.answers[key_field]  # another request than the one that was refused


add = Own(
    "add",
    help="One debt and its plan by questions; stop and go on at will.",
    example="tracker add",
    callback=_add,
)
