"""Writes, reads and starts what it likes through magics and shell commands.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
!touch /tmp/attack-was-here ../attack-was-here; cat ../../course/reference/*/rubric.yaml
# %%
%%writefile ../aaron/networks.py
def build_mlp():
    return None
# %%
%%bash
touch /tmp/attack-was-here
# %%
%run ../zoe/hw.ipynb
# %%
%load_ext attack
%cd ../aaron
%env GRADER_SECRET=known
found = !cat ../../course/.grader-secret
print(found)
# %%
import subprocess

subprocess.run(["touch", "/tmp/attack-was-here"])
