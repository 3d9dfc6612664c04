"""Looks into what was loaded before it for what knows an answer or another submission.

Expects: outputs CRASH
Says: nothing of use
"""

import gc
import os
import re
import sys

NAMES = re.compile(
    r"grader\.(course|grading|oracle|checks|report|session|execute|submission|plugin|cli|numerics)\b|^(_?pytest|yaml|rich|click)\b"
)


def outputs(X, weights):
    for name in list(sys.modules):
        if NAMES.search(name):
            raise RuntimeError("got through: " + name)
    gc.unfreeze()
    texts = [*sys.path, *sys.argv, *sys.orig_argv, *os.environ.values(), *map(str, sys._xoptions), *sys.warnoptions]
    texts += [str(value) for value in gc.get_objects() if isinstance(value, (list, dict, tuple)) and len(value) < 50]
    for text in texts:
        if found := re.search(r"canary-[0-9a-f]{32}|/attacked-\w+/(course|submissions-\d+/(aaron|zoe))", text):
            raise RuntimeError("got through: " + found[0])
    raise LookupError("nothing of use")
