"""Take pictures of the pages, for people to look at: ``python -m tests.browser.screenshots FOLDER``.

Every page in light, in dark and on a narrow screen as PNG, and printed as PDF.
"""

import sys
from pathlib import Path

from tests.browser import chromium, pages

WIDE, NARROW = 1100, 390
TALLEST = 16_000


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) == 2 else None
    program = chromium.find()
    if folder is None or program is None:
        sys.exit(__doc__ if folder is None else f"no browser here: none of {', '.join(chromium.PROGRAMS)} is on PATH")
    folder.mkdir(parents=True, exist_ok=True)
    browser = chromium.Chromium(program)
    for name, path in pages.write(folder, whole=True).items():
        for look, width, scheme in (("light", WIDE, "light"), ("dark", WIDE, "dark"), ("narrow", NARROW, "light")):
            browser.open(path, width=width, scheme=scheme)
            height = browser.evaluate("document.documentElement.scrollHeight")
            browser.open(path, width=width, height=min(height, TALLEST), scheme=scheme)
            (folder / f"{name}-{look}.png").write_bytes(browser.screenshot())
        (folder / f"{name}.pdf").write_bytes(browser.pdf())
        print(f"{folder / name}-*.png, {name}.pdf")
    browser.close()


if __name__ == "__main__":
    main()
