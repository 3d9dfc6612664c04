"""Batch norm is told that it is not training.

Base: keras_subclass
File: networks.py
Parts: networks
Fails: networks.batch_norm
"""


class Frozen(Block):
    def call(self, x, training=None):
        return super().call(x, training=False if self.norm is not None else training)


Block = Frozen
