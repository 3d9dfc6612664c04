"""Traces every call and replaces the local variables of whoever sends the answer.

Expects: outputs FAIL or CRASH
"""

import sys
import threading

import numpy as np


def trace(frame, event, argument):
    if frame.f_code.co_name in {"encode", "pack", "packed", "_send", "answer"}:
        for name in ("value", "result", "reply", "message"):
            if name in frame.f_locals:
                frame.f_locals[name] = "PASS"
    return trace


sys.settrace(trace)
sys.setprofile(trace)
threading.settrace(trace)


def outputs(X, weights):
    sys._getframe(1).f_trace = trace
    return np.zeros(len(X))
