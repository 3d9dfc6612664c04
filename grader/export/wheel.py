"""A wheel of the grader that is running, made without a build tool and without a network.

A bundle brings the very version that made it, also where that is an editable installation with changes of one's own.
"""

import base64
import hashlib
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import grader
from grader.export.errors import ExportError

_LEFT_OUT = frozenset(["__pycache__"])
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The same sources give the same bytes."""


def build_wheel(folder: Path) -> Path:
    """Write ``grader-VERSION-py3-none-any.whl`` into ``folder`` and return its path.

    Raises:
        ExportError: the grader is not installed, only found on the path, so that what it needs is not known.
    """
    try:
        installed = distribution("grader")
    except PackageNotFoundError:
        raise ExportError(
            "the grader is not installed here, so its bundle cannot say what it needs; run: python -m pip install -e ."
        ) from None
    version = grader.__version__
    wheel = folder / f"grader-{version}-py3-none-any.whl"
    records: list[str] = []
    about = f"grader-{version}.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*_package_files(), *_about_files(installed, about)]:
            archive.writestr(_entry(name), content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            records.append(f"{name},sha256={digest},{len(content)}")
        records.append(f"{about}/RECORD,,")
        archive.writestr(_entry(f"{about}/RECORD"), "\n".join(records) + "\n")
    return wheel


def _package_files() -> list[tuple[str, bytes]]:
    package = Path(grader.__file__).parent
    paths = [path for path in sorted(package.rglob("*")) if path.is_file() and not _LEFT_OUT.intersection(path.parts)]
    return [(f"grader/{path.relative_to(package).as_posix()}", path.read_bytes()) for path in paths]


def _about_files(installed: Distribution, about: str) -> list[tuple[str, bytes]]:
    tag = "Wheel-Version: 1.0\nGenerator: grader export\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = [("WHEEL", tag)]
    files += [(name, installed.read_text(name) or "") for name in ("METADATA", "entry_points.txt")]
    return [(f"{about}/{name}", text.encode()) for name, text in files]


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
