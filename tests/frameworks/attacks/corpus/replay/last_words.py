"""Speaks into the connection when its process ends, and when the next cell begins.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
import atexit
import os
import sys
import threading

atexit.register(lambda: os.write(3, b"\xff" * 10_000))
threading._register_atexit(lambda: os.write(3, b"\0" * 10_000))
threading.Thread(target=lambda: [sys.stdout.flush() for _ in iter(int, 1)], daemon=False).start()
# %%
sys.exit(0)
# %%
raise SystemExit("0 of 0 points")
# %%
os._exit(0)
