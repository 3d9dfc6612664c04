"""Has a layer in its file of weights that is code, and one that names a function of the machine.

Expects: layers PASS, parameters PASS, computes PASS, accuracy FAIL
"""

import base64
import json
import marshal
import zipfile

from tests.frameworks.attacks.course_of_networks import KERAS


def prepare(folder, target):
    (folder / "networks.py").write_text(KERAS)
    code = base64.b64encode(marshal.dumps(compile("open('/tmp/attack-was-here', 'w')", "x", "exec"))).decode()
    function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "mlp",
            "layers": [
                {"module": "keras.layers", "class_name": "Lambda", "config": {"function": function, "name": "l"}},
                {"module": "os", "class_name": "system", "config": "touch /tmp/attack-was-here"},
                {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "exec"},
            ],
        },
        "compile_config": {"optimizer": {"module": "subprocess", "class_name": "Popen", "config": {"args": "id"}}},
    }
    import io

    import h5py

    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file.create_dataset("layers/x/vars/0", data=[0.0])
    with zipfile.ZipFile(folder / "mlp.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.0.0", "date_saved": ""}))
        archive.writestr("model.weights.h5", weights.getvalue())
        archive.writestr("../../../../tmp/attack-was-here", "x")
        archive.writestr("/tmp/attack-was-here", "x")
