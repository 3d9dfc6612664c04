"""Has its weights in an archive in which a pickle calls a function of PyTorch that is allowed, with impossible sizes.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import io
import pickle
import zipfile
from collections import OrderedDict

from tests.frameworks.attacks.course_of_networks import write_network


class Rebuilt:
    def __reduce__(self):
        import torch

        return torch._utils._rebuild_tensor_v2, (Stored(), 2**40, (2**40, 784), (1, 1), False, OrderedDict())


class Stored:
    pass


class Pickler(pickle.Pickler):
    def persistent_id(self, thing):
        import torch

        return ("storage", torch.FloatStorage, "0", "cpu", 2**40) if isinstance(thing, Stored) else None


def prepare(folder, target):
    write_network(folder)
    pickled = io.BytesIO()
    Pickler(pickled, protocol=2).dump({"1.weight": Rebuilt()})
    with zipfile.ZipFile(folder / "mlp.pt", "w") as archive:
        archive.writestr("mlp/data.pkl", pickled.getvalue())
        archive.writestr("mlp/version", "3\n")
        archive.writestr("mlp/byteorder", "little")
        archive.writestr("mlp/data/0", b"\0" * 64)
