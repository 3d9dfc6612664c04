"""Reports as JSON: what ``grader run --json`` writes and every other program reads."""

import re

import msgspec
from msgspec.structs import replace

from grader.report.view import without_pixels
from grader.results import SCHEMA_VERSION, ReportFile


class ReportError(ValueError):
    """A file is not a report that this version reads. The message says why and what to do."""


# JSON escapes C0 only; a terminal that is shown the file also acts on these
_ACTING = re.compile("[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def to_json(file: ReportFile) -> bytes:
    r"""Return ``file`` as indented UTF-8 JSON with a stable order of keys and a trailing newline.

    Characters that act on a terminal (control characters, bidirectional controls, zero-width characters) are written
    as ``\u…``: the data is the same, and printing it is harmless. Bytes of a file name that are not UTF-8 are written
    out as the text ``\udc80``. Of pictures their places and sizes are written, not themselves: those of a class would
    take a hundred times what the rest does.
    """
    file = replace(file, reports=tuple(map(without_pixels, file.reports)))
    try:
        compact = msgspec.json.encode(file, order="deterministic")
    except UnicodeEncodeError:
        compact = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(file, order="deterministic")))
    harmless = _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", compact.decode())
    return msgspec.json.format(harmless.encode(), indent=2) + b"\n"


def from_json(data: bytes) -> ReportFile:
    """Return the reports in ``data``. Keys this version does not know are ignored.

    Raises:
        ReportError: ``data`` is not JSON, is of another schema version, or does not describe reports.
    """
    try:
        version = msgspec.json.decode(data, type=_Versioned).schema_version
        if version == SCHEMA_VERSION:
            return msgspec.json.decode(data, type=ReportFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(f"not a report file: {error}. Write one with: grader run PATH --json FILE") from None
    raise ReportError(
        f"a report file of schema version {version!r}, while this version reads {SCHEMA_VERSION!r}. "
        "Grade again, or read it with the version that wrote it (provenance.versions)"
    )


class _Versioned(msgspec.Struct):
    schema_version: str


def _without_surrogates(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
        case list() | tuple():
            return [_without_surrogates(item) for item in value]
    return value
