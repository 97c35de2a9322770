"""How sentences get from the source into the catalogs: `python -m tests.catalogs`.

pybabel sees positional arguments only, while a hint is a keyword, and it writes
the hour into its files. Here the same source gives the same bytes.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LANGUAGES = ("en", "zh_Hans", "zh_Hant")
PARTIAL = ("zh_Hant_HK",)
"""These hold only what they say otherwise than the language they inherit from: a
sentence is added to such a file by hand, with its translation."""
ROOT = Path(__file__).parents[1]
DIRECTORY = ROOT / "tracker" / "locale"

Sentence = str | tuple[str, str]
"""A msgid, or the two forms of a plural."""

_FIRST = frozenset(
    {
        "AlreadyRunningError",
        "ConflictError",
        "InputError",
        "N_",
        "NotFoundError",
        "RefusedError",
        "TrackerError",
        "UnavailableError",
        "__init__",
        "text",
    }
)


def sentences() -> list[Sentence]:
    """All that the package says, sorted."""
    found: set[Sentence] = set()
    for path in sorted((ROOT / "tracker").rglob("*")):
        if path.suffix == ".py" and path.parent.name == "rules":
            # `text` reads a field of a rule there.
            found.update(in_python(path.read_text("utf-8"), str(path), _FIRST - {"text"}))
        elif path.suffix == ".py":
            found.update(in_python(path.read_text("utf-8"), str(path)))
        elif path.name.endswith((".html", ".txt", ".j2")):
            found.update(in_template(path.read_text("utf-8")))
    return sorted(found, key=lambda each: each if isinstance(each, str) else each[0])


def in_python(
    source: str, name: str = "<source>", first: frozenset[str] = _FIRST
) -> Iterator[Sentence]:
    """The first argument of an error or its `__init__`, of `N_` and `….text`, the second of
    `_text`, both forms of `….plural`, and any `hint=`; of a condition, both sides."""
    for node in ast.walk(ast.parse(source, name)):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if name == "plural" and len(node.args) >= 2:
            yield from zip(_texts(node.args[0]), _texts(node.args[1]), strict=True)
        elif name in first and node.args:
            yield from _texts(node.args[0])
        elif name == "_text" and len(node.args) >= 2:
            yield from _texts(node.args[1])
        for keyword in node.keywords:
            if keyword.arg == "hint":
                yield from _texts(keyword.value)


def in_template(source: str) -> Iterator[Sentence]:
    """The same calls in a Jinja template, as `text("…")` or as `language.text("…")`."""
    from jinja2 import Environment, nodes

    for call in Environment(extensions=["jinja2.ext.do"]).parse(source).find_all(nodes.Call):
        target = call.node
        name = target.attr if isinstance(target, nodes.Getattr) else getattr(target, "name", "")
        literals = [
            each.value
            for each in call.args
            if isinstance(each, nodes.Const) and isinstance(each.value, str)
        ]
        if name == "plural" and len(literals) >= 2:
            yield literals[0], literals[1]
        elif name in {*_FIRST, "_"} and literals:
            yield literals[0]


def po_path(language: str) -> Path:
    return DIRECTORY / language / "LC_MESSAGES" / "tracker.po"


def read(language: str) -> Catalog:
    """The committed catalog; an empty one before there is a file."""
    path = po_path(language)
    text = path.read_bytes() if path.exists() else b""
    return read_po(io.BytesIO(text), locale=language, domain="tracker")


def updated(language: str) -> Catalog:
    """A catalog of all sentences with the translations that there are already.

    A translation whose sentence has gone stays as obsolete (`#~`), in case the
    sentence comes back; delete those lines by hand. A partial catalog gets no
    sentence that it does not translate.
    """
    old = read(language)
    known = {_key(each): each for each in (*old.obsolete.values(), *old) if each.id}
    new = Catalog(locale=language, domain="tracker", project="tracker", fuzzy=False)
    for sentence in sentences():
        message = known.pop(sentence, None)
        if language in PARTIAL and (message is None or not is_translated(message)):
            continue
        new.add(
            sentence,
            message.string if message is not None else "",
            flags=message.flags if message is not None else (),
            user_comments=message.user_comments if message is not None else (),
        )
    new.obsolete.update(
        (str(key), each) for key, each in sorted(known.items(), key=str) if is_translated(each)
    )
    return new


def _key(message: Message) -> Sentence:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def po_text(catalog: Catalog) -> str:
    """The catalog as a .po file whose header holds no hour and no names."""
    body = io.BytesIO()
    write_po(body, catalog, omit_header=True, width=100)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalog.locale}\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return header + body.getvalue().decode().strip() + "\n"


def mo_bytes(catalog: Catalog) -> bytes:
    """The catalog compiled; fuzzy translations are left out."""
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalog.project, catalog.version = "tracker", ""
    catalog.last_translator = catalog.language_team = catalog.msgid_bugs_address = ""
    target = io.BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def is_translated(message: Message) -> bool:
    """Whether every form has its translation."""
    forms = [message.string] if isinstance(message.string, str) else (message.string or [""])
    return all(forms) and not message.fuzzy


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) and node.value else []
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return []


def main() -> None:
    for language in (*LANGUAGES, *PARTIAL):
        catalog = updated(language)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(po_text(catalog), "utf-8")
        path.with_suffix(".mo").write_bytes(mo_bytes(read(language)))
        done = sum(1 for each in catalog if each.id and is_translated(each))
        print(f"{language}: {done} of {len(catalog)} sentences")


if __name__ == "__main__":
    main()
