"""Pages that open from a file: one style sheet, charts as SVG, nothing loaded from elsewhere and no script.

Everything here works on plain data and on the exhibits of :mod:`grader.results`; who made them is not known here.
"""
