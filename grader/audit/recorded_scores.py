"""A reported score that belongs to another network than the one it is reported for.

Which network was measured is told by its structure, what it is called by the printed text or the heading, and that the
printed number is its score by the number itself. Where one of the three could be otherwise, nothing is said.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from grader.audit.kinds import score_of_another_model
from grader.audit.readers.numbers import NUMBER, places
from grader.audit.recorded_run import Run, Seen, is_only
from grader.recording.events import CellRecord, Measured, ModelSeen, RightAnswers, Trained, Watched
from grader.recording.names import plain_name
from grader.recording.structure import Signature, chain, signature, without_rates
from grader.results import Severity
from grader.text import safe

LEAST_DIGITS = 3
"""Of a printed score: with fewer, two networks often have the same."""
MAX_FIGURES = 100_000
"""Of all networks. Where there are more, nothing is said: what is left out could be what excuses."""
MAX_NUMBERS = 50
"""Of a printed text."""
_GENERIC = frozenset((
    "ann", "baseline", "best", "big", "classifier", "conv", "deep", "dense", "dnn", "final", "first", "large", "linear",
    "model", "my", "net", "network", "neural", "new", "nn", "other", "regression", "second", "simple", "small",
    "softmax", "test", "the",
))  # fmt: skip
"""Words that are no name by themselves: any network may be called so."""
_COMPARES = re.compile(
    r"\b(?:above|after|against|baseline|beat\w*|before|below|better|compar\w*|differ\w*|earlier|ensembl\w*|improv\w*|instead|"
    r"like|old|other|outperform\w*|over|previous\w*|recall|than|transfer\w*|unlike|versus|vs|with|without|worse)\b",
    re.IGNORECASE,
)
_HARMLESS = r"(?:add|build|compile|count_params|fit|name|save|save_weights|summary)\b"


class _Network(NamedTuple):
    """A network that the rubric asks for, under all its names, with the models that have its structure. ``layers`` are
    the numbers of its convolutions and of its dense layers, ``words`` all that its names consist of."""

    names: tuple[tuple[str, ...], ...]
    words: frozenset[str]
    title: str
    models: frozenset[int]
    layers: tuple[int, int]


def _score_of_another(run: Run) -> Iterator[Seen]:
    networks = _networks(run)
    figures = _figures_of(run, networks)
    if sum(bool(network.models) for network in networks) < 2 or figures is None:
        return
    looked_at: set[int] = set()
    for place, cell, measured in run.measures():
        own = next((network for network in networks if measured.model in network.models), None)
        if own is None or not is_only(measured.inputs, "test") or cell.number in looked_at:
            continue
        looked_at.add(cell.number)
        claim = _claim(run, networks, own, cell, figures)
        trained = _trained_before(run, claim.network, place) if claim is not None else None
        if claim is None or trained is None:
            continue
        theirs = run.called(trained[1].model)
        saw = (
            f"{claim.where}, and what this cell measures is {run.called(measured.model)}: by its structure not that "
            f"network, but the rubric's '{own.title}'. {theirs}, which is, was trained in cell {trained[0].number}."
        )
        means = f"{safe(claim.number, limit=60)} is not a score of '{claim.network.title}'."
        evidence = f"{safe(claim.line, limit=200)}\n{run.called(measured.model)}: {_told(measured)}"
        settles, kind = f"measuring {theirs} here", score_of_another_model.KIND
        yield Seen(kind, Severity.WARNING, cell, measured.line, saw, means, evidence, settles)


# --- which networks there are -----------------------------------------------------------------------------------------


def _networks(run: Run) -> list[_Network]:
    """Return what the rubric asks for: one for all that have the same structure but for their rates of dropout."""
    groups: dict[Signature, list[tuple[str, tuple[str, ...]]]] = {}
    for wanted in run.wanted:
        if wanted.signature:
            groups.setdefault(without_rates(wanted.signature), []).append((wanted.name, wanted.names))
    structures = {m.model: without_rates(signature(m.structure, m.shapes)) for m in run.models.values()}
    found = []
    for structure, group in groups.items():
        models = [model for number, model in run.models.items() if structures[number] == structure]
        words = dict.fromkeys(_words(name) for _, names in group for name in names)
        names = tuple(each for each in words if any(len(word) > 2 and word not in _GENERIC for word in each))
        layers = _layers(models[0]) if models else (0, 0)
        numbers = frozenset(model.model for model in models)
        found.append(_Network(names, frozenset(word for each in words for word in each), group[0][0], numbers, layers))
    return found


def _words(name: str) -> tuple[str, ...]:
    plain = re.sub(r"^(?:build|make|create|get|my)_", "", name.lower())
    return tuple(word for word in re.findall(r"[a-z]+|\d+", plain) if word not in ("model", "net", "network"))


def _layers(model: ModelSeen) -> tuple[int, int]:
    kinds = [link.kind for link in chain(model)]
    return sum("conv" in kind for kind in kinds), kinds.count("dense")


def _named(networks: Sequence[_Network], text: str) -> list[_Network]:
    """Return the networks that a text names."""
    return [network for network in networks if any(_stands_in(words, text) for words in network.names)]


def _stands_in(words: tuple[str, ...], text: str) -> bool:
    pattern = r"[\s_-]*".join(map(re.escape, words))
    return re.search(rf"(?<![a-z0-9]){pattern}(?![a-z])", text.lower().replace("_", " ")) is not None


def _is_mentioned(own: _Network, other: _Network, text: str) -> bool:
    """Whether a text has a word that is only in the names of the one."""
    return any(len(word) > 2 and _stands_in((word,), text) for word in own.words - other.words)


def _may_be_told_apart(run: Run, own: _Network, other: _Network) -> bool:
    """Whether nobody would call the one by a name of the other: they have other numbers of layers, neither name is a
    part of the other, and the notebook's own names do not say otherwise."""
    if own.layers == other.layers:
        return False
    if any(set(one) <= set(two) or set(two) <= set(one) for one in own.names for two in other.names):
        return False
    # what is a perceptron with hidden layers, or has convolutions, may be called so
    if own.layers[1] > 1 and not own.layers[0] and ("mlp",) in other.names:
        return False
    if own.layers[0] and {("cnn",), ("convnet",)} & set(other.names):
        return False
    return not any(
        "".join(words) in plain_name(name)
        for these, those in ((own, other), (other, own))
        for number in these.models
        for name in (*run.models[number].names, run.models[number].class_name)
        for words in those.names
    )


# --- for which it is reported -----------------------------------------------------------------------------------------


class _Claim(NamedTuple):
    """The network that a score is reported for, a clause that says where, the printed line, and its number."""

    network: _Network
    where: str
    line: str
    number: str


def _claim(
    run: Run, networks: Sequence[_Network], own: _Network, cell: CellRecord, figures: "Mapping[str, _Figures]"
) -> _Claim | None:
    """Return for which other network a cell reports a number that only ``own`` has."""
    here = [event for other, event in run.events if other is cell and isinstance(event, (Measured, Trained))]
    if any(event.model not in own.models for event in here) or _COMPARES.search(cell.printed):
        return None
    found = _by_text(networks, own, cell) or _by_heading(run, networks, own, cell)
    if found is None or _is_mentioned(own, found[0], cell.printed) or not _may_be_told_apart(run, own, found[0]):
        return None
    network, where, lines = found
    for line in lines:
        number = next((written for written in _numbers(line) if figures[own.title].have(written)), None)
        if number is not None:
            return None if figures[network.title].have(number) else _Claim(network, where, line, number)
    return None


_Reported = tuple[_Network, str, Sequence[str]]
"""The network that a cell's score is reported for, a clause that says where, and the lines that may hold the score."""


def _by_text(networks: Sequence[_Network], own: _Network, cell: CellRecord) -> _Reported | None:
    """Return the network that the cell's printed text names; its heading may name no other."""
    named, above = _named(networks, cell.printed), _named(networks, cell.heading)
    if len(named) != 1 or named[0] is own or any(each is not named[0] for each in above):
        return None
    lines = [line for line in cell.printed.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        if _named(named, line):
            # a name by itself stands above its figures
            claimed = [line] if _numbers(line) else lines[place + 1 : place + 2]
            return named[0], f"'{safe(line, limit=100)}' is printed", claimed
    return None


def _by_heading(run: Run, networks: Sequence[_Network], own: _Network, cell: CellRecord) -> _Reported | None:
    """Return the network that a section is about, if the section trains it and measures another one, and nothing in the
    notebook measures it."""
    if _named(networks, cell.printed) or _COMPARES.search(cell.heading) or not run.is_complete:
        return None
    steps = cell.heading.split(" / ")
    level = next((n for n in range(len(steps), 0, -1) if _named(networks, steps[n - 1])), 0)
    about = _named(networks, cell.heading)
    if len(about) != 1 or about[0] is own or not level:
        return None
    section = " / ".join(steps[:level])
    inside = [e for c, e in run.events if c.heading == section or c.heading.startswith(f"{section} / ")]
    trained = {event.model for event in inside if isinstance(event, Trained)}
    if not trained & about[0].models or trained & own.models or _may_be_measured(run, about[0], networks):
        return None
    where = f"the heading is '{safe(steps[level - 1], limit=100)}'"
    return about[0], where, cell.printed.splitlines()[:MAX_NUMBERS]


def _may_be_measured(run: Run, network: _Network, networks: Sequence[_Network]) -> bool:
    """Whether anything may have measured a network once it was trained, seen or unseen, as itself or as a part."""
    known = frozenset().union(*(each.models for each in networks))
    first = next((n for n, (_, e) in enumerate(run.events) if isinstance(e, Trained) and e.model in network.models), 0)
    for _, event in run.events[first:]:
        if isinstance(event, Measured) and (event.model in network.models or event.model not in known):
            return True
        if isinstance(event, Trained) and event.model in network.models:
            seen = [event.validation.inputs, *(watched.inputs for watched in event.watched)]
            if any(facts is not None and facts.share_from("test") for facts in seen):
                return True
    # calls of a network of Keras are not recorded
    return any(
        re.search(rf"(?:(?<![\w.])|(?<=\\n)){re.escape(name)}\b(?!\s*=[^=]|\.{_HARMLESS})", run.source)
        for number in network.models
        if run.models[number].framework == "keras"
        for name in run.models[number].names
    )


def _trained_before(run: Run, network: _Network, place: int) -> tuple[CellRecord, Trained] | None:
    for cell, event in reversed(run.events[:place]):
        if isinstance(event, Trained) and event.model in network.models and cell.status == "ran":
            return cell, event
    return None


# --- whose a printed number is ----------------------------------------------------------------------------------------


def _numbers(line: str) -> list[str]:
    """Return the numbers of a line that have enough digits to be told apart."""
    found = (
        written
        for written in NUMBER.findall(line)
        if "." in written and "," not in written and len(re.sub(r"\D", "", written).lstrip("0")) >= LEAST_DIGITS
    )
    return list(islice(found, MAX_NUMBERS))


class _Figures:
    """All that a network was measured to have, as shares and as percentages."""

    def __init__(self, values: list[float]) -> None:
        self._sorted = sorted(scale * value for value in values for scale in (1, 100))

    def have(self, written: str) -> bool:
        """Whether a number as it is written is one of them, rounded to its digits."""
        # a half of the last digit, and what binary numbers are off by
        margin = 0.501 * 10.0 ** -places(written)
        place = bisect_left(self._sorted, float(written) - margin)
        return place < len(self._sorted) and self._sorted[place] <= float(written) + margin


def _figures_of(run: Run, networks: Sequence[_Network]) -> dict[str, _Figures] | None:
    """Return the figures of each network by its title; ``None`` if there are too many to look at."""
    found: dict[str, list[float]] = {network.title: [] for network in networks}
    titles = {number: network.title for network in networks for number in network.models}
    for _, event in run.events:
        if event.model in titles and isinstance(event, (Measured, Trained)):
            found[titles[event.model]] += _values(event)
            if sum(map(len, found.values())) > MAX_FIGURES:
                return None
    return {title: _Figures(values) for title, values in found.items()}


def _values(event: Measured | Trained) -> list[float]:
    """Return what an event tells of how good a model is; nothing that is so by itself, such as a share of all."""
    if isinstance(event, Trained):
        told = [value for values in event.history.values() for value in values]
        shares = [share for watched in event.watched for score in watched.rounds for share in _shares(score, watched)]
        return [value for value in (*told, *shares) if value is not None and value not in (0.0, 1.0)]
    right, examples = event.values.get("right"), event.values.get("examples")
    if right is not None and examples is not None:
        return _shares(RightAnswers(int(right), int(examples)), event)
    return [value for value in event.values.values() if value is not None and value not in (0.0, 1.0)]


def _shares(score: RightAnswers, data: Measured | Watched) -> list[float]:
    """Return a score as a share of what went through, and of all that the loader has."""
    of = data.inputs.of if data.inputs is not None else 0
    return [score.right / whole for whole in (score.examples, of) if 0 < score.right < whole]


def _told(measured: Measured) -> str:
    values = ", ".join(
        f"{safe(name, limit=60)} {value:.6g}" for name, value in measured.values.items() if value is not None
    )
    return f"measured with test images in line {measured.line}: {values}"


KINDS: tuple[Callable[[Run], Iterator[Seen]], ...] = (_score_of_another,)
