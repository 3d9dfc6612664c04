"""From one :class:`~grader.results.GradeReport` to what people and platforms read."""
