"""What a notebook does with PyTorch: steps of optimizers, passes through modules, loaders, saves and loads.

A pass through a module is a training batch if a step of an optimizer that holds its parameters follows before the next
pass; every other pass measures something. So loops need not be read: what they did is what is recorded.
"""

import functools
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from grader.sandbox.worker.recorder.arrays import Facts, Origins, as_array, facts
from grader.sandbox.worker.recorder.log import Log, settings, text
from grader.sandbox.worker.recorder.models import Models, optimizer_facts
from grader.sandbox.worker.recorder.patching import replace
from grader.sandbox.worker.replay.budget import Spending
from grader.sandbox.worker.replay.loops import Loops

SAMPLED_BATCHES = 40
"""Batches of one activity whose images are looked up among the given ones."""
SAMPLED_ROWS = 4
MAX_ROWS = 2_000
"""Examples of one pass over a loader that is cut."""


class _Pass(NamedTuple):
    """One batch on its way through a model. ``in_loop``: a loop that has trained something was running."""

    inputs: Any
    in_training_mode: bool
    in_loop: bool


class Activity:
    """Batches of one kind that went through one model."""

    def __init__(self) -> None:
        self.batches = 0
        self.in_training_mode = 0
        self.sizes: Counter[int] = Counter()
        self.first: Facts | None = None
        self.origins: Counter[str] = Counter()

    def add(self, one: "_Pass", origins: Origins) -> None:
        """Count one batch."""
        inputs = one.inputs
        self.batches += 1
        self.in_training_mode += one.in_training_mode
        if getattr(inputs, "ndim", 0):
            self.sizes[len(inputs)] += 1
        if self.first is None:
            self.first = facts(inputs)
        if self.batches <= SAMPLED_BATCHES and (array := as_array(inputs)) is not None:
            self.origins.update(origins.shares(array, SAMPLED_ROWS))

    @property
    def inputs(self) -> Facts | None:
        """The facts of the first batch, with what was recognized in all."""
        return None if self.first is None else self.first | {"origins": dict(self.origins)}

    @property
    def batch_size(self) -> int | None:
        """How many examples most batches have."""
        return self.sizes.most_common(1)[0][0] if self.sizes else None


class Course:
    """What one optimizer has done with one model since somebody last looked."""

    def __init__(self, steps_before: int, optimizer: Facts) -> None:
        self.steps_before = steps_before
        self.optimizer = optimizer
        """As it was at its first step: a schedule changes it."""
        self.steps = 0
        self.training = Activity()
        self.validation = Activity()
        self.epochs_asked: int | None = None
        self.epochs_run = 0
        self.line = 0


class TorchEvents:
    """Listens to PyTorch's own hooks, and replaces the few functions that have none."""

    def __init__(self, log: Log, models: Models, origins: Origins, spending: Spending, loops: Loops) -> None:
        self._log = log
        self._models = models
        self._origins = origins
        self._spending = spending
        self._loops = loops
        self._depth = 0
        self._waiting: dict[int, _Pass] = {}
        self._owners: dict[int, int] = {}
        self._roots: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._courses: dict[tuple[int, int], tuple[Any, Course]] = {}
        self._measured: dict[int, Activity] = {}
        self._losses: Counter[str] = Counter()
        self._last_read: Any = None
        self._path_of_read = ""

    def install(self) -> None:
        """Start listening."""
        import torch
        from torch.nn.modules import module as modules
        from torch.optim import optimizer as optimizers

        modules.register_module_forward_pre_hook(self._enters)
        modules.register_module_forward_hook(self._leaves, always_call=True)
        optimizers.register_optimizer_step_post_hook(self._stepped)
        replace(torch.nn.Module, "load_state_dict", self._loaded)
        replace(torch, "save", self._saved)
        replace(torch, "load", self._read)
        replace(torch, "manual_seed", self._seeded)
        self._install_loader(torch.utils.data.DataLoader)
        if self._spending.budget.steps == 0:
            # defined, not trained: the step is counted and leaves the weights alone
            for kind in _subclasses(torch.optim.Optimizer):
                if "step" in vars(kind):
                    kind.step = _no_step

    # --- hooks --------------------------------------------------------------------------------------------------------

    def _enters(self, module: Any, arguments: tuple[Any, ...]) -> None:
        if self._log.is_muted:
            return
        self._depth += 1
        if self._depth > 1:
            return
        import torch

        if isinstance(module, torch.nn.modules.loss._Loss):
            self._losses[type(module).__name__] += 1
            return
        if not arguments or not isinstance(arguments[0], torch.Tensor) or next(module.parameters(), None) is None:
            return
        count = self._models.number(module)
        if count not in self._models.example_shapes:
            self._models.example_shapes[count] = tuple(arguments[0].shape[1:])
            self._roots[count] = module
            self._owners.update((id(parameter), count) for parameter in module.parameters())
        self._settle(count)
        self._waiting[count] = _Pass(arguments[0].detach(), bool(module.training), self._loops.is_training)

    def _leaves(self, module: Any, arguments: Any, output: Any) -> None:
        if not self._log.is_muted and self._depth:
            self._depth -= 1

    def _stepped(self, optimizer: Any, arguments: Any, options: Any) -> None:
        first = next((p for group in optimizer.param_groups for p in group["params"]), None)
        count = self._owners.get(id(first), 0)
        self._spending.count(1, optimizer)
        known = self._courses.get((id(optimizer), count))
        if known is None:
            known = (optimizer, Course(self._models.steps.get(count, 0), optimizer_facts(optimizer)))
            self._courses[id(optimizer), count] = known
            if count in self._roots:
                self._models.tell_used(self._roots[count])
        course = known[1]
        course.steps += 1
        course.line = course.line or self._log.line()
        self._models.steps[count] = self._models.steps.get(count, 0) + 1
        batch = self._waiting.pop(count, None)
        if batch is not None:
            course.training.add(batch, self._origins)

    def _settle(self, count: int) -> None:
        """Decide about a pass after which nothing was trained."""
        batch = self._waiting.pop(count, None)
        if batch is None:
            return
        running = [course for (_, model), (_, course) in self._courses.items() if model == count]
        if batch.in_loop and running:
            running[-1].validation.add(batch, self._origins)
        else:
            # what was trained before is told before what is measured now
            self._finish(count)
            self._measured.setdefault(count, Activity()).add(batch, self._origins)

    # --- telling ------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Record what has been going on: at the end of a cell, and before weights change hands."""
        # a pass that was interrupted never left
        self._depth = 0
        for count in tuple(self._waiting):
            self._settle(count)
        self._finish(None)
        for count, activity in self._measured.items():
            self._tell_measured(count, activity)
        self._measured = {}
        self._losses.clear()
        self._loops.finished = []

    def _finish(self, count: int | None) -> None:
        """Tell what was trained, of one model or of all, and forget it."""
        for key, (optimizer, course) in list(self._courses.items()):
            if count is not None and key[1] != count:
                continue
            for loop in (*self._loops.finished, *self._loops.active):
                if loop.trainer is optimizer and loop.holds_steps and loop.turns > course.epochs_run:
                    course.epochs_asked, course.epochs_run = loop.asked, loop.turns
            self._tell_trained(course, key[1])
            del self._courses[key]

    def _tell_trained(self, course: Course, count: int) -> None:
        validated = course.validation
        asked = course.epochs_asked
        self._log.add(
            "trained",
            line=course.line,
            model=count,
            by="loop",
            inputs=course.training.inputs,
            targets=None,
            batch_size=course.training.batch_size,
            optimizer=course.optimizer,
            loss=self._losses.most_common(1)[0][0] if self._losses else "",
            epochs_asked=asked,
            epochs_run=course.epochs_run,
            initial_epoch=0,
            steps_asked=None,
            steps_run=course.steps,
            steps_before=course.steps_before,
            is_cut=self._spending.budget.is_cut,
            validation={
                "source": "loop" if validated.batches else "none",
                "share": 0.0,
                "inputs": validated.inputs,
                "targets": None,
            },
            callbacks=[],
            history={},
            in_evaluation_mode=course.training.batches - course.training.in_training_mode,
        )

    def _tell_measured(self, count: int, activity: Activity) -> None:
        self._log.add(
            "measured",
            model=count,
            by="forward",
            inputs=activity.inputs,
            targets=None,
            batch_size=activity.batch_size,
            is_cut=self._spending.budget.is_cut,
            values={},
            in_training_mode=activity.in_training_mode,
        )

    # --- functions without hooks --------------------------------------------------------------------------------------

    def _loaded(self, original: Callable[..., Any], module: Any, *args: Any, **options: Any) -> Any:
        result = original(module, *args, **options)
        if not self._log.is_muted:
            self.flush()
            state = args[0] if args else options.get("state_dict")
            path = self._path_of_read if state is not None and state is self._last_read else ""
            self._log_loaded(module, path)
        return result

    def _read(self, original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        import torch

        result = original(*args, **options)
        path = text(args[0] if args else options.get("f", ""))
        # most files hold a state dict, which goes into a model in the next line
        self._last_read, self._path_of_read = result, path
        if isinstance(result, torch.nn.Module):
            self.flush()
            self._log_loaded(result, path)
        return result

    def _log_loaded(self, module: Any, path: str) -> None:
        place = "file" if path else "memory"
        self._log.add("weights", model=self._models.number(module), action="loaded", by="call", path=path, place=place)

    def _saved(self, original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        result = original(*args, **options)
        path = args[1] if len(args) > 1 else options.get("f", "")
        # most save a state dict, which knows no model: the one that was used last is meant
        count = self._model_of(args[0] if args else options.get("obj"))
        self._log.add("weights", model=count, action="saved", by="call", path=text(path), place="file")
        return result

    def _model_of(self, value: Any) -> int:
        import torch

        if isinstance(value, torch.nn.Module):
            return self._models.number(value)
        tensors = list(value.values())[:5] if isinstance(value, dict) else []
        places = {t.data_ptr() for t in tensors if isinstance(t, torch.Tensor)}
        for count, model in self._models.living():
            if isinstance(model, torch.nn.Module) and any(p.data_ptr() in places for p in model.parameters()):
                return count
        return 0

    def _seeded(self, original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if not self._log.is_muted:
            self._log.add("seeded", what="torch", value=text(args[0] if args else options.get("seed"), 40))
        return original(*args, **options)

    def _install_loader(self, loader: Any) -> None:
        construct, iterate = loader.__init__, loader.__iter__

        @functools.wraps(construct)
        def __init__(loader: Any, *args: Any, **options: Any) -> None:  # noqa: N807
            if options.get("num_workers"):
                self._log.note("not-run", "the loader's processes: batches are made in this one")
                # both are refused where there are no processes
                options = {key: value for key, value in options.items() if key not in _OF_PROCESSES}
            construct(loader, *args, **options)
            self._log.add(
                "made",
                kind="loader",
                name=type(loader.dataset).__name__[:60],
                settings=settings(
                    batch_size=loader.batch_size,
                    length=_length(loader.dataset),
                    shuffled=type(loader.sampler).__name__ == "RandomSampler",
                    drop_last=loader.drop_last or None,
                ),
            )

        @functools.wraps(iterate)
        def __iter__(loader: Any) -> Iterator[Any]:  # noqa: N807
            batches: Iterator[Any] = iterate(loader)
            limit = self._spending.budget.steps
            if limit is None:
                return batches
            # a loader for measuring gives its test set in few large pieces
            few = MAX_ROWS // max(loader.batch_size or 1, 1)
            return FirstBatches(batches, max(min(limit, few), 1), _length(loader), self._spending)

        loader.__init__, loader.__iter__ = __init__, __iter__


_OF_PROCESSES = frozenset(
    ("num_workers", "prefetch_factor", "persistent_workers", "multiprocessing_context", "timeout")
)


class FirstBatches:
    """The first batches of a loader."""

    def __init__(self, batches: Iterator[Any], limit: int, length: int | None, spending: Spending) -> None:
        self._batches = islice(batches, limit)
        self._left = limit
        self._limit = limit
        self._length = length
        self._spending = spending

    def __iter__(self) -> "FirstBatches":
        return self

    def __len__(self) -> int:
        if self._length is None:
            raise TypeError("this loader has no length")
        return self._length

    def __next__(self) -> Any:
        self._spending.check_time()
        try:
            return next(self._batches)
        except StopIteration:
            if self._length is None or self._length > self._limit:
                of = "" if self._length is None else f" of {self._length:,}"
                self._spending.cut(f"a loader gave {self._limit:,}{of} batches")
            raise


def _no_step(_optimizer: Any, *_arguments: Any, **_options: Any) -> None:
    """Take the place of an optimizer's step."""


def _length(value: Any) -> int | None:
    try:
        return len(value)
    except Exception:
        # an iterable dataset has none
        return None


def _subclasses(kind: Any) -> list[Any]:
    return [found for each in kind.__subclasses__() for found in (each, *_subclasses(each))]
