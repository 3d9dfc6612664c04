"""Is a source with more functions than anybody writes, all of which need each other.

Expects: outputs CRASH or TIMEOUT or FAIL or MISSING
"""


def prepare(folder, target):
    lines = [f"def f{number}(): return f{number + 1}(), f{number // 2}()" for number in range(1500)]
    (folder / "layer.py").write_text("\n".join(["def outputs(X, weights): return f0()", *lines, ""]))
