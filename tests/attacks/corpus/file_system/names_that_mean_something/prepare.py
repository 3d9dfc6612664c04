"""Hands in files whose names are paths, options, formulas and markup.

Expects: outputs FAIL
"""


def prepare(folder, target):
    names = [
        "..\\..\\evil.py",
        "--help.py",
        "-rf",
        "=1+1.py",
        "<img src=x onerror=alert(1)>.py",
        "@SUM(A1).py",
        "...py",
        "%00.py",
    ]
    names += [
        "$(touch attack-was-here).py",
        "`id`.py",
        "[x](javascript:alert(1)).py",
        "~root.py",
        "C:evil.py",
        "con.py",
        " .py",
    ]
    for name in names:
        (folder / name).write_text("x = 1\n")
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
