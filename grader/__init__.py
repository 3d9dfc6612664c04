"""A grading harness for deep-learning coursework."""

__version__ = "0.1.0"
