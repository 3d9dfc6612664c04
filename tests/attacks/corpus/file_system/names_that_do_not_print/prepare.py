"""Hands in files whose names hold newlines, escape sequences, reversed text and bytes that are no text.

Expects: outputs FAIL
"""

import os


def prepare(folder, target):
    names = [b"a\nb.py", b"\x1b[2J\x1b]0;owned\x07.py", "a\u202eyp.evil".encode(), b"\xff\xfe.py", "\u200b.py".encode()]
    names += [b"\r::error::x.py", "x\u2028y.py".encode(), b"\x7f.py", b"\xed\xa0\x80.py"]
    for name in names:
        with open(os.path.join(os.fsencode(folder), name), "w") as file:
            file.write("x = 1\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
