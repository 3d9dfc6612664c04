"""Everything that a frame can say: values, what the session asks, what the worker answers."""

from typing import Annotated, Literal, TypeAlias

import msgspec
import numpy as np

Seconds: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1e9)]

"""A duration as a worker tells it: finite and not negative, since a report is made of it."""


# --- values -----------------------------------------------------------------------------------------------------------


class Array(msgspec.Struct, frozen=True, tag="array"):
    """Stands for the frame's array number ``index``. Python numbers and lists of numbers travel as arrays too."""

    index: int


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A string, cut to ``MAX_TEXT`` characters."""

    value: str


class Nothing(msgspec.Struct, frozen=True, tag="nothing"):
    """``None``."""


class Sequence(msgspec.Struct, frozen=True, tag="sequence"):
    """A tuple, or a list that is not simply an array of numbers."""

    items: "tuple[Value, ...]"


class Mapping(msgspec.Struct, frozen=True, tag="mapping"):
    """A dict with string keys."""

    items: "dict[str, Value]"


class Opaque(msgspec.Struct, frozen=True, tag="opaque"):
    """Something that does not travel, described: ``why`` is a sentence without a full stop."""

    type_name: str
    why: str


Value: TypeAlias = Array | Text | Nothing | Sequence | Mapping | Opaque
Payload: TypeAlias = "np.ndarray | str | None | tuple[Payload, ...] | dict[str, Payload] | Opaque"
"""A :data:`Value` with its arrays put back in place."""


class ArraySpec(msgspec.Struct, frozen=True):
    """``dtype`` is one of :data:`DTYPES`; ``shape`` as NumPy's."""

    dtype: str
    shape: tuple[int, ...]


# --- what the session asks --------------------------------------------------------------------------------------------


class Deliver(msgspec.Struct, frozen=True, tag="deliver"):
    """Write files into the scratch folder. Array ``i`` (uint8, one axis) is the content of ``paths[i]``."""

    paths: tuple[str, ...]


class Read(msgspec.Struct, frozen=True, tag="read"):
    """Read delivered sources and notebooks without running them; answered by :class:`Reading`."""

    paths: tuple[str, ...]


class Load(msgspec.Struct, frozen=True, tag="load"):
    """Run a delivered file so that ``names`` can be called; answered by :class:`Loaded` or :class:`Raised`.

    A ``.py`` file is executed as a module. Of a notebook only the definitions of ``names`` and what they need run.
    """

    path: str
    names: tuple[str, ...]


class Call(msgspec.Struct, frozen=True, tag="call"):
    """Call a function of a loaded file once per entry of ``calls``, in order; answered by :class:`Returned`, or by
    :class:`Raised` as soon as one call raises. Of several values that come back in a tuple or a list, only those at
    the positions ``wanted`` travel, all if empty; :class:`Nothing` stands for the others."""

    path: str
    function: str
    calls: tuple[tuple[Value, ...], ...]
    wanted: tuple[int, ...] = ()


class Operate(msgspec.Struct, frozen=True, tag="operate"):
    """Do something with the networks of the submission: ``operation`` names an entry of ``worker/operations``, and
    ``options`` are its arguments by name. Answered by :class:`Returned` with one result, or by :class:`Raised`."""

    operation: str
    options: "dict[str, Value]"


Request: TypeAlias = Deliver | Read | Load | Call | Operate


# --- what the worker answers ------------------------------------------------------------------------------------------


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """Sent once, before any request is read: the walls that are up, and the versions inside."""

    protocol: int
    walls: tuple[str, ...]
    versions: dict[str, str]


class Delivered(msgspec.Struct, frozen=True, tag="delivered"):
    """The files are in the scratch folder."""


class Problem(msgspec.Struct, frozen=True):
    """Why a source cannot be read. ``line`` counts from 1, within the cell when ``cell`` (from 1) is given."""

    message: str
    line: int | None = None
    cell: int | None = None
    quote: str = ""


class Definition(msgspec.Struct, frozen=True):
    """A name bound at the top level of a source."""

    name: str
    kind: Literal["function", "class", "variable", "import"]
    line: int
    cell: int | None = None


class Import(msgspec.Struct, frozen=True):
    """One import. ``needed_by`` are the top-level functions, classes and variables whose code uses it, directly or
    through helpers; ``standard`` says that ``module`` (top-level name) is in the standard library; ``own`` that it is
    a file of the submission. ``path`` is empty, or the other file of the submission in which the import stands when
    it was reached through an import of that file."""

    module: str
    line: int
    cell: int | None
    quote: str
    needed_by: tuple[str, ...]
    standard: bool
    own: bool
    path: str = ""


class Evasion(msgspec.Struct, frozen=True):
    """A use of something that can hide an import from a reader (``exec``, ``__import__``, ``importlib`` …). ``path``
    as for :class:`Import`."""

    what: str
    line: int
    cell: int | None
    quote: str
    needed_by: tuple[str, ...]
    path: str = ""


class SourceFacts(msgspec.Struct, frozen=True):
    """What reading one file told. With a ``problem`` the other fields hold what could be read in spite of it."""

    path: str
    definitions: tuple[Definition, ...] = ()
    imports: tuple[Import, ...] = ()
    evasions: tuple[Evasion, ...] = ()
    problem: Problem | None = None


class Reading(msgspec.Struct, frozen=True, tag="reading"):
    """The answer to :class:`Read`, one entry per path, in order."""

    sources: tuple[SourceFacts, ...]


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The file ran. ``missing`` are the wanted names that it does not define or that cannot be called."""

    missing: tuple[str, ...] = ()
    cpu_s: Seconds = 0.0


class Where(msgspec.Struct, frozen=True):
    """One line of a traceback, in the student's own files only."""

    path: str
    line: int
    cell: int | None
    function: str
    quote: str


class Raised(msgspec.Struct, frozen=True, tag="raised"):
    """The student's code raised. ``where`` is outermost first."""

    type_name: str
    message: str
    where: tuple[Where, ...] = ()
    cpu_s: Seconds = 0.0


class Result(msgspec.Struct, frozen=True):
    """What one call returned. Its arrays are the next ``arrays`` ones of the frame; ``value`` counts them from 0."""

    value: Value
    arrays: int


class Returned(msgspec.Struct, frozen=True, tag="returned"):
    """What the first ``len(results)`` calls returned: all of them, or as many as fit into a frame, at least one."""

    results: tuple[Result, ...]
    cpu_s: Seconds = 0.0


Reply: TypeAlias = Hello | Delivered | Reading | Loaded | Raised | Returned
