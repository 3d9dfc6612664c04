"""All kinds of checks, by the name a rubric calls them."""

from collections.abc import Mapping

from grader.checks.base import Check
from grader.checks.gradients import Gradients
from grader.checks.imports import Imports
from grader.checks.layers import Layers
from grader.checks.parameters import Parameters
from grader.checks.shapes import Shapes
from grader.checks.transplant import Transplant
from grader.checks.values import Values

CHECKS: Mapping[str, Check] = {
    "gradients": Gradients(),
    "imports": Imports(),
    "layers": Layers(),
    "parameters": Parameters(),
    "shapes": Shapes(),
    "transplant": Transplant(),
    "values": Values(),
}

KINDS: Mapping[str, type] = {name: check.Options for name, check in CHECKS.items()}
