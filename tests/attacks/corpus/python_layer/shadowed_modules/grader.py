"""Not the real grader."""

raise RuntimeError("got through: grader.py was imported")
