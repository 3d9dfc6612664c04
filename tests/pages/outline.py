"""What a browser would find in a page, without one: its elements, its text, its links, and whether all tags close."""

import itertools
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """The elements of a page as (name, attributes), its text without styles, and what is wrong with its nesting."""

    def __init__(self, page):
        super().__init__()
        self.elements = []
        self.words = []
        self.problems = []
        self._open = []
        self.feed(page)
        self.close()
        self.problems += [f"<{name}> is not closed" for name in self._open]

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.problems.append(f"</{tag}> at line {self.getpos()[0]} closes something else")

    def handle_data(self, data):
        if "style" not in self._open[-1:]:
            self.words.append(data)

    @property
    def text(self):
        """All text, with single spaces."""
        return " ".join(" ".join(self.words).split())

    def attributes(self, name):
        """The values of one attribute, wherever it stands."""
        return [found[name] for _, found in self.elements if name in found]

    def named(self, tag):
        """The attributes of each element called ``tag``."""
        return [found for name, found in self.elements if name == tag]


def assert_sound(page):
    """Nesting, unique ids, links that lead somewhere, headings without gaps, nothing from elsewhere, no script.

    Pictures are PNG in the page itself, with a text in their place.
    """
    outline = Outline(page)
    assert outline.problems == []
    ids = outline.attributes("id")
    assert len(ids) == len(set(ids))
    for link in outline.attributes("href"):
        assert link.startswith("./") or link.removeprefix("#") in ids, link
    levels = [int(name[1]) for name, _ in outline.elements if name in {"h1", "h2", "h3", "h4", "h5"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    assert {name for name, _ in outline.elements} & {
        "script",
        "iframe",
        "object",
        "embed",
        "link",
        "form",
    } == set()
    assert not [name for _, found in outline.elements for name in found if name.startswith("on")]
    images = outline.named("img")
    assert all(image["src"].startswith("data:image/png;base64,") and image["alt"] for image in images)
    assert len(outline.attributes("src")) == len(images)
    assert "url(" not in page
    assert "@import" not in page
    return outline
