"""GitLab's code quality report: what was seen, beside the lines of a merge request.

The part of the Code Climate format that GitLab reads: ``description``, ``check_name``, ``fingerprint``, ``severity``,
``location.path`` and ``location.lines.begin`` (docs.gitlab.com, "Code Quality", "Code Quality report format").
"""

import hashlib
from pathlib import PurePath

import msgspec

from grader.report.remarks import Remark, file_of, remarks
from grader.results import ReportFile

_SEVERITIES = {"error": "major", "warning": "minor", "notice": "info"}


def to_code_quality(file: ReportFile, root: PurePath) -> str:
    """Return a JSON list with an entry for each criterion not met and each finding.

    ``root`` is the checkout. GitLab needs a file and a line, which are the submission's first where none is known, and
    a fingerprint by which it tells old entries from new ones: it depends on the file and what is said of it, not on
    the line.
    """
    entries: dict[str, dict[str, object]] = {}
    for report in file.reports:
        for remark in remarks(report, root):
            path = remark.file or file_of(report, next(iter(report.submission.files), ""), root)
            fingerprint = _fingerprint(remark, path)
            entries.setdefault(fingerprint, _entry(remark, path, fingerprint))
    return msgspec.json.format(msgspec.json.encode(list(entries.values())), indent=2).decode() + "\n"


def _entry(remark: Remark, path: str, fingerprint: str) -> dict[str, object]:
    return {
        "description": f"{remark.title}. {remark.text}",
        "check_name": remark.about,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[remark.kind],
        "location": {"path": path, "lines": {"begin": remark.line or 1}},
    }


def _fingerprint(remark: Remark, path: str) -> str:
    return hashlib.sha256("\0".join((path, remark.about, remark.title, remark.text)).encode()).hexdigest()
