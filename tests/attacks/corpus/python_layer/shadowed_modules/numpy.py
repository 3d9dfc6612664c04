"""Not the real numpy."""

raise RuntimeError("got through: numpy.py was imported")
