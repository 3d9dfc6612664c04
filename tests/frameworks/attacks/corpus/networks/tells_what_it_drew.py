"""Remembers what it was to draw, in criteria that students are not shown too, and tells it in one that they are.

Expects: picture PASS, layers CRASH
"""

import _work

drawn = []


def plot_history(history):
    drawn.append(history)
    _work.plot(history)


def build_mlp():
    raise ValueError(f"I was to draw {[float(each['loss'].max()) for each in drawn]}")
