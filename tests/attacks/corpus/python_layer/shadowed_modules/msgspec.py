"""Not the real msgspec."""

raise RuntimeError("got through: msgspec.py was imported")
