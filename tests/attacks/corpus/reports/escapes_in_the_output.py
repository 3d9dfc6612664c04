"""Prints what would rewrite a terminal, and commands for the machine that grades.

Expects: outputs FAIL
"""

import sys

for stream in (sys.stdout, sys.stderr):
    print("\x1b[2J\x1b]8;;http://evil.example\x07click\x1b]8;;\x07", file=stream)
    print("::set-output name=grade::100\n::add-mask::FAIL\n::error file=layer.py::wrong\n##[group]x", file=stream)
    print('##teamcity[testFinished name="all"]\nsection_start:0:x\r\x1b[0K', file=stream, flush=True)


def outputs(X, weights):
    return 0.0
