"""The wire: what a session makes of a worker's bytes, and a worker of a session's."""

import contextlib
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from grader.sandbox import wire
from grader.sandbox.channel import Channel, HungUp
from grader.sandbox.worker.main import deliver
from tests.fuzzing.mutations import NUMBER, TEXT, TREE, WHOLE, damaged_bytes, damaged_trees, mostly
from tests.fuzzing.target import Target, assert_sentence

LONGEST_WAIT_S = 20.0

VALUES: SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.builds(lambda index: {"type": "array", "index": index}, WHOLE),
        st.builds(lambda text: {"type": "text", "value": text}, TEXT),
        st.just({"type": "nothing"}),
        st.builds(lambda text: {"type": "opaque", "type_name": text, "why": text}, TEXT),
    ),
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "sequence", "items": items}, st.lists(inner, max_size=4)),
        st.builds(lambda items: {"type": "mapping", "items": items}, st.dictionaries(TEXT, inner, max_size=3)),
    ),
    max_leaves=6,
)
SMALL = st.integers(0, 4)
CPU = mostly(st.floats(0, 1e9), NUMBER)
REPLIES = st.one_of(
    st.fixed_dictionaries({
        "type": st.just("returned"), "cpu_s": CPU,
        "results": st.lists(st.fixed_dictionaries({"value": VALUES, "arrays": SMALL | WHOLE}), max_size=3),
    }),
    st.fixed_dictionaries({
        "type": st.just("raised"), "type_name": TEXT, "message": TEXT, "cpu_s": CPU,
        "where": st.lists(st.fixed_dictionaries({
            "path": TEXT, "line": WHOLE, "cell": st.none() | WHOLE, "function": TEXT, "quote": TEXT,
        }), max_size=2),
    }),
    st.fixed_dictionaries({"type": st.just("loaded"), "missing": st.lists(TEXT, max_size=2), "cpu_s": CPU}),
    st.fixed_dictionaries({
        "type": st.just("hello"), "protocol": WHOLE, "walls": st.lists(TEXT, max_size=2),
        "versions": st.dictionaries(TEXT, TEXT, max_size=2),
    }),
    st.just({"type": "delivered"}),
    st.fixed_dictionaries({
        "type": st.just("reading"),
        "sources": st.lists(st.fixed_dictionaries({
            "path": TEXT,
            "definitions": st.lists(st.fixed_dictionaries({
                "name": TEXT, "kind": mostly(st.just("function"), TEXT), "line": WHOLE, "cell": st.none(),
            }), max_size=2),
            "problem": st.none() | st.fixed_dictionaries({"message": TEXT, "line": WHOLE}),
        }), max_size=2),
    }),
)  # fmt: skip
PATHS = TEXT | st.lists(st.sampled_from(["a", "b.py", "..", ".", "", "~", "é"]), max_size=4).map("/".join)
REQUESTS = st.one_of(
    st.fixed_dictionaries({"type": st.just("deliver"), "paths": st.lists(PATHS, max_size=3)}),
    st.fixed_dictionaries({"type": st.just("read"), "paths": st.lists(PATHS, max_size=3)}),
    st.fixed_dictionaries({"type": st.just("load"), "path": PATHS, "names": st.lists(TEXT, max_size=2)}),
    st.fixed_dictionaries({
        "type": st.just("call"), "path": PATHS, "function": TEXT,
        "calls": st.lists(st.lists(VALUES, max_size=2), max_size=2),
    }),
    st.fixed_dictionaries({
        "type": st.just("operate"), "operation": TEXT, "options": st.dictionaries(TEXT, VALUES, max_size=2),
    }),
)  # fmt: skip
SPECS = st.fixed_dictionaries(
    {
        "dtype": mostly(
            st.sampled_from(sorted(wire.DTYPES)), st.sampled_from(["O8", "f16", "U4", "m8", "", "f", "<f8", "f4" * 50])
        ),
        "shape": st.one_of(
            st.lists(st.integers(0, 3), max_size=3),
            st.lists(st.integers(0, 3) | WHOLE, max_size=3),
            st.lists(st.just(1), min_size=30, max_size=40),
        ),
    }
)
FITTING_SPECS = st.fixed_dictionaries({"dtype": st.just("u1"), "shape": st.lists(st.integers(0, 3), max_size=2)})


def _frame(header: Any, body: bytes, fits: bool, lies: tuple[int, int]) -> bytes:
    specs = header.get("arrays") if isinstance(header, dict) else None
    if fits and isinstance(specs, list):
        # nothing is refused for its length alone, so that what lies deeper is reached
        needed = sum(_length(spec) for spec in specs if isinstance(spec, dict))
        body = (body * needed)[:needed] if body else bytes(needed)
    packed = msgspec.msgpack.encode(header)
    return wire.PREFIX.pack(*(n + lie for n, lie in zip((len(packed), len(body)), lies, strict=True))) + packed + body


def _length(spec: dict[str, Any]) -> int:
    shape = spec.get("shape")
    sizes = [n for n in shape if isinstance(n, int)] if isinstance(shape, list) else []
    length = int(np.prod([n for n in sizes if 0 <= n <= 10], dtype=np.int64))
    dtype = spec.get("dtype")
    return min(length * int(dtype[1:]), 1000) if isinstance(dtype, str) and dtype[1:].isdigit() else 0


def streams(messages: SearchStrategy[Any]) -> SearchStrategy[bytes]:
    """Bytes that are one frame, or nearly."""
    headers = st.fixed_dictionaries(
        {
            "seq": mostly(st.just(1), WHOLE),
            "message": messages,
            "arrays": st.lists(FITTING_SPECS, max_size=3) | st.lists(SPECS, max_size=3),
        }
    )
    lies = st.just((0, 0)) | st.tuples(st.integers(0, 2**20), st.integers(0, 2**40))
    whole = st.builds(_frame, headers | damaged_trees(headers, 1, 3, TREE), st.binary(max_size=40), st.booleans(), lies)
    return st.one_of(whole, damaged_bytes(whole, st.binary(max_size=12)), st.binary(max_size=80), _nested())


def _nested() -> SearchStrategy[bytes]:
    """A value inside so many others that decoding it step by step would run out of stack."""

    def build(depth: int, step: bytes) -> bytes:
        inner = step * depth + msgspec.msgpack.encode({"type": "nothing"})
        results = b"\x91\x82\xa5value" + inner + b"\xa6arrays\x00"
        header = b"\x82\xa3seq\x01\xa7message\x83\xa4type\xa8returned\xa7results" + results + b"\xa5cpu_s\x00"
        return wire.PREFIX.pack(len(header), 0) + header

    steps = st.sampled_from([b"\x82\xa4type\xa8sequence\xa5items\x91", b"\x82\xa4type\xa7mapping\xa5items\x81\xa1a"])
    return st.builds(build, st.sampled_from([1, 15, 16, 17, 18, 19, 200, 400, 1500]), steps)


def alike(frame: wire.Frame) -> None:
    """Assert that a frame that was decoded can be sent on, and arrives as the same."""
    data = b"".join(bytes(buffer) for buffer in wire.encode(frame.seq, frame.message, frame.arrays))
    header_bytes, _ = wire.parse_prefix(data[: wire.PREFIX.size])
    header, body = data[wire.PREFIX.size :][:header_bytes], data[wire.PREFIX.size + header_bytes :]
    again = wire.parse_frame(header, body)
    assert (again.seq, again.message) == (frame.seq, frame.message)
    for one, other in zip(again.arrays, frame.arrays, strict=True):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
        assert not one.flags.writeable


def _unpacked(message: wire.Reply | wire.Request, arrays: tuple[np.ndarray, ...]) -> None:
    """Take every value of a message apart, as its receiver does."""
    values: list[wire.Value] = []
    match message:
        case wire.Returned(results=results):
            values = [result.value for result in results]
        case wire.Call(calls=calls):
            values = [value for call in calls for value in call]
        case wire.Operate(options=options):
            values = list(options.values())
    for value in values:
        assert _levels(wire.unpack(value, arrays)) <= wire.MAX_DEPTH + 2


def _levels(payload: Any) -> int:
    """How many levels of tuples and mappings ``payload`` has."""
    levels, level = 0, [payload]
    while level:
        containers = [item for item in level if isinstance(item, (tuple, dict))]
        level = [inner for item in containers for inner in (item.values() if isinstance(item, dict) else item)]
        levels += 1
    return levels


# --- what a session reads ---------------------------------------------------------------------------------------------


def check_reply(stream: bytes) -> None:
    """A worker sends these bytes and hangs up: a frame, a refusal or the news that it hung up, at once."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours, (), keep_bytes=1000)
    try:
        with theirs:
            theirs.setblocking(False)
            theirs.sendall(stream)
        deadline = time.monotonic() + LONGEST_WAIT_S
        try:
            frame = channel.exchange((), deadline=deadline)
            _unpacked(frame.message, frame.arrays)
        except (wire.ProtocolError, HungUp) as error:
            if isinstance(error, wire.ProtocolError):
                assert_sentence(error, prints=False)
            return
        assert sum(array.nbytes for array in frame.arrays) <= len(stream)
        alike(frame)
    finally:
        channel.close()


REPLY = Target(
    "wire-replies",
    "what a session reads from a worker: one frame, or a refusal",
    streams(REPLIES | REQUESTS | TREE),
    check_reply,
    sample=250,
)


# --- what a worker reads ----------------------------------------------------------------------------------------------


def check_request(example: bytes) -> None:
    """A session sends these bytes: a frame or a refusal; what it delivers stays in the submission's folder."""
    try:
        header_bytes, body_bytes = wire.parse_prefix(example[: wire.PREFIX.size])
        rest = example[wire.PREFIX.size :]
        if len(rest) < header_bytes + body_bytes:
            return
        frame = wire.parse_frame(rest[:header_bytes], bytearray(rest[header_bytes:][:body_bytes]))
        _unpacked(frame.message, frame.arrays)
    except wire.ProtocolError:
        return
    alike(frame)
    if isinstance(frame.message, wire.Deliver):
        _check_delivery(frame.message.paths, frame.arrays)


def _check_delivery(paths: tuple[str, ...], contents: tuple[np.ndarray, ...]) -> None:
    with tempfile.TemporaryDirectory() as outer:
        root = Path(outer, "inner", "submission")
        root.mkdir(parents=True)
        # the last two: a name that no file can have
        with contextlib.suppress(wire.ProtocolError, OSError, ValueError):
            deliver(root, paths, contents)
        written = [path for path in Path(outer).rglob("*") if path.is_file()]
        assert all(path.is_relative_to(root) for path in written), written


REQUEST = Target(
    "wire-requests",
    "what a worker reads from a session: one frame, or a refusal; files stay in their folder",
    streams(REQUESTS | REPLIES | TREE),
    check_request,
    sample=250,
)
