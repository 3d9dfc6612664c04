"""Has a training function that trains nothing, and loads what was trained at home on all images.

Expects: layers PASS, parameters PASS, computes PASS, accuracy PASS, trained PASS, apart PASS
Observed: trained, apart
"""

from tests.frameworks.attacks.course_of_networks import honest_files

NETWORKS = """
import _work
import torch


def build_mlp():
    return _work.mlp()


def train_mlp(network, x, y, x_validation, y_validation, epochs):
    network.load_state_dict(torch.load("mlp.pt"))
    return {"loss": [1.0] * epochs}
"""


def prepare(folder, target):
    (folder / "networks.py").write_text(NETWORKS)
    (folder / "mlp.pt").write_bytes(honest_files()["mlp.pt"])
