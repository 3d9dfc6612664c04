"""Student code runs here and nowhere else: behind walls put up by the kernel, spoken to over one socket.

``wire`` and ``worker`` are the only modules of this project that exist inside the walls.
"""
