"""`tracker demo`: a sample household in a home of its own, and the daemon on it.

The data are made through the actions, on a clock that stands a day back: plans
that began months ago are recorded then, and the reminder of the day since is due
as soon as the daemon looks. (Further back, every reminder since would be listed
as expired.)
"""

from __future__ import annotations

import os
import shutil
import time
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tracker import home as homes
from tracker.cli import founding, output
from tracker.cli.command import Own, json_wanted, option
from tracker.errors import ConflictError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from tracker.actions.office import Office
    from tracker.cli.output import Object

MARK = ".tracker-demo"
"""In a home that this command made, and may therefore make anew."""
_RECORDED_AGO = timedelta(hours=25)

_CONFIG = """\
# The demo's configuration: messages go to the daemon's own output, the pages ask
# for no login and listen on this machine only.
[daemon]
tick_seconds = 2

[web]
bind = "127.0.0.1:{port}"
login = false

[reminders]
hours = ["00:00", "23:59"]
"""


def _demo(as_json: bool, person: str | None, home: str | None, port: int, no_daemon: bool) -> int:
    if home or not os.environ.get("TRACKER_HOME"):
        os.environ["TRACKER_HOME"] = home or _default_home()
    _build(port)
    address = f"http://127.0.0.1:{port}/"
    if json_wanted(as_json):
        output.as_json({"home": homes.directory(), "address": address})
    else:
        text = output.words().text
        output.line(text("A sample household is ready in {home}.", home=homes.directory()))
        output.line(
            text("Look at it from another terminal: tracker --home {home}", home=homes.directory())
        )
        if not no_daemon:
            output.line(text("Its pages: {address}", address=address))
            output.line(
                text("Within seconds its first reminder appears here. Ctrl-C ends the demo.")
            )
    if not no_daemon:
        _become_daemon()
    return 0


def _become_daemon() -> NoReturn:
    """`tracker daemon` in this process's place, without the 30 MB that building took."""
    import sys

    sys.stdout.flush()
    started = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv[1:])]
    os.execv(sys.executable, [sys.executable, *started, "daemon"])


def _default_home() -> str:
    """Beside the real home, never in it."""
    environ = {name: value for name, value in os.environ.items() if name != "TRACKER_HOME"}
    return homes.directory(environ) + "-demo"


def _build(port: int) -> None:
    """Make the home anew. Raises ConflictError for a directory that is not a demo's."""
    from tracker import clock
    from tracker.daemon.home import LOCK

    home = homes.directory()
    if os.path.isdir(home) and os.listdir(home) and not os.path.exists(os.path.join(home, MARK)):
        raise ConflictError(
            "{home} is not empty and was not made by the demo; nothing was changed.",
            hint="Choose another place with --home.",
            home=home,
        )
    with founding.locked_home():
        for name in os.listdir(home):
            path = os.path.join(home, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            elif name != LOCK:
                os.unlink(path)
        with open(os.path.join(home, MARK), "w", encoding="utf-8") as mark:
            mark.write("Made by `tracker demo`, which may make it anew.\n")
        now = clock.from_environment().now()
        office = founding.make_home(
            _CONFIG.format(port=port),
            clock.Clock(origin=now - _RECORDED_AGO, started=time.monotonic()),
        )
        try:
            _Household(office, now.astimezone(ZoneInfo(founding.system_zone())).date()).build()
        finally:
            office.close()


class _Household:
    """Writes the sample facts; `today` is the present day, not the clock's."""

    def __init__(self, office: Office, today: date) -> None:
        self.office = office
        self.today = today

    def build(self) -> None:
        self._do(
            "person.add",
            {
                "name": "Li Wei (sample)",
                "handle": "li",
                "locale": output.words().locale,
                "zone": founding.system_zone(),
                "currency": "GBP",
                "country": "GB",
                "channels": ["console"],
            },
        )
        self._bank()
        self._store_card()
        self._energy()
        self._card()

    def _do(self, action: str, request: Object) -> None:
        founding.answered(self.office, action, request)

    def _on(self, days: int) -> str:
        """The day so many days from today."""
        return (self.today + timedelta(days=days)).isoformat()

    def _pay(self, debt: str, days: int, amount: str, **more: str) -> None:
        request: Object = {"debt": debt, "amount": amount, "on": self._on(days), **more}
        self._do("pay", request)

    def _bank(self) -> None:
        """Twelve months, of which three are kept."""
        self._debt("Example Bank", "bank", "1450.00", country="GB", reference="SAMPLE-1001")
        rows = [f"{self._on(-82 + 31 * each)} 120.00" for each in range(11)]
        self._do(
            "plan.agree",
            {
                "debt": "bank",
                "rows": "\n".join([*rows, f"{self._on(-82 + 31 * 11)} 130.00"]),
                "agreed_on": self._on(-90),
                "paid_by": "standing-order",
                "accept": True,
            },
        )
        for days in (-82, -52, -21):
            self._pay("bank", days, "120.00", method="standing-order")

    def _store_card(self) -> None:
        """The next one is close, with a reminder for each day before it."""
        self._debt("Sample Store Card", "store", "480.00", country="GB", reference="SAMPLE-2002")
        self._do(
            "plan.agree",
            {
                "debt": "store",
                "rows": "\n".join(f"{self._on(each)} 80.00" for each in (-60, -30, 4, 34, 65, 96)),
                "agreed_on": self._on(-88),
                "paid_by": "send",
                "payee": "Sample Store Card",
                "quote": "SAMPLE-2002",
                "offsets": [*(f"-{each}d" for each in range(1, 8)), "0d"],
                "accept": True,
            },
        )
        self._pay("store", -61, "80.00", ref="SAMPLE-A")
        self._pay("store", -31, "80.00", ref="SAMPLE-B")
        self._do(
            "credit.add",
            {"debt": "store", "entry": "default", "events": {"default_date": self._on(-400)}},
        )

    def _energy(self) -> None:
        """A creditor abroad; the last instalment was paid in part and is still open."""
        self._debt(
            "Muster Energie", "energie", "320.00", country="DE", currency="EUR", kind="priority"
        )
        days = (-70, -40, -9, 21, 52, 82, 113, 143)
        self._do(
            "plan.agree",
            {
                "debt": "energie",
                "rows": "\n".join(f"{self._on(each)} 40.00" for each in days),
                "agreed_on": self._on(-86),
                "paid_by": "collect",
                "accept": True,
            },
        )
        self._pay("energie", -70, "40.00", method="direct-debit")
        self._pay("energie", -40, "40.00", method="direct-debit")
        self._pay("energie", -8, "25.00", note="The rest follows with the wage.")

    def _card(self) -> None:
        """Not agreed upon yet: interest and late fees run, and a figure is in question."""
        self._debt("Sample Card Centre", "card", "", country="GB", principal="610.00")
        self._do(
            "debt.terms",
            {
                "debt": "card",
                "rate": "24.9%",
                "compounding": "monthly",
                "late_fee": "12",
                "late_fee_every": "monthly",
            },
        )
        self._do("debt.order", {"debt": "card", "order": "fees-first"})
        self._do(
            "statement.add",
            {
                "debt": "card",
                "principal": "610.00",
                "interest": "52.00",
                "fees": "48.00",
                "on": self._on(-2),
            },
        )

    def _debt(
        self,
        creditor: str,
        handle: str,
        total: str,
        *,
        principal: str | None = None,
        country: str,
        currency: str = "GBP",
        kind: str = "ordinary",
        reference: str | None = None,
    ) -> None:
        request: Object = {
            "creditor": creditor,
            "new_creditor": True,
            "handle": handle,
            "currency": currency,
            "jurisdiction": country,
            "kind": kind,
            "reference": reference,
            "total": total or None,
            "principal": principal,
            "as_of": self._on(-95),
            "last_payment": self._on(-155),
            "first_missed": self._on(-295),
            "last_contact": self._on(-100),
            "judgment": "never",
            "accept": True,
        }
        self._do("debt.add", request)


demo = Own(
    "demo",
    help="Try it out: a sample household, with the service running.",
    example="tracker demo\ntracker demo --home ./demo-home --port 8766",
    params=(
        option("--home", metavar="DIR", help="Where to; otherwise beside your own home."),
        option("--port", type=int, default=8765, show_default=True, help="The pages' port."),
        option("--no-daemon", is_flag=True, help="Only make the household."),
    ),
    callback=_demo,
)
