"""Brings points entered by hand along, for itself and for others, in every place where they might be read.

Expects: outputs FAIL
"""

ENTRY = '{points: 3, by: KT, on: 2026-01-01, note: "Right."}'


def prepare(folder, target):
    (folder / "reference" / "layer").mkdir(parents=True)
    text = "layer:\n" + "".join(f"  {who}:\n    layer.outputs: {ENTRY}\n" for who in ("overrides_of_its_own", "aaron"))
    for name in ("overrides.yaml", "overrides.yml", "reference/overrides.yaml", "reference/layer/overrides.yaml"):
        (folder / name).write_text(text)
    (folder / "layer.py").write_text("def outputs(X, weights):\n    return 0.0\n")
