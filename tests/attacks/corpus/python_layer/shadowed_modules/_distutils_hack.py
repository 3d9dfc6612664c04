"""Not the real _distutils_hack."""

raise RuntimeError("got through: _distutils_hack.py was imported")
