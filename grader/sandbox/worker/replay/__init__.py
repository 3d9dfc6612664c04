"""Running a notebook from top to bottom, cell by cell, as a student would have: within a budget, and without what a
worker has not got (a network, a shell, somebody at the keyboard).

The session asks for one cell at a time, so that a cell that ends the process takes no other cell's record with it.
Everything here shares the process with student code: what is told is a claim, and the session reads it as one.
"""
