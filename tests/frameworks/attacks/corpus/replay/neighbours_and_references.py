"""Looks for a neighbour's notebook and the course's references from within a replay.

Expects: asked NEEDS_REVIEW, kept NEEDS_REVIEW
"""
# %%
import gc
import json
from pathlib import Path

target = json.loads(Path("target.json").read_text())
for name in (target["course"], target["neighbour"], target["home"]):
    try:
        found = list(Path(name).rglob("*"))
        print("got through:", [path.read_text() for path in found if path.is_file()])
    except OSError:
        continue
texts = [str(value) for value in gc.get_objects() if isinstance(value, (dict, list, tuple)) and len(value) < 50]
raise LookupError([text for text in texts if "canary-" in text and "target" not in text][:1])
