"""What can go wrong with an export."""


class ExportError(Exception):
    """Something cannot be exported. The message says what was seen and what to do."""
