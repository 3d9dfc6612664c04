"""Expected values: the references of a course, run by the trusted side."""
