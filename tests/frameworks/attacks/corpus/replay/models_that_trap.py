"""Has models that raise, exit or lie when the recorder looks at them.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
from torch import nn


class Trap(nn.Module):
    @property
    def training(self):
        raise SystemExit

    def named_parameters(self, *arguments, **options):
        raise KeyboardInterrupt

    def parameters(self, recurse=True):
        while True:
            yield self

    def __getattr__(self, name):
        raise MemoryError

    def __repr__(self):
        raise RecursionError


mlp = object.__new__(Trap)
network = Trap.__new__(Trap)


class Disguised:
    __class__ = property(lambda self: nn.Sequential)
    __eq__ = __hash__ = __bool__ = None


model = Disguised()
# %%
print("after")
