"""From a path to a :class:`~grader.submission.discover.Submission`. Nothing is executed here."""
