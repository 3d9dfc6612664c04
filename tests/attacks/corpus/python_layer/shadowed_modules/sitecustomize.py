"""Not the real sitecustomize."""

raise RuntimeError("got through: sitecustomize.py was imported")
