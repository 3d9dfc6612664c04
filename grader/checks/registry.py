"""All kinds of checks, by the name a rubric calls them."""

from collections.abc import Mapping

from grader.checks.accuracy import Accuracy
from grader.checks.base import Check
from grader.checks.comments import Comments
from grader.checks.extracted_weights import ExtractedWeights
from grader.checks.figures import Figures
from grader.checks.gradients import Gradients
from grader.checks.imports import Imports
from grader.checks.layers import Layers
from grader.checks.metric import Metric
from grader.checks.mode import Mode
from grader.checks.numpy_forward import NumpyForward
from grader.checks.parameters import Parameters
from grader.checks.preparation import Preparation
from grader.checks.recorded import Recorded
from grader.checks.retrain import Retrain
from grader.checks.shapes import Shapes
from grader.checks.text import Text
from grader.checks.train import Train
from grader.checks.training import Training
from grader.checks.transplant import Transplant
from grader.checks.values import Values

CHECKS: Mapping[str, Check] = {
    "accuracy": Accuracy(),
    "comments": Comments(),
    "extracted_weights": ExtractedWeights(),
    "figures": Figures(),
    "gradients": Gradients(),
    "imports": Imports(),
    "layers": Layers(),
    "metric": Metric(),
    "mode": Mode(),
    "numpy_forward": NumpyForward(),
    "parameters": Parameters(),
    "preparation": Preparation(),
    "recorded": Recorded(),
    "retrain": Retrain(),
    "shapes": Shapes(),
    "text": Text(),
    "training": Training(),
    "train": Train(),
    "transplant": Transplant(),
    "values": Values(),
}

KINDS: Mapping[str, type] = {name: check.Options for name, check in CHECKS.items()}
