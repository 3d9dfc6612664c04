"""Rubrics: ``rubric.yaml`` becomes a :class:`~grader.course.model.Course`, with errors that name file and line."""
