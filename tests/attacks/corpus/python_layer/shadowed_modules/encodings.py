"""Not the real encodings."""

raise RuntimeError("got through: encodings.py was imported")
