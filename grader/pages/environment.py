"""The templates, set up so that a forgotten filter cannot let a student's text act on a page."""

import functools
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.text import safe

TEMPLATES = Path(__file__).with_name("templates")

LINE = 600
"""Characters of a text within a line, at most."""
PARAGRAPH, PARAGRAPH_LINES = 2_400, 40
"""Characters and lines of a text of its own, at most."""


def render(template: str, /, **content: object) -> str:
    """Return the page that ``templates/<template>`` makes of ``content``, without lone surrogates.

    Every text is escaped, and passes :func:`grader.text.safe` as one line unless the template says ``| paragraph``.

    Raises:
        jinja2.UndefinedError: the template uses something that ``content`` does not have.
    """
    return _environment().get_template(template).render(content)


def paragraph(text: str) -> Markup:
    """Return ``text`` escaped, with its line ends kept: for elements whose style shows them."""
    return Markup.escape(safe(text.strip("\n"), limit=PARAGRAPH, lines=PARAGRAPH_LINES))


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["paragraph"] = paragraph
    return environment


def _finalized(value: object) -> object:
    """Called on the value of every expression that a template prints, before it is escaped."""
    return value if isinstance(value, Markup) else safe(str(value), limit=LINE)
