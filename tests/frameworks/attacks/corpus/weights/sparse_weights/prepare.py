"""Has sparse weights of the right shape, which cannot be copied as they are.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import torch

from tests.frameworks.attacks.course_of_networks import WORK, write_network


def prepare(folder, target):
    write_network(folder)
    namespace = {}
    exec(WORK, namespace)
    state = namespace["mlp"]().state_dict()
    torch.save({name: tensor.to_sparse() for name, tensor in state.items()}, folder / "mlp.pt")
