"""Reads what the machine knows of its users.

Expects: outputs CRASH
Says: nothing could be read
"""

from pathlib import Path

FILES = [
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hostname",
    "/root/.bashrc",
    "/root/.ssh/id_rsa",
    "/home",
    "/proc/net/tcp",
    "/proc/net/unix",
    "/proc/kcore",
    "/proc/kallsyms",
    "/proc/keys",
    "/dev/mem",
    "/dev/kmsg",
    "/sys/kernel/security",
    "/run/secrets",
    "/var/run/docker.sock",
    "/boot",
    "/var/log",
    "/var/mail",
]


def outputs(X, weights):
    for path in FILES:
        try:
            content = Path(path).read_bytes()[:500] if not Path(path).is_dir() else list(Path(path).iterdir())
        except OSError:
            continue
        if content and path not in ("/proc/net/tcp", "/proc/net/unix", "/proc/kallsyms", "/proc/keys"):
            raise RuntimeError(f"got through: {path} {content!r}")
    raise LookupError("nothing could be read")
