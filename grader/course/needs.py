"""Resolves ``needs``: which criteria a criterion waits for.

A need must stand above the criterion that needs it, so that a rubric reads, runs and reports in one order, the one it
was written in.
"""

import graphlib
import itertools
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from grader.course.errors import Problems, did_you_mean
from grader.course.yaml_source import Node

Pair: TypeAlias = tuple[str, str]
"""The full ids of a criterion and of one that it needs."""


class Wanted(msgspec.Struct, frozen=True):
    """What one criterion (its full id) asks for, as written."""

    criterion_id: str
    needs: tuple[Node, ...]


def resolve_needs(wanted: Sequence[Wanted], problems: Problems) -> dict[str, tuple[str, ...]]:
    """Return the full ids that each criterion needs; ``wanted`` holds all criteria of an assignment in order.

    A need is the id of a criterion in the same part, or ``<part>.<criterion>``. Unknown ids, cycles and needs that
    come later are added to ``problems``.
    """
    order = {item.criterion_id: position for position, item in enumerate(wanted)}
    resolved: dict[str, tuple[str, ...]] = {}
    places: dict[tuple[str, str], Node] = {}
    for item in wanted:
        part = item.criterion_id.partition(".")[0]
        found = []
        for need in item.needs:
            full = need.written if "." in need.written else f"{part}.{need.written}"
            if full in order:
                found.append(full)
                places[item.criterion_id, full] = need
            else:
                problems.add(
                    need.source,
                    f"criterion '{_short(item.criterion_id)}' needs '{need.written}', which is no criterion",
                    did_you_mean(need.written, _names(order, part)),
                )
        resolved[item.criterion_id] = tuple(dict.fromkeys(found))
    forward = {pair: node for pair, node in places.items() if order[pair[1]] >= order[pair[0]]}
    excused = _report_cycles(resolved, forward, problems) if forward else set()
    for (criterion, later), node in forward.items():
        if (criterion, later) not in excused:
            problems.add(
                node.source,
                f"criterion '{_short(criterion)}' needs '{node.written}', which comes after it",
                f"move '{_short(later)}' above '{_short(criterion)}'",
            )
    return resolved


def _report_cycles(needs: Mapping[str, tuple[str, ...]], forward: Mapping[Pair, Node], problems: Problems) -> set[Pair]:
    """Report each cycle once, where it closes: at a need that points downwards. Return the pairs in cycles."""
    left = {criterion: set(needed) for criterion, needed in needs.items()}
    seen: set[Pair] = set()
    while cycle := _find_cycle(left):
        pairs = list(itertools.pairwise(cycle))
        closing = next(pair for pair in pairs if pair in forward)
        if len(pairs) == 1:
            message = f"criterion '{_short(cycle[0])}' needs itself"
        else:
            message = f"these criteria need each other: {' → '.join(cycle)}"
        problems.add(forward[closing].source, message, "take one need away")
        left[closing[0]].discard(closing[1])
        seen.update(pairs)
    return seen


def _find_cycle(needs: Mapping[str, set[str]]) -> list[str]:
    """Return a cycle, each criterion followed by one it needs and the first repeated at the end; empty if none."""
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle[::-1]
    return []


def _short(criterion_id: str) -> str:
    return criterion_id.partition(".")[2]


def _names(order: Mapping[str, int], part: str) -> list[str]:
    own = [_short(name) for name in order if name.startswith(f"{part}.")]
    return own + [name for name in order if not name.startswith(f"{part}.")]
