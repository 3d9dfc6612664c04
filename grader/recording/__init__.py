"""The recording of a notebook that was replayed: its types, how it is read as a stranger's, what can be asked of it.

Pure: data in, data out. A recording is what a process told that student code shares, so it is OBSERVED at best.
"""
