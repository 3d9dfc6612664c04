"""Has markup in the line of source that is quoted.

Expects: outputs CRASH
"""


def outputs(X, weights):
    raise ValueError  # </pre><script>alert(1)</script> ``` ]]> {{ self }} [x](javascript:alert(1)) | a | b |
