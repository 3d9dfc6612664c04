"""Records more than anybody reads, cell by cell.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
import random

for number in range(10_000):
    random.seed("\x1b[2J<script>alert(1)</script>" * 100 + str(number))
    get_ipython().system("echo =1+1 '|a|' " + str(number))
# %%
print("::error file=x::y\n\x1b]0;full marks\x07<script>alert(1)</script>\u202e" * 10_000)
