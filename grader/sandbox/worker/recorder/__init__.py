"""The flight recorder: what a notebook does while it runs, told as plain data.

Nothing here decides what it means. Everything is counted and cut, because a notebook may do a thing a million times.
"""
