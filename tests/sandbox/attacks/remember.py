"""Leaves what it can for the next worker, and looks for what the one before has left."""

import json
import os
import random
import sys
from pathlib import Path

import numpy as np

MARK = "left behind"


def leave():
    np.left_behind = sys.left_behind = MARK
    np.random.seed(12345)
    random.seed(12345)
    np.seterr(all="raise")
    os.environ["LEFT_BEHIND"] = MARK
    Path("left-behind").write_text(MARK)
    Path(os.environ["TMPDIR"], "left-behind").write_text(MARK)
    return "left"


def look():
    scratch = Path(os.environ["HOME"])
    found = [str(path) for path in scratch.rglob("left-behind")]
    found += [name for module in (np, sys) for name in vars(module) if name == "left_behind"]
    found += [name for name in os.environ if name == "LEFT_BEHIND"]
    if np.geterr()["divide"] == "raise":
        found.append("error state of NumPy")
    return json.dumps(found)


def draws():
    return json.dumps([random.random(), float(np.random.rand()), float(np.random.default_rng(1).random())])


def processes():
    """The processes that can be seen: by number, and by asking for a signal that does nothing."""
    try:
        seen = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    except PermissionError:
        seen = set()
    for number in range(2, 400):
        try:
            os.kill(number, 0)
            seen.add(number)
        except OSError:
            pass
    return json.dumps(sorted(seen - {1}))


def descriptors():
    kinds = {}
    for name in range(0, 200):
        try:
            os.fstat(name)
        except OSError:
            continue
        kinds[name] = os.readlink(f"/proc/self/fd/{name}").split(":")[0]
    return json.dumps(kinds)


def ask_the_template():
    """Send what the session sends to a template, to every descriptor there is."""
    import socket

    answered = []
    for name in range(0, 200):
        try:
            speaking = socket.socket(fileno=os.dup(name))
            if speaking.type == socket.SOCK_SEQPACKET:
                answered.append(name)
            speaking.detach()
        except OSError:
            continue
    return json.dumps(answered)
