"""What a notebook does with PyTorch: steps of optimizers, passes through modules, loaders, saves and loads.

A pass through a module is a training batch if a step of an optimizer that holds its parameters follows before the next
pass; every other pass measures something. So loops need not be read: what they did is what is recorded.
"""

import copy
import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

from grader.sandbox.worker.recorder.arrays import Origins
from grader.sandbox.worker.recorder.kept import condition_here
from grader.sandbox.worker.recorder.log import Log, text
from grader.sandbox.worker.recorder.models import Models, optimizer_facts
from grader.sandbox.worker.recorder.patching import replace
from grader.sandbox.worker.recorder.torch_loaders import Loaders
from grader.sandbox.worker.recorder.torch_passes import Activity, Course, Pass
from grader.sandbox.worker.replay.budget import Spending
from grader.sandbox.worker.replay.loops import Loops


class TorchEvents:
    """Listens to PyTorch's own hooks, and replaces the few functions that have none."""

    def __init__(self, log: Log, models: Models, origins: Origins, spending: Spending, loops: Loops) -> None:
        self._log = log
        self._models = models
        self._origins = origins
        self._spending = spending
        self._loops = loops
        self._loaders = Loaders(log, spending)
        self._depth = 0
        self._inside: Pass | None = None
        self._waiting: dict[int, Pass] = {}
        self._owners: dict[int, int] = {}
        self._roots: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._courses: dict[tuple[int, int], tuple[Any, Course]] = {}
        self._measured: dict[tuple[int, int], Activity] = {}
        """By the numbers of the model and of the loader, 0 for what no loader gave."""
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
        replace(copy, "deepcopy", self._copied)
        replace(torch, "load", self._read)
        replace(torch, "manual_seed", self._seeded)
        self._loaders.install(torch.utils.data.DataLoader)
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
            if self._inside is not None:
                self._inside.goes_through(module)
            return
        self._inside = None
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
        inputs = arguments[0].detach()
        self._inside = self._waiting[count] = Pass(
            inputs,
            self._loaders.came_from(inputs),
            self._log.line(),
            self._log.code_cell(),
            in_training_mode=bool(module.training),
            in_loop=self._loops.is_training,
        )
        self._inside.goes_through(module)

    def _leaves(self, module: Any, arguments: Any, output: Any) -> None:
        if self._log.is_muted or not self._depth:
            return
        self._depth -= 1
        if not self._depth and self._inside is not None:
            import torch

            self._inside.outputs = output.detach() if isinstance(output, torch.Tensor) else None
            self._inside = None

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
        course.stepped()
        course.line = course.line or self._log.line()
        course.code_cell = course.code_cell or self._log.code_cell()
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
            running[-1].validated(batch, self._origins)
        else:
            # what was trained before is told before what is measured now
            self._finish(count)
            loader = batch.drawn.number if batch.drawn is not None else 0
            self._measured.setdefault((count, loader), Activity()).add(batch, self._origins, scored=True)

    # --- telling ------------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Record what has been going on: at the end of a cell, and before weights change hands."""
        # a pass that was interrupted never left
        self._depth = 0
        self._inside = None
        for count in tuple(self._waiting):
            self._settle(count)
        self._finish(None)
        for (count, _), activity in self._measured.items():
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
            watched=[watch.told() for watch in course.watched.values()],
            code_cell=course.code_cell,
        )

    def _tell_measured(self, count: int, activity: Activity) -> None:
        self._log.add(
            "measured",
            line=activity.line,
            model=count,
            by="forward",
            inputs=activity.inputs,
            targets=None,
            batch_size=activity.batch_size,
            is_cut=self._spending.budget.is_cut,
            values=activity.score,
            in_training_mode=activity.in_training_mode,
            batches=activity.batches,
            acting=activity.acting,
            code_cell=activity.code_cell,
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
        self._log_saved(self._model_of(args[0] if args else options.get("obj")), text(path), "file")
        return result

    def _copied(self, original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        value = args[0] if args else options.get("x")
        # a state dict is one of the few mappings that hold a model's own tensors
        count = self._model_of(value) if isinstance(value, dict) and self._log.line() else 0
        if count:
            self._log_saved(count, "", "memory")
        return original(*args, **options)

    def _log_saved(self, count: int, path: str, place: str) -> None:
        kept = condition_here(self._log.files)
        more = {"condition": kept.text, "compared": kept.compared, "code_cell": self._log.code_cell()}
        self._log.add("weights", model=count, action="saved", by="call", path=path, place=place, **more)

    def _model_of(self, value: Any) -> int:
        import torch

        if isinstance(value, torch.nn.Module):
            return self._models.number(value)
        tensors = list(value.values())[:5] if isinstance(value, dict) else []
        # a checkpoint may hold the state dict beside the number of the epoch
        tensors += [t for inner in tensors if isinstance(inner, dict) for t in list(inner.values())[:5]]
        places = {t.data_ptr() for t in tensors if isinstance(t, torch.Tensor)}
        for count, model in self._models.living():
            if isinstance(model, torch.nn.Module) and any(p.data_ptr() in places for p in model.parameters()):
                return count
        return 0

    def _seeded(self, original: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if not self._log.is_muted:
            self._log.add("seeded", what="torch", value=text(args[0] if args else options.get("seed"), 40))
        return original(*args, **options)


def _no_step(_optimizer: Any, *_arguments: Any, **_options: Any) -> None:
    """Take the place of an optimizer's step."""


def _subclasses(kind: Any) -> list[Any]:
    return [found for each in kind.__subclasses__() for found in (each, *_subclasses(each))]
