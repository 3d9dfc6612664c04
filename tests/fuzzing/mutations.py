"""Strategies that damage something right: bytes at random places, trees of lists and mappings at random nodes."""

import copy
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

WHOLE = st.one_of(
    st.sampled_from([0, 1, -1, 2, 255, 256, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1]),
    st.integers(-100, 10_000),
)
NUMBER = st.one_of(
    st.sampled_from([float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 1.8e308, 1e-5]),
    st.floats(allow_nan=False, allow_infinity=False),
)
TEXT = st.one_of(
    st.sampled_from(
        ["", " ", "\n", "\r", "\0", "..", "/", "a/../b", "\u202e", "\u2028", "\ufeff", "\x1b[31m", "<script>",
        "=1+1", "é",
         "x" * 300, "null", "true", "on", "1e999", "nan", "0x10", "1_000", "12:30", "2026-11-20", "3 x reference",
         "98%",
         "*", "&a", "<<", "!!int 1", "{", "%", "__proto__", "type"]
    ),
    st.text(max_size=20),
)  # fmt: skip
LONE_SURROGATES = st.sampled_from(["\ud800", "a\udc80", "\udfff\ud800"])
"""Texts to Python and to JSON, and to nothing that is encoded as UTF-8."""


def trees(text: SearchStrategy[str]) -> SearchStrategy[Any]:
    """Return anything made of lists, mappings and scalars, with ``text`` for its texts."""
    scalar = st.one_of(st.none(), st.booleans(), WHOLE, NUMBER, text)
    return st.recursive(
        scalar | st.just([]) | st.just({}),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=8,
    )


TREE = trees(TEXT)
JSON_TREE = trees(TEXT | LONE_SURROGATES)


def mostly(usual: SearchStrategy[Any], strange: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Return ``usual`` in four of five examples, so that what lies behind several such choices is reached too."""
    return st.integers(0, 4).flatmap(lambda number: strange if number == 4 else usual)


def repeated(pieces: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """Return pieces, some of them over and over: what costs a little each time, or goes one level deeper."""
    return st.builds(bytes.__mul__, pieces, st.sampled_from([1, 1, 1, 1, 30, 3000]))


def damaged_bytes(whole: SearchStrategy[bytes], pieces: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """Return ``whole`` after up to four edits: at a place, some bytes are taken out and a piece is put in."""
    edit = st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 40), pieces)
    return st.builds(_with_edits, whole, st.lists(edit, max_size=4))


def _with_edits(whole: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for share, length, piece in edits:
        start = int(share * (len(whole) + 1))
        whole = whole[:start] + piece + whole[start + length :]
    return whole


OPERATIONS = ("replace", "drop", "double", "wrap", "rename", "graft", "nest")


def damaged_trees(
    whole: SearchStrategy[Any], least: int = 0, most: int = 4, payloads: SearchStrategy[Any] = JSON_TREE
) -> SearchStrategy[Any]:
    """Return ``whole``, made of lists and mappings, after ``least`` to ``most`` edits at random nodes of it."""
    edit = st.tuples(
        st.floats(0, 1, exclude_max=True), st.sampled_from(OPERATIONS), payloads, st.floats(0, 1, exclude_max=True)
    )
    return st.builds(_with_tree_edits, whole, st.lists(edit, min_size=least, max_size=most))


def _with_tree_edits(whole: Any, edits: list[tuple[float, str, Any, float]]) -> Any:
    tree = {"": copy.deepcopy(whole)}
    for share, operation, payload, other in edits:
        nodes = _nodes(tree)
        holder, key = nodes[int(share * len(nodes))]
        _edit(holder, key, operation, payload, nodes[int(other * len(nodes))])
        if "" not in tree:
            tree[""] = payload
    return tree[""]


def _nodes(holder: Any) -> list[tuple[Any, Any]]:
    """Return every node as what holds it and its key there, parents first."""
    found = []
    for key, value in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
        found.append((holder, key))
        if isinstance(value, (dict, list)):
            found += _nodes(value)
    return found


def _edit(holder: Any, key: Any, operation: str, payload: Any, other: tuple[Any, Any]) -> None:
    match operation:
        case "replace":
            holder[key] = payload
        case "drop":
            del holder[key]
        case "double" if isinstance(holder, list):
            holder.insert(key, copy.deepcopy(holder[key]))
        case "double":
            holder[f"{key}_"] = copy.deepcopy(holder[key])
        case "wrap":
            holder[key] = [holder[key]]
        case "rename" if isinstance(holder, dict) and isinstance(payload, str):
            holder[payload] = holder.pop(key)
        case "graft":
            # a piece of the same tree in another place: right by itself, and wrong there
            holder[key] = copy.deepcopy(other[0][other[1]])
        case "nest":
            for _ in range(60):
                holder[key] = [holder[key]]
