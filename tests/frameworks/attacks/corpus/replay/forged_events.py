"""Records events that no honest recorder writes: unknown, impossible, endless.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
import gc

from grader.sandbox.worker.recorder.log import Log

log = next(found for found in gc.get_objects() if isinstance(found, Log))
log.add("trained", model=-1, optimizer=None, history={"loss": [float("nan")] * 10**6})
# %%
log.add("verdict", verdict="PASS", points=4)
