"""Has its arrays in other files: a neighbour's, the machine's list of users, and itself.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import h5py
import numpy as np

from tests.frameworks.attacks.course_of_networks import KERAS


def prepare(folder, target):
    (folder / "networks.py").write_text(KERAS)
    with h5py.File(folder / "mlp.weights.h5", "w") as file:
        layers = file.create_group("layers")
        layers["dense"] = h5py.ExternalLink(target.neighbour + "/mlp.weights.h5", "/layers/dense")
        layers["dense_1"] = h5py.ExternalLink("/etc/passwd", "/")
        layers["dense_2"] = h5py.SoftLink("/layers/dense_2")
        outside = [("/etc/passwd", 0, 4), (target.course + "/rubric.yaml", 0, 4)]
        file.create_dataset("layers/flatten/vars/0", shape=(2,), dtype="f4", external=outside)
        file["layers/loop"] = file["layers"]
