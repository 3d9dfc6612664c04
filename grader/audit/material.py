"""Everything that the kinds of findings look at, gathered once for each notebook."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from grader.audit.facts import Cell, Notebook
from grader.audit.readers.calls import Evaluation, Fit, evaluations, fits
from grader.audit.readers.logs import Log, read_logs
from grader.audit.readers.numbers import numbers
from grader.audit.readers.prose import Claim, Sentence, claims, sentences
from grader.audit.readers.scores import Score, read_scores
from grader.audit.readers.summaries import Summary, read_summaries
from grader.results import Finding, Location, Severity
from grader.text import safe

MAX_QUOTE = 600
MAX_CLAIMS = 100
"""Figures of one text that are looked for in the outputs: a long report has some dozens."""


@dataclass(frozen=True)
class Material:
    """A notebook and what was read in it. ``logs`` and ``summaries`` are by cell number; ``printed`` are all numbers
    in stored text outputs."""

    notebook: Notebook
    fits: tuple[Fit, ...]
    evaluations: tuple[Evaluation, ...]
    scores: tuple[Score, ...]
    logs: dict[int, tuple[Log, ...]]
    summaries: dict[int, tuple[Summary, ...]]
    sentences: tuple[Sentence, ...]
    claims: tuple[Claim, ...]
    printed: frozenset[Decimal]

    @property
    def has_whole_outputs(self) -> bool:
        """Whether every cell that does something has been run and its outputs are stored whole."""
        code_cells = [(cell, code) for cell, code in self.notebook.code_cells if not code.is_empty]
        return not self.notebook.is_cut and all(
            not cell.is_cut and (cell.execution_count is not None or cell.outputs or cell.images)
            for cell, _ in code_cells
        )

    def finding(
        self, kind: str, severity: Severity, cell: Cell, line: int | None, text: str, *, quote: str, settles: str
    ) -> Finding:
        """Return a finding about a line (from 1) of the source of ``cell``."""
        return Finding(
            kind=kind,
            severity=severity,
            text=text,
            where=Location(self.notebook.path, line, cell.number),
            quote=safe(quote, limit=MAX_QUOTE, lines=12),
            settles=settles,
        )


def gather(notebook: Notebook) -> Material:
    """Read everything in ``notebook``."""
    found = evaluations(notebook)
    outputs = {cell.number: cell.output for cell, _ in notebook.code_cells if cell.outputs}
    return Material(
        notebook=notebook,
        fits=fits(notebook),
        evaluations=found,
        scores=read_scores(found),
        logs={number: logs for number, text in outputs.items() if (logs := read_logs(text))},
        summaries={number: tables for number, text in outputs.items() if (tables := read_summaries(text))},
        sentences=tuple(sentences(notebook)),
        claims=tuple(islice(claims(notebook), MAX_CLAIMS)),
        printed=frozenset().union(*(numbers(text) for text in outputs.values())),
    )
