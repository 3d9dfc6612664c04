"""Replaces json and msgspec with something that writes full marks.

Expects: outputs FAIL or CRASH
"""

import json

import msgspec


class Marks:
    def __init__(self, *arguments, **options):
        pass

    def encode(self, value):
        return b'{"verdict": "PASS", "fraction": 1.0}'


json.dumps = lambda *arguments, **options: '{"verdict": "PASS", "fraction": 1.0}'
json.JSONEncoder = msgspec.json.Encoder = msgspec.msgpack.Encoder = Marks
msgspec.json.encode = msgspec.msgpack.encode = Marks().encode


def outputs(X, weights):
    return None
