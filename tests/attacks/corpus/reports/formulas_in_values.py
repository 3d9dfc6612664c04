"""Returns texts and keys that a spreadsheet would compute.

Expects: outputs FAIL, loss FAIL, gradients FAIL
"""


def outputs(X, weights):
    return "=1+1"


def slopes(X, T, weights):
    return {"=1+1": 1.0, "<script>alert(1)</script>": 2.0, "\x1b[2J": 3.0, "@x\n|": 4.0}, "\x1b[31m=1+1"
