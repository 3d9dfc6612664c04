"""Raises errors that a spreadsheet would compute.

Expects: outputs CRASH, loss CRASH, gradients CRASH
"""

ERRORS = iter(
    [
        '=HYPERLINK("http://evil.example","PASS")',
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1:1)",
        "\t=1+1",
        "\r=1+1",
        ";=1+1",
        '"=1+1',
    ]
    * 9
)


class Formula(Exception):
    pass


Formula.__name__ = "=1+1"


def outputs(X, weights):
    raise Formula(next(ERRORS) + "\n" + "\n".join(ERRORS) + '"\n=1+1,"=1+1"')


def slopes(X, T, weights):
    raise Formula("=1+1")
