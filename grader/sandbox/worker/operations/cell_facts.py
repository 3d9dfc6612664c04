"""What the code of one cell says, flattened: its calls, assignments and loops, the names that it binds and reads.

Here nothing is decided about what the code means; only a syntax tree never leaves the worker.
"""

import ast
import builtins
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from grader.sandbox.worker.names import split
from grader.sandbox.worker.notebook import Cell
from grader.sandbox.worker.operations.cell_comments import comments
from grader.sandbox.worker.source import clip

MAX_FACTS = 400
"""Of each kind in one cell."""
MAX_CODE = 300
"""Characters of one quoted expression."""
MAX_STEPS = 20

NOTHING_KNOWN: dict[str, Any] = {
    "calls": [], "assignments": [], "loops": [], "returns": [], "comparisons": [], "functions": [], "comments": [],
    "binds": {}, "reads": {}, "is_opaque": True, "is_empty": False,
}  # fmt: skip
"""The facts of a cell that cannot be read."""

_KNOWN_NAMES = frozenset(dir(builtins)) | {
    "get_ipython", "display", "In", "Out", "exit", "quit", "_", "__", "___", "_i", "_ii", "_iii", "_oh", "_ih", "_dh",
    "_exit_code", "__name__", "__file__", "__doc__", "__builtins__",
}  # fmt: skip
_BINDS_UNSEEN = frozenset({"exec", "globals", "locals", "vars", "__builtins__"})
_HARMLESS_MAGICS = frozenset({
    "matplotlib", "config", "load_ext", "reload_ext", "autoreload", "tensorboard", "pip", "conda", "cd", "ls", "pwd",
    "env", "set_env", "mkdir", "timeit", "tensorflow_version", "who", "whos", "precision", "bash", "sh", "html", "HTML",
    "javascript", "latex", "markdown", "svg", "writefile", "script",
})  # fmt: skip
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


def imported_names(trees: Iterable[ast.Module]) -> frozenset[str]:
    """Return the names that imports bind anywhere in a notebook: modules, and what is taken from them."""
    found: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return frozenset(found)


def cell_facts(cell: Cell, imported: frozenset[str]) -> dict[str, Any]:
    """Return what the code of ``cell`` says.

    Returns:
        ``calls``: ``name`` and what stands before it (``receiver``), ``line``, ``arguments`` as pairs of keyword
        (empty for positional ones) and text, ``target`` that the result is assigned to, ``scope`` (the function around
        it), ``in_loop``, ``condition`` (the innermost test around it; ``try`` and ``match`` count as tests),
        ``part_of``: what it is a layer of, as in ``net = Sequential([Dense(10)])`` and ``net.add(Dense(10))``.
        ``assignments``: ``name``, ``line``, the ``value`` as text, and where it came from: ``root``, ``steps`` from
        there (see :func:`derivation`) and ``position`` in it when it was taken apart, as in ``1.0``; ``scope``,
        ``in_loop``, ``condition``.
        ``loops``: ``target``, ``over``, ``line``, and what stands around it as for calls.
        ``returns``: ``value``, ``root``, ``steps``, ``line`` and what stands around it.
        ``comparisons``: ``left``, ``operator``, ``right``, ``line`` and what stands around it.
        ``functions``: ``name``, ``parameters``, ``line`` and what stands around it.
        ``comments``: ``line``, ``text``, and whether it ``is_alone`` in its line.
        ``binds``: names with the line of their first binding, those of functions' ``global`` included;
        ``reads``: names that the cell reads as it runs, outside conditions, loops' bodies and functions' bodies,
        before it binds them itself, with the line.
        ``is_opaque``: it may bind names that cannot be seen. ``is_empty``: it does nothing.
    """
    if cell.tree is None:
        return NOTHING_KNOWN
    collector = _Collector(imported)
    try:
        collector.visit(cell.tree)
        binds, reads, is_opaque = _names(cell.tree)
    except RecursionError:
        return NOTHING_KNOWN
    return {
        "calls": collector.calls[:MAX_FACTS],
        "assignments": collector.assignments[:MAX_FACTS],
        "loops": collector.loops[:MAX_FACTS],
        "returns": collector.returns[:MAX_FACTS],
        "comparisons": collector.comparisons[:MAX_FACTS],
        "functions": collector.functions[:MAX_FACTS],
        "comments": comments(cell.text)[:MAX_FACTS],
        "binds": binds,
        "reads": reads,
        "is_opaque": is_opaque or len(collector.assignments) > MAX_FACTS or len(binds) == MAX_FACTS,
        "is_empty": not any(_does_something(statement) for statement in cell.tree.body),
    }


def _does_something(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return False
    if not isinstance(statement, ast.Expr):
        return True
    return not isinstance(statement.value, ast.Constant) and "get_ipython()" not in _text(statement)


# --- names ------------------------------------------------------------------------------------------------------------


def _names(tree: ast.Module) -> tuple[dict[str, int], dict[str, int], bool]:
    binds: dict[str, int] = {}
    reads: dict[str, int] = {}
    is_opaque = _runs_unseen_code(tree)
    for unit in split(tree):
        is_opaque = is_opaque or unit.imports_star or bool(unit.reads & _BINDS_UNSEEN)
        if not (unit.is_definition or unit.is_conditional):
            line = getattr(unit.statement, "lineno", 1)
            for name in sorted(unit.reads - _KNOWN_NAMES - binds.keys() - _perhaps_read(unit.code)):
                reads.setdefault(name, line)
        for name, line in unit.binds.items():
            binds.setdefault(name, line)
        for name in unit.changes:
            if unit.is_definition:
                binds.setdefault(name, getattr(unit.statement, "lineno", 1))
    return _capped(binds), _capped(reads), is_opaque


def _perhaps_read(code: Iterable[ast.AST]) -> set[str]:
    """Return the names in what need not run: bodies of ``lambda``, branches of ``… if … else …``, and what follows
    ``and`` and ``or``."""
    parts: list[ast.expr] = []
    for node in (node for part in code for node in ast.walk(part)):
        match node:
            case ast.Lambda():
                parts.append(node.body)
            case ast.IfExp():
                parts += [node.body, node.orelse]
            case ast.BoolOp():
                parts += node.values[1:]
    return {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}


def _runs_unseen_code(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            magic = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if node.func.attr in ("run_line_magic", "run_cell_magic") and magic not in _HARMLESS_MAGICS:
                return True
            if node.func.attr in ("magic", "run_cell", "push") and _text(node.func.value) == "get_ipython()":
                return True
    return False


def _capped(lines: dict[str, int]) -> dict[str, int]:
    return {clip(name, 100): line for name, line in list(lines.items())[:MAX_FACTS]}


# --- calls, assignments, loops ----------------------------------------------------------------------------------------


class _Collector(ast.NodeVisitor):
    """Walks a cell and notes what it meets, with what stands around it."""

    def __init__(self, imported: frozenset[str]) -> None:
        self.calls: list[dict[str, Any]] = []
        self.assignments: list[dict[str, Any]] = []
        self.loops: list[dict[str, Any]] = []
        self.returns: list[dict[str, Any]] = []
        self.comparisons: list[dict[str, Any]] = []
        self.functions: list[dict[str, Any]] = []
        self._imported = imported
        self._scope: tuple[str, ...] = ()
        self._in_loop = False
        self._condition = ""
        self._targets: dict[ast.AST, str] = {}
        self._parts: dict[ast.AST, str] = {}

    @contextmanager
    def _inside(self, *, scope: str = "", loop: bool = False, condition: str = "") -> Iterator[None]:
        saved = self._scope, self._in_loop, self._condition
        if scope:
            self._scope, self._in_loop, self._condition = (*self._scope, scope), False, ""
        self._in_loop = self._in_loop or loop
        self._condition = condition or self._condition
        yield
        self._scope, self._in_loop, self._condition = saved

    @property
    def _around(self) -> dict[str, Any]:
        scope = clip(".".join(self._scope), MAX_CODE)
        return {"scope": scope, "in_loop": self._in_loop, "condition": self._condition}

    def visit(self, node: ast.AST) -> None:
        """Note ``node`` and what is in it."""
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            if not isinstance(node, ast.ClassDef):
                self._function(node)
            with self._inside(scope=clip(node.name, 100)):
                self.generic_visit(node)
        elif isinstance(node, _LOOPS):
            self._loop(node)
        elif isinstance(node, (ast.If, ast.Try, ast.TryStar, ast.Match)):
            with self._inside(condition=_text(node.test) if isinstance(node, ast.If) else type(node).__name__.lower()):
                self.generic_visit(node)
        else:
            match node:
                case ast.Call():
                    self._call(node)
                case ast.Return(value=ast.expr() as value):
                    self.returns.append({"value": _text(value), "line": node.lineno, **self._came_from(value)})
                case ast.Compare(ops=[operator], comparators=[right]):
                    self._compare(node, operator, right)
                case ast.Assign():
                    for target in node.targets:
                        self._assign(target, node.value)
                case ast.AnnAssign(value=ast.expr() as value):
                    self._assign(node.target, value)
                case ast.AugAssign():
                    loaded = ast.Name(ast.unparse(node.target))
                    self._assign(node.target, ast.copy_location(ast.BinOp(loaded, node.op, node.value), node))
            self.generic_visit(node)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        if not isinstance(node, ast.While):
            target, over = _text(node.target), _text(node.iter)
            self.loops.append({"target": target, "over": over, "line": node.lineno, **self._around})
        with self._inside(loop=True):
            self.generic_visit(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        names = [clip(one.arg, 100) for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)][:40]
        self.functions.append({
            "name": clip(node.name, 100), "parameters": names, "line": node.lineno, **self._around,
        })  # fmt: skip

    def _compare(self, node: ast.Compare, operator: ast.cmpop, right: ast.expr) -> None:
        sign = _COMPARISONS.get(type(operator))
        if sign is not None:
            self.comparisons.append({
                "left": _text(node.left), "operator": sign, "right": _text(right), "line": node.lineno, **self._around,
            })  # fmt: skip

    def _came_from(self, value: ast.expr) -> dict[str, Any]:
        found = derivation(value, self._imported)
        return {"root": found.root, "steps": list(found.steps[:MAX_STEPS]), **self._around}

    def _call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr == "add" and len(node.args) == 1:
            self._parts[node.args[0]] = _text(function.value)
        pairs = [("", argument) for argument in node.args] + [(k.arg or "**", k.value) for k in node.keywords]
        self.calls.append({
            "name": clip(function.attr if isinstance(function, ast.Attribute) else _text(function), 100),
            "receiver": _text(function.value) if isinstance(function, ast.Attribute) else "",
            "line": node.lineno,
            "arguments": [[keyword, _text(value)] for keyword, value in pairs[:40]],
            "target": self._targets.get(node, ""),
            "part_of": self._parts.get(node, ""),
            **self._around,
        })  # fmt: skip

    def _assign(self, target: ast.expr, value: ast.expr, position: str = "") -> None:
        if isinstance(value, ast.Call) and not position:
            self._targets[value] = _text(target)
            for part in value.args[0].elts if value.args and isinstance(value.args[0], ast.List) else value.args:
                self._parts[part] = _text(target)
        if isinstance(target, (ast.Tuple, ast.List)):
            matching = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts)
            for number, part in enumerate(target.elts):
                if matching and isinstance(value, (ast.Tuple, ast.List)):
                    self._assign(part, value.elts[number])
                else:
                    self._assign(part, value, f"{position}.{number}".lstrip("."))
            return
        self.assignments.append({
            "name": _text(target),
            "line": target.lineno,
            "value": _text(value),
            "position": position,
            **self._came_from(value),
        })  # fmt: skip


class Derivation(NamedTuple):
    """What a value is made from, and what is done to it, in order."""

    root: str
    steps: tuple[str, ...] = ()

    def then(self, step: str) -> "Derivation":
        """Add a step, unless nothing is known."""
        return Derivation(self.root, (*self.steps, clip(step, MAX_CODE))) if self.root else self


_UNKNOWN = Derivation("")


def derivation(node: ast.expr, imported: frozenset[str]) -> Derivation:
    """Follow an expression inwards, through methods, subscripts, arithmetic and the first arguments of functions, to a
    name or to a call that takes no other value. ``x[:9].reshape(-1) / 255`` has the root ``x`` and the steps
    ``[:9]``, ``.reshape(-1)``, ``/ 255``. Without such a root nothing is known.
    """
    match node:
        case ast.Name():
            return Derivation(clip(node.id, 100))
        case ast.BinOp(left=left, right=right, op=op):
            sign = _OPERATORS.get(type(op), "?")
            inner = derivation(left, imported)
            if inner.root:
                return inner.then(f"{sign} {_text(right)}")
            return derivation(right, imported).then(f"{_text(left)} {sign}")
        case ast.Subscript():
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            return derivation(node.value, imported).then(f"[{', '.join(map(_text, parts))}]")
        case ast.Attribute():
            if _first_name(node) in imported:
                return Derivation(_text(node))
            return derivation(node.value, imported).then(f".{node.attr}")
        case ast.Call(func=ast.Attribute() as function) if _first_name(function) not in imported:
            # the call without what it is called on
            written = f".{function.attr}{_text(ast.Call(ast.Name(''), node.args, node.keywords))}"
            return derivation(function.value, imported).then(written)
        case ast.Call():
            inner = derivation(node.args[0], imported) if node.args else _UNKNOWN
            return inner.then(_text(node)) if inner.root else Derivation(_text(node))
        case _:
            return _UNKNOWN


_COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//"}


def _first_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.AST) -> str:
    return clip(ast.unparse(node), MAX_CODE)
