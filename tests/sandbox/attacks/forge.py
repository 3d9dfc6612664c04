"""Speaks to the session in the worker's name. ``seq`` is what the session said last."""

import os
import struct
import threading
import time

import msgspec


def frame(seq, message, arrays=(), body=b""):
    header = msgspec.msgpack.encode({"seq": seq, "message": message, "arrays": list(arrays)})
    return struct.pack("<IQ", len(header), len(body)) + header + body


def returned(value):
    return {"type": "returned", "results": [{"value": value, "arrays": 0}], "cpu_s": 0.0}


FORGED = returned({"type": "text", "value": "forged"})


def say(data):
    while data:
        data = data[os.write(3, data) :]


def say_only(data):
    """Say it, and never come to the real answer."""
    say(data)
    time.sleep(600)


def answer_twice(seq):
    say_only(frame(int(seq), FORGED) * 2)


def answer_instead(seq):
    say(frame(int(seq), FORGED))
    return "real"


def answer_then_leave(seq):
    say(frame(int(seq), FORGED) + b"\0")
    os._exit(0)


def answer_another(seq):
    say_only(frame(int(seq) + 1, FORGED))


def answer_with_hello(seq):
    say_only(frame(int(seq), {"type": "hello", "protocol": 1, "walls": [], "versions": {}}))


def answer_with_a_request(seq):
    say_only(frame(int(seq), {"type": "read", "paths": ["/etc/passwd"]}))


def junk(seq):
    say_only(b"\xff" * 100)


def long_header(seq):
    say_only(struct.pack("<IQ", 2**32 - 1, 0))


def long_body(seq):
    say_only(struct.pack("<IQ", 10, 2**63))


def unfinished(seq):
    say(frame(int(seq), FORGED)[:-1])
    time.sleep(600)


def object_array(seq):
    array = {"dtype": "O8", "shape": [1]}
    say_only(frame(int(seq), returned({"type": "array", "index": 0}), [array], bytes(8)))


def nested(seq):
    """A header so deep that decoding it step by step would run out of stack."""
    step = b"\x82\xa4type\xa8sequence\xa5items\x91"
    value = step * 50_000 + msgspec.msgpack.encode({"type": "nothing"})
    header = frame(int(seq), returned({"type": "nothing"}))[12:]
    header = header.replace(msgspec.msgpack.encode({"type": "nothing"}), value)
    say_only(struct.pack("<IQ", len(header), 0) + header)


def answer_later(seq):
    """Return at once; the forged answer to the next request comes before that request."""

    def later():
        time.sleep(0.2)
        say(frame(int(seq) + 1, FORGED))

    threading.Thread(target=later).start()
    return "real"


def harmless(seq):
    return "real"
