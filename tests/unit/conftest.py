import pytest

from grader.course.model import CasePlan, Criterion, FunctionSpec, Part, Source


@pytest.fixture
def backprop():
    """A part like the first one of the first assignment, without criteria."""
    return Part(
        id="backprop",
        title="A two-layer network by hand",
        functions=(
            FunctionSpec("forward_propagation", ("X", "weights"), ("Y", "Z2", "H", "Z1")),
            FunctionSpec("back_propagation", ("X", "Y_T", "weights"), ("gradients", "loss")),
        ),
        oracle="oracle_numpy.py",
        criteria=(),
        source=Source("rubric.yaml", 1),
        imports=("numpy",),
    )


@pytest.fixture
def make_criterion():
    """Make a criterion with given options."""

    def make(options, points=6.0, kind="values"):
        return Criterion(
            "backprop.it", "It is right", kind, points, options, Source("rubric.yaml", 7), cases=(CasePlan("handout"),)
        )

    return make
