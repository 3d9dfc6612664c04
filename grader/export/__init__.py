"""From a course to what a platform runs: bundles with the grader, the assignment and the platform's own scripts."""
