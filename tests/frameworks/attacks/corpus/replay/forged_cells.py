"""Tells of another cell than the one that was asked for, and of more than there are.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
import grader.sandbox.worker.operations.replaying as replaying

honest = replaying._encoded
replaying._encoded = lambda told: honest({**told, "number": told["number"] + 1} if isinstance(told, dict) else told)
# %%
x = 1
