"""The pages in a real Chromium: no complaints, nothing from elsewhere, legible, usable by keyboard, printable on A4."""

import re

import pytest

from tests.browser import pages

TAB, ENTER = ("Tab", 9), ("Enter", 13)
A4_POINTS = (595, 842)
LEGIBLE = 4.5
"""The contrast of text that WCAG 2 asks for at level AA."""

# every text with the colour that it has and the nearest background that is not transparent
TEXTS = """
(() => {
  const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    let at = element, back = [0, 0, 0, 0];
    while (at && (back.length === 4 && back[3] === 0)) {
      back = parse(getComputedStyle(at).backgroundColor);
      at = at.parentElement;
    }
    const colour = parse(element.closest("svg") ? style.fill : style.color);
    found.set(JSON.stringify([colour.slice(0, 3), back.slice(0, 3)]), walker.currentNode.data.trim().slice(0, 40));
  }
  return [...found].map(([key, text]) => [...JSON.parse(key), text]);
})()
"""


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return pages.write(tmp_path_factory.mktemp("pages"))


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", pages.SCHEMES)
@pytest.mark.parametrize("name", pages.NAMES)
def test_nothing_is_complained_about_and_nothing_loaded(browser, paths, name, scheme):
    browser.open(paths[name], scheme=scheme)
    assert browser.complaints() == []
    assert [asked for asked in browser.requests() if not asked.startswith("data:")] == [paths[name].as_uri()]


def test_a_complaint_would_be_seen(browser, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><title>x</title><script>console.error('seen')</script><img src=missing.png>")
    browser.open(page)
    assert any("seen" in said for said in browser.complaints())
    assert len(browser.requests()) == 2


@pytest.mark.parametrize("name", pages.NAMES)
def test_a_script_would_not_run(browser, paths, tmp_path, name):
    """The second wall, should a text ever get past the escaping."""
    page = tmp_path / "injected.html"
    page.write_text(paths[name].read_text().replace("<main>", "<main><script>document.title = 'taken over'</script>"))
    browser.open(page)
    assert browser.evaluate("document.title") != "taken over"
    assert any("Content Security Policy" in said for said in browser.complaints())


@pytest.mark.parametrize("width", [390, 800, 1400])
@pytest.mark.parametrize("name", pages.NAMES)
def test_the_page_itself_never_scrolls_sideways(browser, paths, name, width):
    browser.open(paths[name], width=width)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", pages.SCHEMES)
@pytest.mark.parametrize("name", pages.NAMES)
def test_every_text_is_legible(browser, paths, name, scheme):
    browser.open(paths[name], scheme=scheme)
    found = browser.evaluate(TEXTS)
    assert len(found) >= 3, "ink, quiet and a link or a verdict at least"
    for colour, back, text in found:
        assert contrast(colour, back) >= LEGIBLE, f"{text!r}: {colour} on {back}"


@pytest.mark.parametrize("name", ["report", "reference"])
def test_numbers_in_shaded_cells_are_legible(browser, paths, name):
    for scheme in pages.SCHEMES:
        browser.open(paths[name], scheme=scheme)
        ink, paper, accent, shade = browser.evaluate("""
            (() => {
              const cells = [...document.querySelectorAll(".cell")];
              const parse = (c) => c.match(/[\\d.]+/g).map(Number).slice(0, 3);
              return [parse(getComputedStyle(document.body).color),
                      parse(getComputedStyle(document.body).backgroundColor), parse(getComputedStyle(cells[0]).fill),
                      Math.max(...cells.map((cell) => Number(cell.getAttribute("fill-opacity"))))];
            })()""")
        darkest = [a * shade + p * (1 - shade) for a, p in zip(accent, paper, strict=True)]
        assert contrast(ink, darkest) >= LEGIBLE, scheme


def test_light_and_dark_differ(browser, paths):
    seen = []
    for scheme in pages.SCHEMES:
        browser.open(paths["report"], scheme=scheme)
        seen.append(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(set(seen)) == 2


def test_the_keyboard_reaches_criteria_and_opens_them(browser, paths):
    browser.open(paths["report"])
    reached = []
    for _ in range(8):
        browser.press(*TAB)
        reached.append(browser.evaluate("document.activeElement.innerText.split('\\n').join(' ')"))
        outline = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", f"the focus on {reached[-1]!r} cannot be seen"
    assert reached[0] == "A two-layer network by hand"
    first = next(number for number, text in enumerate(reached) if "The forward pass is right" in text)
    browser.open(paths["report"])
    for _ in range(first + 1):
        browser.press(*TAB)
    assert browser.evaluate("document.activeElement.tagName") == "SUMMARY"
    is_open = "document.activeElement.parentElement.open"
    assert browser.evaluate(is_open) is False
    browser.press(*ENTER)
    assert browser.evaluate(is_open) is True


@pytest.mark.parametrize("name", ["report", "reference"])
def test_a_screen_reader_hears_what_every_drawing_shows(browser, paths, name):
    browser.open(paths[name])
    tree = browser.ask("Accessibility.getFullAXTree")["nodes"]
    shown = [node for node in tree if not node["ignored"]]
    images = [node["name"]["value"] for node in shown if node["role"]["value"] in {"image", "img"}]
    drawn = browser.evaluate("document.querySelectorAll('svg[role=img]').length")
    assert drawn > 0
    assert len([image for image in images if image]) >= drawn
    assert {"banner", "main", "contentinfo"} <= {node["role"]["value"] for node in shown}


def test_pictures_of_a_notebook_are_seen_whole_and_named(browser, paths):
    browser.open(paths["report"])
    found = browser.evaluate("""
        [...document.images].map((image) => [image.complete, image.naturalWidth, image.alt,
            image.getBoundingClientRect().right <= image.closest("section").getBoundingClientRect().right + 1])""")
    assert [(is_there, width) for is_there, width, _, _ in found] == [(True, n) for n in (640, 432, 432, 432, 720)]
    assert [alt for _, _, alt, _ in found][:2] == [
        "Picture stored in cell 12, 640 × 480 pixels",
        "Picture 1 stored in cell 15, 432 × 288 pixels",
    ]
    assert all(fits for _, _, _, fits in found)


def test_a_picture_stands_beside_its_finding_where_there_is_room(browser, paths):
    beside = """
        (() => {
          const [finding, image] = [document.querySelector(".beside .finding"), document.querySelector(".beside img")];
          return image.getBoundingClientRect().left >= finding.getBoundingClientRect().right;
        })()"""
    for width, expected in ((1100, True), (390, False)):
        browser.open(paths["report"], width=width)
        assert browser.evaluate(beside) is expected, width


@pytest.mark.parametrize("name", pages.NAMES)
def test_it_prints_on_a4(browser, paths, name):
    browser.open(paths[name], scheme="dark")
    printed = browser.pdf()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert boxes
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {A4_POINTS}


def test_paper_is_white_and_shows_what_is_folded(browser, paths):
    browser.open(paths["report"], scheme="dark", media="print")
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    closed = "[...document.querySelectorAll('details.criterion:not([open]) .inside')]"
    assert browser.evaluate(f"{closed}.length") > 0
    assert browser.evaluate(f"{closed}.every((inside) => inside.checkVisibility() && inside.offsetHeight > 0)")
