"""Raises an error that clears the screen, renames the window and hides what follows.

Expects: outputs CRASH
"""


class Red(Exception):
    pass


Red.__name__ = "\x1b[31mRed\x1b]0;owned\x07\u202e"


def outputs(X, weights):
    raise Red(
        "\x1b[2J\x1b[H\x1b[32mPASS 10 of 10 points\x1b[8m\r\n\x9b31m\x08\x7f\x00\u202edetihw\u2066\u200b\ufeff\u2028"
    )
