"""Speaks to the grader in the worker's name."""

import os
import struct
import sys
import time

import msgspec

RETURNED = {"type": "returned", "results": [{"value": {"type": "array", "index": 0}, "arrays": 1}], "cpu_s": 0.0}
SCALAR = {"dtype": "f8", "shape": []}


def asked():
    """Return the number of the request that is being answered: the worker's own frames know it."""
    frame = sys._getframe()
    while frame := frame.f_back:
        request = frame.f_locals.get("frame")
        if hasattr(request, "seq"):
            return request.seq
    return 0


def frame(message=RETURNED, arrays=(SCALAR,), body=bytes(8), seq=None):
    header = {"seq": asked() if seq is None else seq, "message": message, "arrays": list(arrays)}
    return raw(msgspec.msgpack.encode(header), body)


def raw(header, body=b""):
    return struct.pack("<IQ", len(header), len(body)) + header + body


def say(data):
    while data:
        data = data[os.write(3, data) :]


def say_only(data):
    """Say it, and never come to the real answer."""
    say(data)
    time.sleep(600)


def text(value):
    return {"type": "text", "value": value}


def returned(value, arrays=0):
    return {"type": "returned", "results": [{"value": value, "arrays": arrays}], "cpu_s": 0.0}
