"""Grading one submission: its files, its worker, its results. Knows nothing of pytest, which only asks it questions."""
