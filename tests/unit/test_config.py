from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import fields, is_dataclass
from datetime import time
from pathlib import Path

import pytest

from tracker import config, home, language
from tracker.config.keys import BY_NAME, KEYS
from tracker.config.settings import get

ROOT = Path(__file__).parents[2]
SID = "AC" + "0123456789abcdef" * 2
TOKEN = "0f" * 16
MAIL = '[mail]\nhost = "mail.example.org"\nfrom_address = "home@example.org"\n'
SENDER = f'[sms.twilio]\naccount_sid = "{SID}"\nfrom_number = "+15550100123"\n'


def load(folder: Path, text: str = "", **environ: str) -> config.Settings:
    if text:
        (folder / "config.toml").write_text(text, "utf-8")
    return config.load(folder, environ)


def problems(folder: Path, text: str = "", **environ: str) -> list[str]:
    with pytest.raises(config.ConfigError) as caught:
        load(folder, text, **environ)
    told, hint = language.of("en_GB").error(caught.value)
    assert told == str(caught.value)
    assert hint is None
    return told.splitlines()[1:]


def secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def leaves(value: object, prefix: str = "") -> dict[str, str]:
    """The dotted names of the settings' fields and their annotations."""
    assert is_dataclass(value)
    found: dict[str, str] = {}
    for each in fields(value):
        name, inner = f"{prefix}{each.name}", getattr(value, each.name)
        if is_dataclass(inner):
            found |= leaves(inner, f"{name}.")
        else:
            found[name] = str(each.type)
    return found


def test_the_example_file_is_what_the_table_of_keys_gives() -> None:
    assert (ROOT / "config.example.toml").read_text("utf-8") == config.example()


def test_the_example_file_loads_as_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, config.example()) == config.load(tmp_path, {})


def test_the_example_file_lists_exactly_the_keys() -> None:
    def names(tree: dict[str, object], prefix: str = "") -> set[str]:
        found: set[str] = set()
        for part, value in tree.items():
            inner = isinstance(value, dict)
            found |= names(value, f"{prefix}{part}.") if inner else {f"{prefix}{part}"}  # type: ignore[arg-type]
        return found

    expected = {key.name for key in KEYS if not key.secret}
    expected |= {f"{key.name}_file" for key in KEYS if key.by_file}
    assert names(tomllib.loads(config.example())) == expected


def test_every_key_has_its_field_of_the_same_type(tmp_path: Path) -> None:
    settings = config.load(tmp_path, {})
    kinds = leaves(settings)
    del kinds["home"]
    assert list(kinds) == [key.name for key in KEYS]
    for name, annotation in kinds.items():
        assert annotation.partition("[")[0] == type(get(settings, name)).__name__, name


def test_what_is_left_out_lies_in_the_home(tmp_path: Path) -> None:
    settings = config.load(tmp_path, {})
    assert settings.home == tmp_path
    assert settings.database.url == f"sqlite:///{tmp_path}/tracker.db"
    assert settings.daemon.socket == str(tmp_path / "tracker.sock")
    assert settings.reminders.offset_days == (-3, -1, 0)
    assert settings.reminders.send_at == time(9)
    assert settings.reminders.window == (time(9), time(20))


def test_the_environment_wins_over_the_file_for_every_key(tmp_path: Path) -> None:
    values = {
        "database.url": "postgresql+psycopg://li@db.example/tracker",
        "database.backup_keep": "3",
        "daemon.socket": "run/t.sock",
        "daemon.tick_seconds": "0.5",
        "daemon.tick_limit_seconds": "4",
        "daemon.stall_seconds": "100",
        "web.bind": "[::1]:9000",
        "web.login": "false",
        "web.allowed_hosts": "tracker.lan, *.home.arpa",
        "web.public_url": "https://tracker.example",
        "web.metrics": "yes",
        "feed.bind": "192.0.2.7:8766",
        "feed.public_url": "http://192.0.2.7:8766",
        "delivery.settle_seconds": "1.5",
        "delivery.recheck_seconds": "0",
        "delivery.lease_seconds": "60",
        "delivery.workers": "4",
        "delivery.daily_cap": "100",
        "delivery.clock_settle_seconds": "60",
        "reminders.offsets": "-7d,0d",
        "reminders.send_time": "10:30",
        "reminders.hours": "10:00,18:00",
        "reminders.receipts": "sms,console",
        "console.file": "messages.txt",
        "sms.segments_per_day": "100",
        "sms.segments_per_person": "20",
        "sms.segments_per_number": "10",
        "sms.twilio.account_sid": SID,
        "sms.twilio.auth_token": TOKEN,
        "sms.twilio.from_number": "+15550100123",
        "sms.twilio.messaging_service_sid": "MG" + "0" * 32,
        "sms.twilio.api_base_url": "http://127.0.0.1:9999",
        "sms.twilio.timeout_seconds": "5",
        "sms.twilio.status_callbacks": "yes",
        "sms.twilio.inbound": "webhook",
        "sms.twilio.inbound_seconds": "60",
        "sms.twilio.public_url": "https://hooks.example",
        "mail.host": "mail.example.org",
        "mail.port": "465",
        "mail.security": "tls",
        "mail.ca_file": "/etc/ssl/home.pem",
        "mail.username": "home",
        "mail.password": "open sesame",
        "mail.from_address": "home@example.org",
        "mail.from_name": "青松",
        "mail.timeout_seconds": "20",
        "push.timeout_seconds": "20",
        "caldav.poll_seconds": "60",
        "caldav.timeout_seconds": "5",
        "caldav.allow_plain": "yes",
        "caldav.ca_file": "/etc/ssl/cloud.pem",
        "watch.ping_url": "https://ping.example/one",
        "watch.ping_seconds": "60",
        "log.level": "debug",
    }
    # What comes in by the web server needs it.
    assert {*values, "web.enabled"} == set(BY_NAME)
    assert load(tmp_path, config.example(), TRACKER_WEB_ENABLED="no").web.enabled is False
    assert config.load(tmp_path, {}).web.enabled is True
    environ = {BY_NAME[name].variable: value for name, value in values.items()}
    settings = load(tmp_path, config.example(), **environ)
    defaults = config.load(tmp_path, {})
    assert all(get(settings, name) != get(defaults, name) for name in values)
    assert settings.web.allowed_hosts == ("tracker.lan", "*.home.arpa")
    assert settings.daemon.socket == str(tmp_path / "run/t.sock")
    assert settings.delivery.settle_seconds == 1.5


def test_the_homes_place_follows_the_environment() -> None:
    assert config.home_directory({"TRACKER_HOME": "/srv/t"}) == Path("/srv/t")
    assert config.home_directory({"XDG_DATA_HOME": "/data", "HOME": "/h"}) == Path("/data/tracker")
    there = Path("/h/.local/share/tracker")
    assert config.home_directory({"HOME": "/h"}) == there
    assert config.home_directory({"XDG_DATA_HOME": "data", "HOME": "/h"}) == there


def test_the_socket_is_found_without_reading_toml(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(config.example(), "utf-8")
    script = (
        "import sys; from tracker import home; print(home.socket_path());"
        "print([m for m in ('tomllib', 'pathlib', 'dataclasses', 'typing') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"TRACKER_HOME": str(tmp_path)},
    )
    assert done.stdout.splitlines() == [f"{tmp_path}/tracker.sock", "[]"]


def test_a_configured_socket_is_found(tmp_path: Path) -> None:
    environ = {"TRACKER_HOME": str(tmp_path)}
    assert home.socket_path(environ) == f"{tmp_path}/tracker.sock"
    for text in ('[daemon]\nsocket = "a.sock"\n', 'daemon = { socket = "a.sock" }\n'):
        (tmp_path / "config.toml").write_text(text, "utf-8")
        assert home.socket_path(environ) == f"{tmp_path}/a.sock"
        assert home.socket_path(environ) == config.load(tmp_path, environ).daemon.socket
    assert home.socket_path({**environ, "TRACKER_DAEMON_SOCKET": "/run/b"}) == "/run/b"
    for text in ("[daemon]\nsocket = ", "daemon = 3 # socket", "[daemon]\nsocket = 3"):
        (tmp_path / "config.toml").write_text(text, "utf-8")
        assert home.socket_path(environ) == f"{tmp_path}/tracker.sock"


def test_everything_that_is_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = '[web]\nbind = "8765"\nenbled = true\n\n[delivery]\nworkers = 0\n'
    told = problems(tmp_path, text, TRACKER_LOG_LEVEL="loud")
    assert [each.partition(":")[0] for each in told] == [
        "line 2 of config.toml",
        "line 3 of config.toml",
        "line 6 of config.toml",
        "TRACKER_LOG_LEVEL",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[twilo]\naccount_sid = "x"', "no key twilo.account_sid; did you mean sms.twilio.account"),
        (
            '[sms.twilo]\nfrom_number = "x"',
            "no key sms.twilo.from_number; did you mean sms.twilio.",
        ),
        ('bind = "127.0.0.1:1"', "no key bind; did you mean web.bind?"),
        ("[unheard-of]", "line 1 of config.toml: there is no key unheard-of."),
        ("web = 3", "there is no key web"),
        (
            'sms = { twilio = { sid = "x" } }',
            "line 1 of config.toml: there is no key sms.twilio.sid",
        ),
        ("[web]\nbind = \n", "line 2 of config.toml: this is no TOML: Invalid value."),
        ("[web]\nlogin = true\nlogin = true", "line 3 of config.toml: this is no TOML"),
        ('[web]\nbind = "127', "line 2 of config.toml: this is no TOML"),
        ("[web]\nlogin = 1", "web.login is 1; it takes true or false."),
        ("[web]\nbind = 8765", "web.bind is 8765; it takes an address and a port"),
        ('[web]\nbind = ""', "web.bind is ''; it takes"),
        ('[web]\nbind = ":8765"', "web.bind is ':8765'; it takes"),
        ('[web]\nbind = "127.0.0.1:99999"', "it takes an address and a port"),
        ('[web]\nbind = "::1:8765"', "it takes an address and a port"),
        ('[web]\nallowed_hosts = ["http://a"]', "it takes a list of host names"),
        ('[web]\nallowed_hosts = "a"', "it takes a list of host names"),
        ('[web]\npublic_url = "tracker.example"', "begins with http:// or https://"),
        ('[web]\npublic_url = "file:///etc/passwd"', "begins with http:// or https://"),
        ('[web]\npublic_url = "https://a:b"', "begins with http:// or https://"),
        ("[database]\nbackup_keep = 0", "it takes a whole number from 1 to 1000."),
        ("[database]\nbackup_keep = 2.0", "database.backup_keep is 2.0; it takes a whole number"),
        ("[database]\nbackup_keep = true", "database.backup_keep is True; it takes a whole number"),
        ('[database]\nurl = "mysql://a/b"', "sqlite:////a/path.db or postgresql"),
        ('[database]\nurl = "sqlite://"', "sqlite:////a/path.db or postgresql"),
        (
            "[daemon]\ntick_seconds = nan",
            "daemon.tick_seconds is nan; it takes a number of seconds",
        ),
        (
            "[daemon]\ntick_seconds = inf",
            "daemon.tick_seconds is inf; it takes a number of seconds",
        ),
        ('[daemon]\ntick_seconds = "15"', "daemon.tick_seconds is '15'; it takes a number"),
        ('[daemon]\nsocket = "a\\u0000b"', "daemon.socket is 'a\\x00b'; it takes text on one line"),
        ('[reminders]\noffsets = ["-400d"]', "each once, from -60d to 0d"),
        ('[reminders]\noffsets = ["0d", "-0d"]', "each once, from -60d to 0d"),
        ('[reminders]\noffsets = ["3 days"]', "each once, from -60d to 0d"),
        ("[reminders]\noffsets = [-3]", "each once, from -60d to 0d"),
        ("[reminders]\noffsets = []", "each once, from -60d to 0d"),
        ('[reminders]\nhours = ["20:00", "09:00"]', "two times, the first before the second"),
        ('[reminders]\nhours = ["09:00", "09:00"]', "two times, the first before the second"),
        ('[reminders]\nhours = ["9:00", "20:00"]', "two times, the first before the second"),
        ('[reminders]\nhours = ["09:00", "24:00"]', "two times, the first before the second"),
        ('[reminders]\nsend_time = "25:00"', "a time such as 09:00"),
        (
            '[reminders]\nsend_time = "21:00"',
            "reminders.send_time is 21:00, outside of reminders.h",
        ),
        (
            '[reminders]\nsend_time = "20:00"',
            "outside of reminders.hours, which are 09:00 to 20:00",
        ),
        ('[sms.twilio]\naccount_sid = "AC123"', "AC and 32 hexadecimal digits"),
        (
            '[sms.twilio]\naccount_sid = "SK0123456789abcdef0123456789abcdef"',
            "AC and 32 hexadecimal",
        ),
        ('[sms.twilio]\nfrom_number = "07700 900000"', "a number such as +15550100123"),
        (
            '[sms.twilio]\nfrom_number = "+\\uff14\\uff147700900000"',
            "a number such as +15550100123",
        ),
        ('[sms.twilio]\nfrom_number = "+447700900000\\n"', "a number such as +15550100123"),
        ('[sms.twilio]\nfrom_number = "TwelveLetter"', "or a name of up to 11 letters"),
        ('[sms.twilio]\nfrom_number = "12345"', "or a name of up to 11 letters"),
        ('[sms.twilio]\nfrom_number = "Home!"', "or a name of up to 11 letters"),
        ('[sms.twilio]\ninbound = "push"', "off, poll or webhook"),
        ("[sms.twilio]\ninbound_seconds = 0", "a number of seconds from 1 to 86400"),
        ('[sms.twilio]\npublic_url = "http://home.example"', "http:// on this machine"),
        ('[sms.twilio]\nmessaging_service_sid = "x"', "MG and 32 hexadecimal digits"),
        ('[sms.twilio]\napi_base_url = "http://api.example"', "http:// on this machine"),
        ('[sms.twilio]\napi_base_url = "ftp://127.0.0.1"', "http:// on this machine"),
        ('[sms.twilio]\nfrom_number = "+15550100123"', "but sms.twilio.account_sid is not"),
        ('[mail]\nhost = "mail.example.org:587"', "the name of a mail server, without a port"),
        ('[mail]\nhost = "smtp://mail"', "the name of a mail server, without a port"),
        ("[mail]\nport = 0", "it takes a whole number from 1 to 65535."),
        ('[mail]\nsecurity = "ssl"', "it takes starttls, tls or none."),
        ('[mail]\nfrom_address = "home"', "an address such as home@example.org"),
        (
            '[mail]\nfrom_address = "a@b.example\\r\\nBcc: c@d.example"',
            "an address such as home@example.org",
        ),
        ('[mail]\nfrom_name = "a\\r\\nBcc: b"', "it takes text on one line."),
        ('[mail]\nfrom_address = "home@example.org"', "is set, but mail.host is not"),
        ('[mail]\nhost = "mail.example.org"', "no address to send from; set mail.from_address."),
        (f'{MAIL}username = "home"\n', "but its password is missing"),
        (f'{MAIL}security = "none"\n', "mail.security is none, but mail.host is not this machine"),
        (
            f"{MAIL}timeout_seconds = 60\n[delivery]\nlease_seconds = 60\n",
            "delivery.lease_seconds is 60, not longer than mail.timeout_seconds, 60; a message",
        ),
        (
            "[push]\ntimeout_seconds = 60\n[delivery]\nlease_seconds = 60\n",
            "delivery.lease_seconds is 60, not longer than push.timeout_seconds, 60; a message",
        ),
        ('[log]\nlevel = "loud"', "it takes debug, info, warning or error."),
    ],
)
def test_a_wrong_value_is_told_with_what_the_key_takes(
    tmp_path: Path, text: str, expected: str
) -> None:
    told = problems(tmp_path, text)
    assert len(told) == 1
    assert expected in told[0]
    assert told[0].startswith("line ")


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"[web]\n# \xff\n")
    assert problems(tmp_path) == ["line 2 of config.toml: this is not UTF-8 text."]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"\xef\xbb\xbf[log]\nlevel = 'debug'\n")
    assert load(tmp_path).log.level == "debug"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    assert problems(tmp_path) == [f"{tmp_path}/config.toml cannot be read: Is a directory."]


@pytest.mark.parametrize("bind", ["0.0.0.0:8765", "[::]:8765", "192.0.2.7:80", "nas.lan:80"])
def test_pages_without_login_stay_on_this_machine(tmp_path: Path, bind: str) -> None:
    text = f'[web]\nbind = "{bind}"\nlogin = false\n'
    (told,) = problems(tmp_path, text)
    assert told.startswith("line 2 of config.toml: ")
    assert "web.login is false" in told
    assert load(tmp_path, text, TRACKER_WEB_LOGIN="true").web.bind == bind
    assert load(tmp_path, text, TRACKER_WEB_BIND="localhost:0").web.login is False


def test_a_socket_path_too_long_for_the_system_is_refused(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, TRACKER_DAEMON_SOCKET="/" + "a" * 107)
    assert "107 bytes" in told
    longest = "/" + "a" * 106
    assert load(tmp_path, TRACKER_DAEMON_SOCKET=longest).daemon.socket == longest


def test_an_unknown_variable_of_a_section_is_told(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, TRACKER_WEB_BNID="127.0.0.1:1", TRACKER_CRASH_AT="other")
    assert told == "environment: there is no key TRACKER_WEB_BNID; did you mean TRACKER_WEB_BIND?"


def test_a_token_in_the_file_itself_is_refused_and_not_repeated(tmp_path: Path) -> None:
    told = problems(tmp_path, f'{SENDER}auth_token = "{TOKEN}"\n')
    assert len(told) == 1
    assert told[0].startswith("line 4 of config.toml: sms.twilio.auth_token holds a secret")
    assert "sms.twilio.auth_token_file" in told[0]
    assert TOKEN not in told[0]


def test_a_database_password_in_the_file_itself_is_refused(tmp_path: Path) -> None:
    for url in ("postgresql://li:pw@db/x", "postgresql://db/x?user=li&password=pw"):
        (told,) = problems(tmp_path, f'[database]\nurl = "{url}"\n')
        assert "database.url_file" in told
        assert "pw" not in told
        assert load(tmp_path, "[log]\n", TRACKER_DATABASE_URL=url).database.url == url


def test_a_token_comes_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    secret(tmp_path / "token", TOKEN + "\n")
    text = SENDER + 'auth_token_file = "token"\n'
    assert load(tmp_path, text).sms.twilio.auth_token == TOKEN
    token = "ab" * 16
    given = load(tmp_path, text, TRACKER_SMS_TWILIO_AUTH_TOKEN=token)
    assert given.sms.twilio.auth_token == token


def test_a_token_comes_from_a_file_that_the_environment_names(tmp_path: Path) -> None:
    path = secret(tmp_path / "token", TOKEN)
    settings = load(tmp_path, SENDER, TRACKER_SMS_TWILIO_AUTH_TOKEN_FILE=str(path))
    assert settings.sms.twilio.auth_token == TOKEN


def test_a_token_comes_from_systemds_credentials(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    secret(folder / "sms.twilio.auth_token", TOKEN, 0o440)
    settings = load(tmp_path, SENDER, CREDENTIALS_DIRECTORY=str(folder))
    assert settings.sms.twilio.auth_token == TOKEN


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret(tmp_path / "token", TOKEN, mode)
    (told,) = problems(tmp_path, SENDER + 'auth_token_file = "token"\n')
    assert told.endswith(f"others can read {path} (mode {mode:04o}); run chmod 600 {path}.")


@pytest.mark.parametrize("content", ["", " \n"])
def test_an_empty_token_is_refused(tmp_path: Path, content: str) -> None:
    secret(tmp_path / "token", content)
    (told,) = problems(tmp_path, SENDER + 'auth_token_file = "token"\n')
    assert told.endswith("token is empty.")


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, SENDER + 'auth_token_file = "token"\n')
    assert told.endswith(f"{tmp_path}/token cannot be read: No such file or directory.")


def test_a_secret_of_the_wrong_form_is_not_repeated(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, SENDER, TRACKER_SMS_TWILIO_AUTH_TOKEN="two words")
    assert "words" not in told
    assert "sms.twilio.auth_token is …" in told


def test_an_account_needs_a_token_and_a_sender(tmp_path: Path) -> None:
    told = problems(tmp_path, f'[sms.twilio]\naccount_sid = "{SID}"\n')
    assert [each.partition("; ")[0] for each in told] == [
        "line 2 of config.toml: sms.twilio.account_sid is set, but its token is missing",
        "line 2 of config.toml: sms.twilio.account_sid is set, but nothing to send from",
    ]


def test_a_lease_outlasts_the_providers_timeout(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        SENDER + "timeout_seconds = 30\n[delivery]\nlease_seconds = 30\n",
        TRACKER_SMS_TWILIO_AUTH_TOKEN=TOKEN,
    )
    assert len(told) == 1
    assert "delivery.lease_seconds is 30, not longer than sms.twilio.timeout_seconds" in told[0]


def test_the_daemon_does_not_take_a_wait_for_a_provider_for_its_own_end(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        SENDER + "timeout_seconds = 30\n[daemon]\nstall_seconds = 30\n",
        TRACKER_SMS_TWILIO_AUTH_TOKEN=TOKEN,
    )
    assert len(told) == 1
    assert "daemon.stall_seconds is 30, not longer than sms.twilio.timeout_seconds" in told[0]


def test_the_address_that_is_asked_while_all_is_well_is_a_secret(tmp_path: Path) -> None:
    place = secret(tmp_path / "ping", "https://ping.example/one\n")
    settings = load(tmp_path, f'[watch]\nping_url_file = "{place}"\n')
    assert settings.watch.ping_url == "https://ping.example/one"
    assert config.shown(settings)["watch.ping_url"] == "********"
    assert "ping.example" not in repr(settings)


@pytest.mark.parametrize("key", ["status_callbacks = true", 'inbound = "webhook"'])
def test_what_twilio_posts_needs_an_address_and_the_web_server(tmp_path: Path, key: str) -> None:
    token = {"TRACKER_SMS_TWILIO_AUTH_TOKEN": TOKEN}
    (told,) = problems(tmp_path, f"{SENDER}{key}\n", **token)
    assert f"sms.twilio.{key.partition(' ')[0]} needs an address" in told
    address = '\n[web]\npublic_url = "https://home.example/"\n'
    assert load(tmp_path, f"{SENDER}{key}{address}", **token).hooks_url == "https://home.example"
    (told,) = problems(tmp_path, f"{SENDER}{key}{address}enabled = false\n", **token)
    assert "but web.enabled is false" in told


def test_a_name_can_send_but_not_hear(tmp_path: Path) -> None:
    named = SENDER.replace("+15550100123", "Home 7")
    token = {"TRACKER_SMS_TWILIO_AUTH_TOKEN": TOKEN}
    assert load(tmp_path, named, **token).sms.twilio.from_number == "Home 7"
    (told,) = problems(tmp_path, f'{named}inbound = "poll"\n', **token)
    assert "nobody can answer a name" in told


def test_a_mail_password_without_its_user_is_told(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, MAIL, TRACKER_MAIL_PASSWORD="open sesame")
    assert told == (
        "TRACKER_MAIL_PASSWORD: a password is set, but mail.username is not; set both, or neither."
    )


def test_a_mail_password_never_stands_in_the_file_or_in_what_is_shown(tmp_path: Path) -> None:
    (told,) = problems(tmp_path, f'{MAIL}password = "open sesame"\n')
    assert "mail.password_file" in told
    assert "sesame" not in told
    secret(tmp_path / "password", "open sesame\n")
    settings = load(tmp_path, f'{MAIL}username = "home"\npassword_file = "password"\n')
    assert settings.mail.password == "open sesame"
    assert config.shown(settings)["mail.password"] == "********"
    assert "sesame" not in repr(settings)


def test_on_this_machine_mail_may_go_in_the_clear(tmp_path: Path) -> None:
    for host in ("localhost", "127.0.0.1", "::1"):
        text = f'[mail]\nhost = "{host}"\nfrom_address = "a@b.example"\nsecurity = "none"\n'
        assert load(tmp_path, text).mail.host == host


def test_secrets_are_masked_wherever_settings_are_shown(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        SENDER,
        TRACKER_SMS_TWILIO_AUTH_TOKEN=TOKEN,
        TRACKER_DATABASE_URL="postgresql://li:pa55@db/x?password=pa55&sslmode=require",
    )
    told = config.shown(settings)
    assert list(told) == list(BY_NAME)
    assert told["sms.twilio.auth_token"] == "********"
    assert told["database.url"] == (
        "postgresql://li:********@db/x?password=********&sslmode=require"
    )
    assert told["sms.twilio.from_number"] == "+15550100123"
    for text in (repr(settings), str(told)):
        assert TOKEN not in text
        assert "pa55" not in text


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = config.load(tmp_path, {})
    with pytest.raises(AttributeError):
        settings.web.login = False  # type: ignore[misc]


def test_the_machines_environment_is_read_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path))
    monkeypatch.setenv("TRACKER_LOG_LEVEL", "error")
    assert config.load().home == tmp_path
    assert config.load().log.level == "error"
    assert home.directory() == os.fspath(tmp_path)
