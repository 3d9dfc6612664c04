"""Returns values whose types are called like commands.

Expects: outputs FAIL, loss FAIL, gradients FAIL
"""

Strange = type("\x1b[2J<script>alert(1)</script>\n::error::=1+1\u202e]]>", (), {})


def outputs(X, weights):
    return Strange()


def slopes(X, T, weights):
    return {"W": Strange(), "b": Strange()}, Strange()
