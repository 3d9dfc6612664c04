"""Names variables, classes, layers, figures and errors what their readers would act on.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
import matplotlib.pyplot as plt
import torch
from torch import nn

Network = type("<script>alert(1)</script>\x1b[2J", (nn.Sequential,), {})
globals()["=1+1"] = Network(nn.Linear(784, 10))
globals()["\ud800\u202e"] = Network(nn.Linear(784, 10))
# %%
plt.title("<img src=x onerror=alert(1)>\x1b[2J")
plt.plot([1, 2], label="=cmd|' /C calc'!A0")
plt.legend()
plt.show()
# %%
raise type("\u202e|x|[y](javascript:alert(1))", (Exception,), {})("\ud800<script>alert(1)</script>\x1b[2J" * 1000)
