"""Has tensors of every strange kind where weights are expected: sparse, without memory, complex, of eight bits.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import torch

from tests.frameworks.attacks.course_of_networks import write_network


def prepare(folder, target):
    write_network(folder)
    state = {
        "1.weight": torch.zeros(128, 784).to_sparse(),
        "1.bias": torch.zeros(128, device="meta"),
        "3.weight": torch.zeros(64, 128, dtype=torch.complex64),
        "3.bias": torch.zeros(64, dtype=torch.float8_e4m3fn),
        "5.weight": torch.zeros(1).expand(10, 64),
        "5.bias": torch.zeros(10),
    }
    torch.save(state, folder / "mlp.pt")
