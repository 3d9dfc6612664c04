"""The networks of a student as a check sees them: built, run and given weights inside the worker.

What a worker says about a network is not believed: a description is decoded as a stranger's, and a verdict that is
called VERIFIED rests on what the network computes with weights and inputs that the trusted side chose.
"""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np

from grader.checks.student import Student, StudentError
from grader.course.model import ModelSpec
from grader.networks.evaluate import without_softmax
from grader.networks.native import native_arrays
from grader.results import Feedback, Verdict
from grader.sandbox import wire
from grader.submission.binding import Bound
from grader.transplant import portable
from grader.transplant.architecture import Network, Shape
from grader.transplant.transplant import fitted_arrays

MAX_WEIGHTS = 2000


class WeightFacts(msgspec.Struct, frozen=True):
    """One array of a student's network. Shapes are the framework's own."""

    name: str
    shape: Shape
    trained: bool

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


class Built(msgspec.Struct, frozen=True, eq=False):
    """A network that the worker holds. ``network`` is its description with the weights it was built with, or ``None``
    where ``why_not`` says why it cannot be described."""

    spec: ModelSpec
    bound: Bound
    handle: str
    framework: str
    class_name: str
    network: Network | None
    why_not: str
    weights: tuple[WeightFacts, ...]

    @property
    def place(self) -> str:
        """Where it comes from: ``build_lenet in networks.py, line 12``."""
        return self.bound.place

    @property
    def logits_network(self) -> Network | None:
        """The description without the softmax at its end."""
        return None if self.network is None else without_softmax(self.network)


_Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=10_000)]


class _Answer(msgspec.Struct, frozen=True):
    """What the operation ``build`` returns, apart from arrays."""

    framework: Annotated[str, msgspec.Meta(max_length=20)]
    class_name: _Text
    why_not: _Text


class _Loaded(msgspec.Struct, frozen=True):
    """What the operation ``load_weights`` returns."""

    problem: _Text
    details: tuple[_Text, ...]


class StudentModels:
    """Builds and uses the networks of one part. Networks are kept: a network is built once for all criteria."""

    def __init__(self, student: Student) -> None:
        """``student`` is whom the networks belong to; his meter pays for them."""
        self._student = student

    def build(self, spec: ModelSpec, seed: int = 0) -> Built:
        """Return the student's network for ``spec``, freshly initialised from ``seed`` the first time.

        Its weights may have been changed since by another criterion: write those you need.

        Raises:
            StudentError: it is missing, or building it failed.
        """
        bound = self._student.place_of(self._student.binding.models[spec.name])
        worker = self._student.worker_with(bound)
        handle = f"{self._student.part.id}.{spec.name}.{seed}"
        known = self._student.loads.built.get(handle)
        if known is not None and known[0] is worker:
            kept: Built = known[1]
            # asked for with other files of weights, say
            return msgspec.structs.replace(kept, spec=spec)
        answer = self._student.operate(
            worker,
            "build",
            {
                "handle": handle,
                "path": bound.path,
                "name": bound.name,
                "arguments": dict(spec.arguments),
                "input_shape": np.array(spec.input_shape),
                "seed": seed,
            },
            doing=f"{bound.name} built its network",
            raised=f"{bound.name} raised",
        )
        try:
            built = _decoded(spec, bound, handle, answer)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, msgspec.ValidationError) as error:
            # a text in the place of an array lacks what arrays have
            raise self._student.rejected(worker, f"its network is described as no network is: {error}") from None
        self._student.loads.built[handle] = (worker, built)
        return built

    def forward(self, built: Built, inputs: np.ndarray, *, training: bool = False, seed: int = 0) -> np.ndarray:
        """Return what the network gives for N examples, (N, values) float.

        Args:
            built: what :meth:`build` returned.
            inputs: (N, *input_shape of the model), any floating-point type.
            training: run in training mode, all examples at once.
            seed: of random numbers such as dropout's.

        Raises:
            StudentError: the network fails, or returns something else than one row of numbers for each example.
        """
        options = {"handle": built.handle, "inputs": inputs, "training": training, "seed": seed}
        answer = self.operate(built, "forward", options, doing="computed")
        is_numbers = isinstance(answer, np.ndarray) and answer.dtype.kind == "f" and answer.ndim > 0 and answer.size > 0
        if not isinstance(answer, np.ndarray) or not is_numbers or len(answer) != len(inputs):
            what = "something else than one row of numbers for each example"
            raise StudentError(Verdict.FAIL, Feedback(f"The network of {built.place} returned {what}."))
        return answer.reshape(len(answer), -1)

    def read(self, built: Built) -> Network:
        """Return the description of a described network with the weights that it has now.

        Raises:
            StudentError: they could not be read, or are not those of the network.
        """
        assert built.network is not None
        answer = self.operate(built, "read", {"handle": built.handle}, doing="gave its weights")
        try:
            arrays: Any = answer if isinstance(answer, tuple) else ()
            if not all(array.dtype.kind == "f" for layer in arrays for array in layer.values()):
                raise ValueError("weights are floating-point numbers")
            return built.network.with_arrays(arrays)
        except (ValueError, TypeError, AttributeError) as error:
            worker = self._student.worker_with(built.bound)
            raise self._student.rejected(worker, f"its weights are not those of its network: {error}") from None

    def load_weights(self, built: Built, path: str) -> tuple[str, tuple[str, ...]]:
        """Load a file that was handed in into a network.

        Returns:
            Why it cannot be used, a clause, and lines that say more; both empty if it has been loaded.

        Raises:
            StudentError: it ran out of a limit, or the answer was none.
        """
        answer = self.operate(built, "load_weights", {"handle": built.handle, "path": path}, doing=f"loaded {path}")
        try:
            loaded = msgspec.convert(answer, _Loaded)
        except msgspec.ValidationError as error:
            worker = self._student.worker_with(built.bound)
            raise self._student.rejected(worker, f"it says of a file of weights: {error}") from None
        return loaded.problem, loaded.details

    def write(self, built: Built, arrays: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Give a described network other weights, laid out as its description's ``arrays``.

        Raises:
            StudentError: they could not be written.
        """
        self.operate(built, "write", {"handle": built.handle, "arrays": tuple(map(dict, arrays))}, doing="took weights")

    def operate(self, built: Built, operation: str, options: Mapping[str, Any], *, doing: str) -> wire.Payload:
        """Have the worker do something with a network; return what it says.

        Raises:
            StudentError: it failed, or the worker that held the network has ended.
        """
        worker = self._student.worker_with(built.bound)
        known = self._student.loads.built.get(built.handle)
        if known is None or known[0] is not worker:
            # a worker that died took the network with it: the same one is built again
            self.build(built.spec, int(built.handle.rpartition(".")[2]))
        who = f"the network of {built.bound.name}"
        return self._student.operate(worker, operation, options, doing=f"{who} {doing}", raised=f"{who} raised")


def give_weights(models: StudentModels, built: Built, network: Network) -> bool:
    """Write the weights of ``network`` into the student's network; return whether a way was found to.

    One that cannot be described takes them in the order and layout of its framework, if the shapes fit.

    Raises:
        ArchitectureMismatch: the layers of the student's network are known and do not fit.
        StudentError: the student's code failed.
    """
    if built.network is not None:
        models.write(built, fitted_arrays(network, built.network))
        return True
    arrays = native_arrays(network, built.framework)
    if [array.shape for array in arrays] != [weight.shape for weight in built.weights]:
        return False
    models.operate(built, "write_parameters", {"handle": built.handle, "arrays": arrays}, doing="took weights")
    return True


def _decoded(spec: ModelSpec, bound: Bound, handle: str, answer: wire.Payload) -> Built:
    if not isinstance(answer, dict):
        raise TypeError("not a mapping")
    plain = msgspec.convert({name: answer[name] for name in _Answer.__struct_fields__}, _Answer)
    weights = answer["weights"]
    if not isinstance(weights, tuple) or len(weights) > MAX_WEIGHTS:
        raise ValueError(f"a network has a list of at most {MAX_WEIGHTS} weights")
    structure, network = answer["structure"], None
    if structure is not None:
        network = portable.decode(structure.tobytes(), answer["arrays"])  # type: ignore[union-attr,arg-type]
    return Built(
        spec, bound, handle, plain.framework, plain.class_name, network, plain.why_not, tuple(map(_weight, weights))
    )


def _weight(answer: Any) -> WeightFacts:
    shape = tuple(int(n) for n in answer["shape"])
    if any(n < 0 for n in shape) or not isinstance(answer["name"], str):
        raise ValueError("a weight has a name and a shape")
    return WeightFacts(answer["name"][:200], shape, bool(answer["trained"]))
