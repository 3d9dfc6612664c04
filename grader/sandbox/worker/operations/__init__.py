"""What a worker does with the networks of a submission when the session asks: one module for each family.

All of it shares the process with student code, so the session believes none of it: it checks what comes back, and
rests no verdict on more than the answer can prove.
"""

import importlib
from collections.abc import Callable, Mapping

OPERATIONS: Mapping[str, str] = {
    "build": "models:build",
    "call_with_network": "extraction:call_with_network",
    "forward": "models:forward",
    "load_weights": "weights:load_weights",
    "penalty": "modes:penalty",
    "read": "models:read",
    "read_comments": "comments:read_comments",
    "read_events": "events:read_events",
    "read_history": "histories:read_history",
    "read_notebook": "notebook_facts:read_notebook",
    "read_pictures": "stored_pictures:read_pictures",
    "read_sections": "sections:read_sections",
    "record_figures": "figures:record_figures",
    "run_cell": "replaying:run_cell",
    "start_replay": "replaying:start_replay",
    "train": "training:train",
    "write": "models:write",
    "write_parameters": "models:write_parameters",
}
"""Each operation's module and function. A function takes the workbench and the request's options by name, and returns
something that travels: arrays, texts, and tuples and mappings of these."""


def find(operation: str) -> Callable[..., object]:
    """Return the function of ``operation``. Its module is imported now: few workers need more than one.

    Raises:
        LookupError: there is no such operation.
    """
    if operation not in OPERATIONS:
        raise LookupError(f"{operation!r} is not an operation")
    module, _, function = OPERATIONS[operation].partition(":")
    found: Callable[..., object] = getattr(importlib.import_module(f"{__name__}.{module}"), function)
    return found
