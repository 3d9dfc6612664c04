"""Replaces the encoder of the conversation with one that adds a verdict to each answer.

Expects: outputs CRASH
Says: did not keep to the protocol
"""

import msgspec

import grader.sandbox.wire.frames as frames


class Marks:
    def encode(self, header):
        plain = msgspec.to_builtins(header)
        plain["message"] = {"type": "judgement", "verdict": "PASS", "fraction": 1.0}
        return msgspec.msgpack.encode(plain)


frames._encoder = Marks()


def outputs(X, weights):
    return None
