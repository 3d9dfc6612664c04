"""An output in which what the cell certainly prints is missing."""

import re
from collections.abc import Iterator

from grader.audit.facts import Call, Cell, Code
from grader.audit.material import Material
from grader.results import Finding, Severity

KIND = "output-not-of-this-code"

_WHOLE = re.compile(r"""^(['"])(?P<text>[^'"\\{}%]{4,200})\1$""")
_BEGINNING = re.compile(r"""^f?(['"])(?P<text>[^'"\\{}%]{4,200})[{%\\]""")
_REDIRECTS = re.compile(
    r"redirect_std|%%capture|capture_output|clear_output|sys\.stdout|sys\.exit|%%script|builtins|%%bash|get_ipython|display\.clear"
)
_ONLY_FORMAT = re.compile(r"""['"]\.(?!format\()\w+\(""")


def find(material: Material) -> Iterator[Finding]:
    """Look for the fixed words of each ``print`` at the top level in what the cell is stored to have printed.

    A cell without printed output says nothing, since outputs may have been removed; nor does one that failed.
    """
    if _REDIRECTS.search(material.source) or any("print" in code.binds for _, code in material.notebook.code_cells):
        return
    for cell, code in material.notebook.code_cells:
        streams = "\n".join(output.text for output in cell.outputs if output.kind == "stream")
        failed = any(output.kind == "error" for output in cell.outputs)
        if cell.execution_count is None or cell.is_cut or failed or not streams.strip() or code.is_opaque:
            continue
        missing = [(call, text) for call, text in _printed(cell, code) if text not in streams]
        if missing:
            yield _finding(material, cell, *missing[0], streams)


def _printed(cell: Cell, code: Code) -> Iterator[tuple[Call, str]]:
    for call in code.calls:
        is_plain = call.name == "print" and not (call.receiver or call.scope or call.in_loop or call.condition)
        # in a comprehension or a lambda it need not run
        is_statement = cell.line(call.line).startswith("print(")
        changed = any(call.argument(name) for name in ("file", "end"))
        if not is_plain or not is_statement or changed or not call.is_fully_seen:
            continue
        text = call.argument("", 0) or ""
        found = _WHOLE.match(text) or (None if _ONLY_FORMAT.search(text) else _BEGINNING.match(text))
        if found and found["text"].strip():
            yield call, found["text"].strip()


def _finding(material: Material, cell: Cell, call: Call, text: str, streams: str) -> Finding:
    return material.finding(
        KIND,
        Severity.WARNING,
        cell,
        call.line,
        f"This line prints '{text[:60]}' whenever the cell runs, and the output stored under it does not have these "
        "words. So the output is of another state of the cell: it was changed after it had been run.",
        quote=f"code:   {cell.line(call.line)}\noutput: {streams.strip()[:200]}",
        settles="running this cell again as it stands, after a restart of the kernel",
    )
