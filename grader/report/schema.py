"""The JSON Schema of a report file, generated from the types. ``python -m grader.report.schema`` writes it."""

from pathlib import Path
from typing import Any

import msgspec

from grader.results import SCHEMA_VERSION, ReportFile

PUBLISHED = Path(__file__).with_name("grade-report.schema.json")
"""The file that ships with the package."""


def schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) of what :func:`grader.report.json.to_json` writes."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:grader:grade-report:{SCHEMA_VERSION}",
        "title": "Grade reports",
        "description": (
            "What `grader run --json` writes. Points are unrounded. Within one schema_version keys are only added: "
            "ignore those you do not know."
        ),
        **msgspec.json.schema(ReportFile),
    }


def schema_bytes() -> bytes:
    """Return the schema as the published file holds it."""
    return msgspec.json.format(msgspec.json.encode(schema(), order="deterministic"), indent=2) + b"\n"


if __name__ == "__main__":
    PUBLISHED.write_bytes(schema_bytes())
    print(f"wrote {PUBLISHED}")
