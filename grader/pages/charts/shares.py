"""A narrow bar that shows which share of something is done: beside a number, never instead of one."""

from markupsafe import Markup

from grader.pages import svg

WIDTH, HEIGHT = 120.0, 8.0


def share_bar(done: float, pending: float, whole: float) -> Markup:
    """Return a bar for ``done`` and then ``pending`` of ``whole``, hidden from screen readers: a number says it."""
    unit = WIDTH / whole if whole > 0 else 0.0
    filled = min(max(done, 0.0) * unit, WIDTH)
    waiting = min(max(pending, 0.0) * unit, WIDTH - filled)
    drawn = [svg.element("rect", width=WIDTH, height=HEIGHT, rx=2.0)]
    if filled:
        drawn.append(svg.element("rect", width=filled, height=HEIGHT, rx=2.0, class_="filled"))
    if waiting:
        drawn.append(svg.element("rect", x=filled, width=waiting, height=HEIGHT, rx=2.0, class_="pending"))
    box = f"0 0 {svg.number(WIDTH)} {svg.number(HEIGHT)}"
    return svg.element("svg", *drawn, viewBox=box, class_="share", aria_hidden="true")
