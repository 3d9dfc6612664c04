"""Limits, late policies and functions as a rubric writes them, and the model's types they become."""

from typing import Annotated

import msgspec

from grader.course.fields import Fields
from grader.course.model import FunctionSpec, LatePolicy, Limits, ModelSpec
from grader.course.units import Duration, Percentage, Size, TimeLimit

WHOLE_SUBMISSION = ("course", "assignment")
"""The levels at which ``total`` means something: it bounds a whole submission."""


class LimitsEntry(msgspec.Struct, frozen=True):
    """The keys of ``limits``. ``None``: not said here."""

    time: TimeLimit | None = None
    at_least: Duration | None = None
    total: Duration | None = None
    memory: Size | None = None
    processes: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    output: Size | None = None

    def over(self, outer: "LimitsEntry") -> "LimitsEntry":
        """Return these limits, filled up with those of the level above."""
        merged = {name: getattr(self, name) or getattr(outer, name) for name in self.__struct_fields__}
        if merged["time"] is not None and merged["time"].wall_s is not None:
            merged["at_least"] = None  # a floor under '3 x reference' says nothing about a fixed time
        return LimitsEntry(**merged)

    def resolved(self) -> Limits:
        """Return the limits that hold, with the model's defaults for what nobody has said."""
        time, default = self.time or TimeLimit(), Limits()
        return Limits(
            wall_s=float(time.wall_s or self.at_least or default.wall_s),
            times_reference=time.times_reference,
            total_s=float(self.total or default.total_s),
            memory_bytes=int(self.memory or default.memory_bytes),
            processes=self.processes or default.processes,
            output_bytes=int(self.output or default.output_bytes),
        )


def take_limits(fields: Fields, outer: LimitsEntry, level: str) -> LimitsEntry:
    """Return the limits of one level (``course``, ``assignment``, ``part``, ``criterion``) over those of ``outer``."""
    entry: LimitsEntry = fields.optional("limits", LimitsEntry, LimitsEntry())
    merged = entry.over(outer)
    source = fields.source("limits")
    if entry.at_least is not None and merged.time is not None and merged.time.wall_s is not None:
        fields.problems.add(
            source,
            f"'at_least' in 'limits' in {fields.what} has no effect beside a fixed time",
            "it is the floor under 'time: 3 x reference'",
        )
    if entry.total is not None and level not in WHOLE_SUBMISSION:
        fields.problems.add(
            source,
            f"'total' in 'limits' in {fields.what} has no effect there: it bounds a whole submission",
            "write it in the limits of the assignment or in the course's defaults",
        )
    return merged


class LateEntry(msgspec.Struct, frozen=True):
    """The keys of ``late``. ``None``: not said here."""

    grace: Duration | None = None
    per_day: Percentage | None = None
    at_most: Percentage | None = None

    def over(self, outer: LatePolicy) -> LatePolicy:
        """Return the policy of ``outer`` with what is said here in its place."""
        return LatePolicy(
            grace_s=outer.grace_s if self.grace is None else float(self.grace),
            per_day=outer.per_day if self.per_day is None else float(self.per_day),
            at_most=outer.at_most if self.at_most is None else float(self.at_most),
        )


class FunctionEntry(msgspec.Struct, frozen=True):
    """The keys of one entry of ``functions``; its own key is the function's name."""

    returns: tuple[str, ...]
    accepts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class PlotEntry(msgspec.Struct, frozen=True):
    """The keys of one entry of ``plots``; its own key is the function's name."""

    accepts: tuple[str, ...]
    also: tuple[str, ...] = ()


class ModelEntry(msgspec.Struct, frozen=True, rename={"arguments": "with"}):
    """The keys of one entry of ``models``; its own key is the model's name."""

    input: tuple[Annotated[int, msgspec.Meta(ge=1, le=100_000)], ...]
    build: str = ""
    also: tuple[str, ...] = ()
    arguments: dict[str, str | int | float | bool] = {}
    weights: tuple[str, ...] = ()
    train: str = ""
    like: str = ""


def take_models(fields: Fields) -> tuple[ModelSpec, ...]:
    """Return a part's models. ``build`` is ``build_<name>`` unless said otherwise, and ``like`` the same."""
    written: dict[str, ModelEntry] = fields.optional("models", dict[str, ModelEntry], {})
    specs = []
    for name, entry in written.items():
        place = fields.inner_source("models", name)
        what = f"model '{name}' in {fields.what}"
        build = entry.build or f"build_{name}"
        words = (name, build, *entry.also, *entry.arguments, *filter(None, (entry.train, entry.like)))
        for word in words:
            if not word.isidentifier():
                fields.problems.add(place, f"'{word}' of {what} is not a Python name")
        if not 1 <= len(entry.input) <= 3:
            fields.problems.add(
                place, f"'input' of {what} has {len(entry.input)} numbers", "write one example, as in [28, 28, 1]"
            )
        specs.append(
            ModelSpec(
                name=name,
                build=build,
                input_shape=entry.input,
                like=entry.like or build,
                also=entry.also,
                arguments=entry.arguments,
                weights=entry.weights,
                train=entry.train,
            )
        )
    return tuple(specs)


def take_plots(fields: Fields) -> tuple[FunctionSpec, ...]:
    """Return a part's functions that draw. Every name is a Python name."""
    written: dict[str, PlotEntry] = fields.optional("plots", dict[str, PlotEntry], {})
    for name, entry in written.items():
        for word in (name, *entry.also, *entry.accepts):
            if not word.isidentifier():
                place = fields.inner_source("plots", name)
                fields.problems.add(place, f"'{word}' of plot '{name}' in {fields.what} is not a Python name")
    return tuple(FunctionSpec(name, entry.accepts, (), entry.also) for name, entry in written.items())


def take_functions(fields: Fields) -> tuple[FunctionSpec, ...]:
    """Return a part's functions. Every name is a Python name, and no name or returned value stands for two things."""
    written: dict[str, FunctionEntry] = fields.optional("functions", dict[str, FunctionEntry], {})
    called: dict[str, str] = {}
    returned: dict[str, str] = {}
    specs = []
    for name, entry in written.items():
        place = fields.inner_source("functions", name)
        what = f"function '{name}' in {fields.what}"
        for word in (name, *entry.also, *entry.accepts, *entry.returns):
            if not word.isidentifier():
                fields.problems.add(place, f"'{word}' of {what} is not a Python name")
        for word in (name, *entry.also):
            if called.setdefault(word, name) != name:
                fields.problems.add(place, f"'{word}' stands for both '{called[word]}' and {what}")
        for word in entry.returns:
            if returned.setdefault(word, name) != name:
                fields.problems.add(
                    place,
                    f"{what} returns '{word}', and so does function '{returned[word]}'",
                    "give the values different names, since criteria refer to them by name",
                )
        for key in ("accepts", "returns"):
            words = getattr(entry, key)
            if len(set(words)) < len(words):
                fields.problems.add(place, f"a name is there twice in '{key}' of {what}")
        if not entry.returns:
            fields.problems.add(place, f"'returns' of {what} is empty", "name the values it returns, in order")
        specs.append(FunctionSpec(name, entry.accepts, entry.returns, entry.also))
    return tuple(specs)
