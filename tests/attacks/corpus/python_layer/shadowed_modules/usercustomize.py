"""Not the real usercustomize."""

raise RuntimeError("got through: usercustomize.py was imported")
