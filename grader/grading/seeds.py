"""Where the random inputs of a criterion come from: unpredictable for a student, the same at every regrade."""

import hashlib
import os
from pathlib import Path

SECRET_VARIABLE = "GRADER_SECRET"
SECRET_FILE = ".grader-secret"


def course_secret(root: Path) -> tuple[bytes, str]:
    """Return the course's secret and where it came from: the environment, the file, or nowhere (then it is public)."""
    if value := os.environ.get(SECRET_VARIABLE):
        return value.encode(), f"${SECRET_VARIABLE}"
    file = root / SECRET_FILE
    if file.is_file():
        return file.read_bytes().strip(), SECRET_FILE
    return b"", "no course secret"


def criterion_seed(secret: bytes, submission_digest: str, criterion_id: str) -> int:
    """Return a 32-bit seed: a keyed BLAKE2b hash (RFC 7693) of the submission's digest and the criterion's id."""
    message = f"{submission_digest}\0{criterion_id}".encode()
    return int.from_bytes(hashlib.blake2b(message, key=secret[:64], digest_size=4).digest(), "big")
