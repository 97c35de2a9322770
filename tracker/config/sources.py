"""Where a value comes from: the file, the environment, a secret's own file.

Nothing here stops at the first mistake: each one is added to `problems`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tracker.config import addresses
from tracker.config.keys import BY_NAME, KEYS, Key
from tracker.config.kinds import Value
from tracker.errors import InputError, TrackerError

FILE = "config.toml"
_SECTIONS = {key.name.rpartition(".")[0] for key in KEYS} | {"sms"}


@dataclass(slots=True)
class Found:
    """The values by key, and for each the place that its mistakes are told with."""

    values: dict[str, Value] = field(default_factory=dict)
    places: dict[str, str | TrackerError] = field(default_factory=dict)
    problems: list[InputError] = field(default_factory=list)
    readable: bool = True

    def place(self, name: str) -> str | TrackerError:
        """Where the key was set; the bare name of the key that was not."""
        return self.places.get(name, name)

    def take(self, key: Key, raw: object, place: str | TrackerError, *, text: bool) -> None:
        """Check the value and keep it, or note what is wrong with it.

        `text`: it came as text and is parsed first. A secret is never repeated.
        """
        self.places[key.name] = place
        try:
            self.values[key.name] = key.kind.read(
                key.kind.parse(raw) if text and isinstance(raw, str) else raw
            )
        except ValueError:
            shown = "…" if key.secret or key.by_file else repr(raw)
            self.problems.append(
                InputError(
                    "{place}: {key} is {value}; it takes {expected}.",
                    field=key.name,
                    place=place,
                    key=key.name,
                    value=shown if len(shown) <= 80 else shown[:79] + "…",
                    expected=key.kind.expected,
                )
            )


def read_file(home: Path, found: Found) -> None:
    """Read `<home>/config.toml`, if there is one."""
    import tomllib

    path = home / FILE
    text = ""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        tree = tomllib.loads(text)
    except FileNotFoundError:
        return
    except OSError as error:
        found.readable = False
        reason = error.strerror or type(error).__name__
        found.problems.append(
            InputError("{path} cannot be read: {reason}.", path=str(path), reason=reason)
        )
        return
    except UnicodeDecodeError as error:
        found.readable = False
        line = error.object[: error.start].count(b"\n") + 1
        found.problems.append(InputError("{place}: this is not UTF-8 text.", place=_line(line)))
        return
    except tomllib.TOMLDecodeError as error:
        found.readable = False
        found.problems.append(
            InputError(
                "{place}: this is no TOML: {reason}.",
                place=_line(_syntax_line(str(error), text)),
                reason=str(error).partition(" (at ")[0],
            )
        )
        return
    lines = _lines(text)
    for name, value in _leaves(tree):
        _take_from_file(name, value, _line(lines.get(name) or _nearest(name, lines)), home, found)


def _take_from_file(
    name: str, value: object, place: TrackerError, home: Path, found: Found
) -> None:
    key = BY_NAME.get(name)
    if key is None:
        owner = BY_NAME.get(name.removesuffix("_file"))
        if owner is not None and owner.by_file:
            _take_secret_named(owner, value, name, place, home, found)
        else:
            found.problems.append(_unknown(name, place))
    elif key.secret or (key.by_file and isinstance(value, str) and _has_password(value)):
        found.problems.append(
            InputError(
                "{place}: {key} holds a secret, which does not belong here; put it into a file "
                "that only its owner can read (chmod 600) and name that in {key}_file.",
                field=name,
                place=place,
                key=name,
            )
        )
    else:
        found.take(key, value, place, text=False)


def read_secrets(environ: Mapping[str, str], found: Found) -> None:
    """systemd's credentials: `$CREDENTIALS_DIRECTORY/<key>`.

    systemd guards that directory itself, and gives its files modes (0440 with
    an access list) that would look too open anywhere else.
    """
    directory = environ.get("CREDENTIALS_DIRECTORY", "")
    for key in KEYS:
        if directory and key.by_file:
            path = Path(directory, key.name)
            if path.exists():
                _take_secret(key, path, str(path), found, guarded=True)


def read_environment(environ: Mapping[str, str], home: Path, found: Found) -> None:
    """TRACKER_<SECTION>_<KEY>, which wins over everything else."""
    known = {"TRACKER_CLOCK", "TRACKER_HOME", "TRACKER_PERSON", "TRACKER_URL"}
    for key in KEYS:
        known.add(key.variable)
        if key.by_file:
            variable = key.variable + "_FILE"
            known.add(variable)
            if variable in environ:
                _take_secret_named(key, environ[variable], variable, variable, home, found)
        if key.variable in environ:
            found.take(key, environ[key.variable], key.variable, text=True)
    prefixes = tuple("TRACKER_" + each.upper().replace(".", "_") + "_" for each in _SECTIONS)
    for variable in sorted(environ):
        if variable.startswith(prefixes) and variable not in known:
            guess = _guess(variable, sorted(known))
            found.problems.append(_unknown_as(variable, "environment", guess))


def _take_secret_named(
    key: Key, value: object, name: str, place: str | TrackerError, home: Path, found: Found
) -> None:
    if not isinstance(value, str):
        found.problems.append(
            InputError(
                "{place}: {key} is {value!r}; it takes the path of a file.",
                field=key.name,
                place=place,
                key=name,
                value=value,
            )
        )
    elif value:
        _take_secret(key, home / Path(value).expanduser(), place, found, guarded=False)


def _take_secret(
    key: Key, path: Path, place: str | TrackerError, found: Found, *, guarded: bool
) -> None:
    problem: InputError | None = None
    shown, content = str(path), ""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(65_536).decode().strip()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problem = InputError(
            "{place}: {path} cannot be read: {reason}.", place=place, path=shown, reason=reason
        )
    except UnicodeDecodeError:
        problem = InputError("{place}: {path} is not UTF-8 text.", place=place, path=shown)
    else:
        if mode & 0o077 and not guarded:
            problem = InputError(
                "{place}: others can read {path} (mode {mode}); run chmod 600 {path}.",
                place=place,
                path=shown,
                mode=f"{mode:04o}",
            )
        elif not content:
            problem = InputError("{place}: {path} is empty.", place=place, path=shown)
    if problem is None:
        found.take(key, content, place, text=True)
    else:
        problem.field = key.name
        found.places[key.name] = place
        found.problems.append(problem)


def _has_password(url: str) -> bool:
    try:
        return addresses.has_password(url)
    except ValueError:
        return False


def _unknown(name: str, place: TrackerError) -> InputError:
    names = [*BY_NAME, *(f"{key.name}_file" for key in KEYS if key.by_file)]
    return _unknown_as(name, place, _guess(name, names))


def _unknown_as(name: str, place: str | TrackerError, guess: str | None) -> InputError:
    if guess is None:
        return InputError("{place}: there is no key {key}.", field=name, place=place, key=name)
    return InputError(
        "{place}: there is no key {key}; did you mean {guess}?",
        field=name,
        place=place,
        key=name,
        guess=guess,
    )


def _guess(name: str, names: list[str]) -> str | None:
    """The nearest name; failing that, one whose last part is the same."""
    from difflib import get_close_matches

    last = name.rpartition(".")[2]
    near = get_close_matches(name, names, n=1, cutoff=0.7)
    near = near or [each for each in names if each.rpartition(".")[2] == last]
    return near[0] if near else None


def _leaves(tree: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for part, value in tree.items():
        name = f"{prefix}{part}"
        if isinstance(value, dict) and (value or name in _SECTIONS):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value


def _lines(text: str) -> dict[str, int]:
    """The line on which each dotted name stands first.

    Good enough to point at a line: tomllib tells no positions.
    """
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            table = _dotted(stripped.strip("[").partition("]")[0])
            found.setdefault(table, number)
        elif "=" in stripped and not stripped.startswith("#"):
            name = _dotted(stripped.partition("=")[0])
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def _dotted(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))


def _nearest(name: str, lines: Mapping[str, int]) -> int:
    """The line of the inline table that the name stands in."""
    while name and name not in lines:
        name = name.rpartition(".")[0]
    return lines.get(name, 1)


def _syntax_line(message: str, text: str) -> int:
    _, _, rest = message.partition("(at line ")
    digits = rest.partition(",")[0]
    return int(digits) if digits.isdigit() else max(1, len(text.splitlines()))


def _line(number: int) -> InputError:
    return InputError("line {line} of {file}", line=number, file=FILE)
