"""Starts Python once more, without walls.

Expects: outputs CRASH
Says: PermissionError
"""


def outputs(X, weights):
    __import__("subprocess").run([__import__("sys").executable, "-c", "pass"], check=True)
    raise RuntimeError("got through")
