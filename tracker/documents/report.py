"""The progress report as one self-contained page."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import lru_cache

from tracker import language
from tracker.documents import charts, wording
from tracker.documents.content import ReportContent


def html(content: ReportContent) -> str:
    """One self-contained page: no script, no address, its style and picture inside."""
    shown = wording.page(content)
    template = charts.environment().get_template("report.html.j2")
    return template.render(
        page=shown, style=_style(), fonts=charts.fonts(language.of(content.locale).locale)
    )


def style_source() -> str:
    """The page's style as a source for a Content-Security-Policy: `'sha256-…'`."""
    digest = hashlib.sha256(_style().encode()).digest()
    return f"'sha256-{b64encode(digest).decode()}'"


@lru_cache(maxsize=1)
def _style() -> str:
    return (charts.TEMPLATES / "report.css").read_text(encoding="utf-8")
