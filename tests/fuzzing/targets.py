"""Every fuzzer by its name."""

from tests.fuzzing.network_targets import NETWORK
from tests.fuzzing.notebook_targets import FACTS, SOURCE
from tests.fuzzing.picture_targets import PICTURES
from tests.fuzzing.report_targets import REPORT
from tests.fuzzing.rubric_targets import RUBRIC
from tests.fuzzing.submission_targets import FOLDER, MANIFEST
from tests.fuzzing.target import Target
from tests.fuzzing.wire_targets import REPLY, REQUEST

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (REPLY, REQUEST, RUBRIC, SOURCE, FACTS, PICTURES, FOLDER, MANIFEST, NETWORK, REPORT)
}


def find(name: str) -> Target:
    """Return the target called ``name``."""
    return TARGETS[name]
