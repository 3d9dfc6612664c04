"""What a notebook does with Keras: compile, fit, evaluate, predict, save and load, recorded and kept to the budget.

The methods of Keras' own classes are replaced once, in a worker that serves a replay and nothing else.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.sandbox.worker.recorder import keras_cut
from grader.sandbox.worker.recorder.arrays import Origins, as_array
from grader.sandbox.worker.recorder.keras_facts import (
    NO_VALIDATION,
    Arguments,
    callbacks_of,
    compiled_facts,
    data_facts,
    fit_facts,
    name_of,
)
from grader.sandbox.worker.recorder.log import Event, Log, number, text
from grader.sandbox.worker.recorder.models import Models, optimizer_facts
from grader.sandbox.worker.recorder.patching import arguments_by_name, replace_everywhere, wrap
from grader.sandbox.worker.replay.budget import Spending
from grader.sandbox.worker.replay.loops import Loops


class KerasEvents:
    """Wraps the methods of ``keras.Model`` and of its optimizers."""

    def __init__(self, log: Log, models: Models, origins: Origins, spending: Spending, loops: Loops) -> None:
        self._log = log
        self._models = models
        self._origins = origins
        self._spending = spending
        self._loops = loops
        self._budget = spending.budget
        self._depth = 0
        """How many of Keras' own methods are running: what they call is not the student's call."""
        self._metrics: dict[int, list[str]] = {}
        self._in_graphs: dict[int, list[Any]] = {}
        """Optimizers that step inside ``tf.function``, with the steps known of."""
        self._by_hand: dict[tuple[int, str], Event] = {}
        """Trainings step by step, by model and kind, until the cell ends."""

    def install(self) -> None:
        """Replace the methods."""
        import keras

        for name, wrapper in (
            ("compile", self._compile),
            ("fit", self._fit),
            ("evaluate", self._evaluate),
            ("predict", self._predict),
            ("train_on_batch", self._train_on_batch),
            ("save_weights", self._moving("saved", "file")),
            ("save", self._moving("saved", "file")),
            ("load_weights", self._moving("loaded", "file")),
            ("set_weights", self._moving("loaded", "memory")),
        ):
            wrap(keras.Model, name, wrapper)
        wrap(keras.optimizers.Optimizer, "apply", self._applied)
        if "tensorflow" in sys.modules:
            self._loops.is_tracing = sys.modules["tensorflow"].inside_function
        self._loops.lookers.append(self._look_at_graphs)
        replace_everywhere(keras.models.load_model, self._load_model)
        replace_everywhere(keras.utils.set_random_seed, self._seed)

    def flush(self) -> None:
        """Record the trainings step by step of the cell that ends."""
        self._depth = 0
        events, self._by_hand = self._by_hand, {}
        for event in events.values():
            trainer = event.pop("trainer")
            for loop in self._loops.finished:
                if loop.trainer is trainer and loop.holds_steps:
                    event |= {"epochs_asked": loop.asked, "epochs_run": loop.turns}
            self._log.add("trained", **event)

    # --- training -----------------------------------------------------------------------------------------------------

    def _compile(self, original: Callable[..., Any], model: Any, *args: Any, **options: Any) -> Any:
        result = original(model, *args, **options)
        given = arguments_by_name(original, model, args, options)
        metrics = given.get("metrics") or []
        names = [name_of(metric) for metric in (metrics if isinstance(metrics, (list, tuple)) else [metrics])][:20]
        count = self._models.number(model)
        self._metrics[count] = names
        optimizer, loss = optimizer_facts(model.optimizer), name_of(given.get("loss"))
        self._log.add("compiled", model=count, optimizer=optimizer, loss=loss, metrics=names)
        return result

    def _fit(self, original: Callable[..., Any], model: Any, *args: Any, **options: Any) -> Any:
        if self._depth or not model.compiled:
            return original(model, *args, **options)
        given = arguments_by_name(original, model, args, options)
        event = self._told(lambda: fit_facts(model, given, self._origins))
        count = self._models.tell_used(model)
        before = self._models.steps.get(count, 0)
        call, counter = dict(given), keras_cut.counter()
        is_cut = keras_cut.cut_fit(call, self._budget)
        call["callbacks"] = [*callbacks_of(given), counter]
        if self._budget.fit_s is not None:
            ends_at = min(time.monotonic() + self._budget.fit_s, self._spending.ends_at)
            call["callbacks"].append(keras_cut.clock(ends_at))
        history: dict[str, list[Any]] = {}
        self._depth += 1
        try:
            is_empty = self._budget.steps == 0
            result = keras_cut.nothing_trained(model, call) if is_empty else original(model, **call)
            history = getattr(result, "history", {})
            return result
        finally:
            self._depth -= 1
            self._models.steps[count] = before + counter.steps
            self._spending.count(counter.steps, model, fit=True)
            if event:
                asked = event["epochs_asked"]
                is_cut = self._budget.is_cut and (is_cut or counter.epochs < asked - event["initial_epoch"])
                if is_cut:
                    self._spending.cut(f"fit ran {counter.steps:,} steps, in {counter.epochs:,} of {asked:,} epochs")
                ran = {"epochs_run": counter.epochs, "steps_run": counter.steps, "steps_before": before}
                figures = {str(key)[:60]: [number(v) for v in values][:200] for key, values in history.items()}
                told = dict(list(figures.items())[:20])
                self._log.add("trained", model=count, **event, **ran, is_cut=is_cut, history=told)

    def _train_on_batch(self, original: Callable[..., Any], model: Any, *args: Any, **options: Any) -> Any:
        self._depth += 1
        try:
            result = original(model, *args, **options)
        finally:
            self._depth -= 1
        if not self._depth:
            given = arguments_by_name(original, model, args, options)
            self._stepped(model, "train_on_batch", model, given, compiled_facts(model))
        return result

    def _applied(self, original: Callable[..., Any], optimizer: Any, *args: Any, **options: Any) -> Any:
        """Notice a step of a loop that is written by hand around a ``GradientTape``."""
        result = original(optimizer, *args, **options)
        if not self._depth and self._loops.is_tracing():
            # the graph takes the steps from here on; the optimizer counts them, which cannot be read yet
            self._in_graphs.setdefault(id(optimizer), [optimizer, None])
            return result
        if not self._depth:
            self._stepped_by(optimizer, 1)
        return result

    def _look_at_graphs(self) -> None:
        for known in self._in_graphs.values():
            optimizer, before = known
            now = known[1] = int(optimizer.iterations.numpy())
            if before is None or now > before:
                self._stepped_by(optimizer, 1 if before is None else now - before)

    def _stepped_by(self, optimizer: Any, steps: int) -> None:
        first = next(iter(optimizer._trainable_variables or ()), None)
        model = next((m for _, m in self._models.living() if _holds(m, first)), None)
        facts = {"optimizer": optimizer_facts(optimizer), "loss": ""}
        self._stepped(model, "loop", optimizer, {}, facts, steps)

    def _stepped(self, model: Any, by: str, trainer: Any, given: Arguments, facts: Event, steps: int = 1) -> None:
        count = 0 if model is None else self._models.tell_used(model)
        before = self._models.steps.get(count, 0)
        self._models.steps[count] = before + steps
        self._spending.count(steps, trainer)
        event = self._by_hand.get((count, by))
        if event is None:
            data = data_facts(given, self._origins)
            batch = data["inputs"]["shape"][0] if data["inputs"] else None
            event = _BY_HAND | data | facts | {"model": count, "by": by, "batch_size": batch, "steps_before": before}
            event |= {"line": self._log.line(), "is_cut": self._budget.is_cut, "steps_run": 0, "trainer": trainer}
            self._by_hand[count, by] = event
        event["steps_run"] += steps

    # --- measuring ----------------------------------------------------------------------------------------------------

    def _evaluate(self, original: Callable[..., Any], model: Any, *args: Any, **options: Any) -> Any:
        if self._depth:
            return original(model, *args, **options)
        return self._measure("evaluate", original, model, args, options)

    def _predict(self, original: Callable[..., Any], model: Any, *args: Any, **options: Any) -> Any:
        if self._depth:
            return original(model, *args, **options)
        return self._measure("predict", original, model, args, options)

    def _measure(
        self, by: str, original: Callable[..., Any], model: Any, args: tuple[Any, ...], options: Arguments
    ) -> Any:
        given = arguments_by_name(original, model, args, options)
        event = self._told(lambda: data_facts(given, self._origins))
        count = self._models.tell_used(model)
        call = dict(given)
        is_cut = keras_cut.cut_measure(call, self._budget)
        self._depth += 1
        try:
            result = original(model, **call)
        finally:
            self._depth -= 1
        if is_cut:
            self._spending.cut(f"{by} looked at the first examples only")
        if by == "evaluate":
            values = self._values(count, result)
        else:
            asked = as_array(given.get("x"))
            result = self._one_for_each(result, asked)
            values = self._told(lambda: self._right(result, asked))
        if event:
            self._log.add("measured", model=count, **event, by=by, is_cut=is_cut, values=values)
        return result

    def _one_for_each(self, result: Any, asked: np.ndarray | None) -> Any:
        """Return predictions repeated until there is one for each example: what follows may need that."""
        if asked is None or not isinstance(result, np.ndarray) or not 0 < len(result) < len(asked):
            return result
        self._spending.cut(f"predict computed {len(result):,} of {len(asked):,} rows, and the others repeat them")
        return np.take(result, np.arange(len(asked)) % len(result), axis=0)

    def _right(self, result: Any, asked: np.ndarray | None) -> Event:
        if asked is None or not isinstance(result, np.ndarray):
            return {}
        right = self._origins.right(asked, result)
        return {} if right is None else {"right": right, "examples": len(asked)}

    def _values(self, count: int, result: Any) -> dict[str, float | None]:
        if isinstance(result, dict):
            return {text(key, 60): number(value) for key, value in list(result.items())[:20]}
        names = ["loss", *self._metrics.get(count, [])]
        return {name: number(value) for name, value in zip(names, np.ravel(result), strict=False)}

    # --- weights and seeds --------------------------------------------------------------------------------------------

    def _moving(self, action: str, place: str) -> Callable[..., Any]:
        def method(original: Callable[..., Any], model: Any, *args: Any, **options: Any) -> Any:
            by = "callback" if self._depth else "call"
            # loading a file sets weights, and saving a model saves its weights
            self._depth += 1
            try:
                result = original(model, *args, **options)
            finally:
                self._depth -= 1
            path = text(args[0] if args else options.get("filepath", "")) if place == "file" else ""
            self._log.add("weights", model=self._models.number(model), action=action, by=by, path=path, place=place)
            return result

        return method

    def _load_model(self, original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        model = original(*args, **options)
        path = text(args[0] if args else options.get("filepath", ""))
        by = "callback" if self._depth else "call"
        self._log.add("weights", model=self._models.number(model), action="loaded", by=by, path=path, place="file")
        return model

    def _seed(self, original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        self._log.add("seeded", what="keras", value=text(args[0] if args else options.get("seed"), 40))
        return original(*args, **options)

    def _told(self, facts: Callable[[], Event]) -> Event:
        """Return facts, none where they cannot be told: what is odd about the arguments is Keras' to say."""
        try:
            return facts()
        except Exception as error:
            self._log.note("not-told", f"{type(error).__name__}: {text(error)}")
            return {}


def _holds(model: Any, variable: Any) -> bool:
    return variable is not None and any(own is variable for own in getattr(model, "trainable_variables", ()))


_BY_HAND: Event = {
    "epochs_asked": None,
    "epochs_run": 0,
    "initial_epoch": 0,
    "steps_asked": None,
    "validation": NO_VALIDATION,
    "callbacks": [],
    "history": {},
}
