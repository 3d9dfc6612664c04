"""The kinds of checks a rubric can ask for, one per file: observe (talks to the worker), then judge (pure)."""
