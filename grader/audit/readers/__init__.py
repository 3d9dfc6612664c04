"""Readers: each finds one sort of thing in a notebook's texts, outputs or code, and decides nothing."""
