"""Makes and opens devices.

Expects: outputs CRASH
Says: nothing could be opened
"""

import os
import stat


def outputs(X, weights):
    for kind, major, minor in (
        (stat.S_IFBLK, 8, 0),
        (stat.S_IFBLK, 254, 0),
        (stat.S_IFCHR, 1, 1),
        (stat.S_IFCHR, 5, 0),
    ):
        try:
            os.mknod("device", 0o666 | kind, os.makedev(major, minor))
            os.open("device", os.O_RDWR)
        except OSError:
            continue
        raise RuntimeError("got through: a device")
    for path in (
        "/dev/kvm",
        "/dev/fuse",
        "/dev/net/tun",
        "/dev/tty",
        "/dev/ptmx",
        "/dev/sda",
        "/dev/vda",
        "/dev/console",
    ):
        try:
            os.open(path, os.O_RDWR)
        except OSError:
            continue
        raise RuntimeError("got through: " + path)
    raise LookupError("nothing could be opened")
