"""What is changed in a cell's syntax tree before it runs. Line numbers stay, so that messages point to the cell."""

import ast
from typing import NamedTuple

from grader.sandbox.worker.replay import loops
from grader.sandbox.worker.replay.old_modules import new_module

_TURN = "__grader_turn__"


class Rewritten(NamedTuple):
    """A cell ready to run. ``result`` says that its last line is an expression, whose value a notebook would show;
    ``old`` are the lines and names of imports that were replaced."""

    tree: ast.Module
    old: tuple[tuple[int, str, str], ...]


def rewrite(tree: ast.Module, *, guard_loops: bool) -> Rewritten:
    """Return ``tree`` with its loops guarded and imports of modules that have moved led to where they are."""
    rewriter = _Rewriter(guard_loops)
    changed = ast.fix_missing_locations(rewriter.visit(tree))
    return Rewritten(changed, tuple(rewriter.old))


class _Rewriter(ast.NodeTransformer):
    def __init__(self, guard_loops: bool) -> None:
        self._guards = guard_loops
        self.old: list[tuple[int, str, str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        # @tf.function reads the loops of what it decorates
        if any("function" in ast.unparse(decorator) for decorator in node.decorator_list):
            return node
        self.generic_visit(node)
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        if self._guards:
            node.iter = _guarded(node.iter, node.lineno)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        # a loop that ends by its own test runs its else, one that is left does not: such loops are rare and stay
        if not self._guards or node.orelse:
            return node
        leave = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Break()], [])
        turns = _call("forever", [ast.Constant(node.lineno)])
        loop = ast.For(ast.Name(_TURN, ast.Store()), turns, [leave, *node.body], [])
        for new in (leave, leave.test, leave.body[0]):
            ast.copy_location(new, node.test)
        return ast.copy_location(loop, node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        if self._guards and not node.is_async:
            node.iter = _guarded(node.iter, node.iter.lineno)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        moved = new_module(node.module or "") if not node.level else None
        if moved is not None:
            self.old.append((node.lineno, node.module or "", moved))
            node.module = moved
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST:
        for alias in node.names:
            moved = new_module(alias.name)
            # without a name of its own, the statement binds the first module of the old path
            if moved is not None and alias.asname is not None:
                self.old.append((node.lineno, alias.name, moved))
                alias.name = moved
        return node


def _guarded(iterable: ast.expr, line: int) -> ast.expr:
    return ast.copy_location(_call("over", [iterable, ast.Constant(line)]), iterable)


def _call(method: str, arguments: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(loops.NAME, ast.Load()), method, ast.Load()), arguments, [])
