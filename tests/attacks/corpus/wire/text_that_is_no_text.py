"""Sends a text that is not UTF-8.

Expects: outputs CRASH
Says: does not decode
"""

import msgspec
from _speaking import asked, raw, say_only


def outputs(X, weights):
    header = msgspec.msgpack.encode(
        {"seq": asked(), "message": {"type": "raised", "type_name": "AAAA", "message": "BBBB"}, "arrays": []}
    )
    say_only(raw(header.replace(b"BBBB", b"\xed\xa0\x80\xff")))
