"""Raises an error that is a command for the machine that grades, in every line.

Expects: outputs CRASH
"""


def outputs(X, weights):
    raise ValueError(
        "\n::set-output name=grade::100\n::add-mask::FAIL\n::stop-commands::x\n%0A::error::y\r\n##vso[task.complete]"
    )
