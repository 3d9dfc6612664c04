"""Which model of a recording is which model of the rubric: by what it is, then by its name, then by its heading."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from grader.recording.events import CellRecord, ModelBinding, ModelSeen, Trained, WeightsMoved
from grader.recording.structure import Signature, signature, without_rates

_WORD = re.compile(r"[a-z]+|\d+")


class Wanted(NamedTuple):
    """A model that the rubric asks for. ``names`` are all that it may be called; ``signature`` is empty and
    ``parameters`` 0 where no reference is recorded."""

    part_id: str
    part_title: str
    name: str
    names: tuple[str, ...]
    signature: Signature
    parameters: int


class _Found(NamedTuple):
    model: ModelSeen
    cell: CellRecord


def models_of(cells: Iterable[CellRecord]) -> dict[int, ModelSeen]:
    """Return each model as it was last seen, by its number."""
    return {event.model: event for cell in cells for event in cell.events if isinstance(event, ModelSeen)}


def bind(cells: Sequence[CellRecord], wanted: Sequence[Wanted]) -> tuple[ModelBinding, ...]:
    """Return, for each model of the rubric that something stands for, the models of the recording.

    A model of the recording goes to the one it resembles most; several may stand for the same, such as one that was
    trained and one that its weights were loaded into. One that resembles two in the same way goes to neither.
    """
    found = {
        event.model: _Found(event, cell) for cell in cells for event in cell.events if isinstance(event, ModelSeen)
    }
    copies = _copies(cells)
    choices: list[tuple[Wanted, int, tuple[str, ...]]] = []
    for number, one in found.items():
        ranked = sorted(((_resemblance(one, each), each) for each in wanted), key=lambda pair: -pair[0].score)
        if ranked and ranked[0][0].score and (len(ranked) == 1 or ranked[0][0].score > ranked[1][0].score):
            choices.append((ranked[0][1], number, ranked[0][0].how))
    choices.sort(key=lambda choice: (wanted.index(choice[0]), choice[1]))
    bindings = []
    for each, group in groupby(choices, key=lambda choice: choice[0]):
        members = list(group)
        # what is bound by a name alone gives way to what is the network that was asked for
        best = min(_strength(how) for _, _, how in members)
        kept = [(number, how) for _, number, how in members if _strength(how) == best]
        if any("name" in how for _, how in kept):
            # the same network under another name is another experiment, unless it only holds weights from a file
            kept = [(number, how) for number, how in kept if "name" in how or number in copies]
        ways = tuple(dict.fromkeys(way for _, how in kept for way in how))
        bindings.append(ModelBinding(each.part_id, each.name, tuple(number for number, _ in kept), ways))
    return tuple(bindings)


def _copies(cells: Iterable[CellRecord]) -> set[int]:
    """Return the models that were given weights and never trained."""
    events = [event for cell in cells for event in cell.events]
    loaded = {event.model for event in events if isinstance(event, WeightsMoved) and event.action == "loaded"}
    return loaded - {event.model for event in events if isinstance(event, Trained)}


class _Resemblance(NamedTuple):
    score: int
    how: tuple[str, ...]


_WAYS = ("structure", "parameters", "name", "heading")


def _strength(how: tuple[str, ...]) -> int:
    return _WAYS.index(how[0])


def _resemblance(found: _Found, wanted: Wanted) -> _Resemblance:
    model = found.model
    own = signature(model.structure, model.shapes)
    is_same = bool(own) and own == wanted.signature
    computes_same = bool(own) and bool(wanted.signature) and without_rates(own) == without_rates(wanted.signature)
    has_as_many = wanted.parameters > 0 and model.parameters == wanted.parameters
    called = {_plain(name) for name in model.names} - {""}
    by_name = bool(called & {_plain(name) for name in wanted.names})
    heading = _words(found.cell.heading)
    by_heading = any(words and words <= heading for words in (_words(wanted.part_title), *map(_words, wanted.names)))
    how = []
    if is_same or computes_same:
        how.append("structure")
    elif has_as_many:
        how.append("parameters")
    if by_name:
        how.append("name")
    if by_heading:
        how.append("heading")
    score = 32 * is_same + 16 * computes_same + 8 * has_as_many + 4 * by_name + 2 * by_heading
    return _Resemblance(score, tuple(how))


def _plain(name: str) -> str:
    return re.sub(r"^(?:build|make|create|get|my)_?|_?(?:model|net|network)$", "", name.lower()).replace("_", "")


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - {"the", "a", "of", "and", "part", "with", "network", "model"}
