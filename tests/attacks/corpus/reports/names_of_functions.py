"""Has its error pass through functions whose names are commands.

Expects: outputs CRASH
"""


def helper():
    raise ValueError("here")


helper.__code__ = helper.__code__.replace(co_name="\x1b[2J<script>\n::error::\u202e=1+1", co_filename="/etc/passwd")


def outputs(X, weights):
    source = compile("\n" * 50 + "helper()", __file__, "exec")
    exec(source.replace(co_name="<img src=x onerror=alert(1)>\x1b[2J"), {"helper": helper})
