"""The audit: what a notebook claims, against what its own code and stored outputs say. Nothing of it is run.

:func:`grader.audit.audit.audit` takes what :mod:`grader.audit.facts` decodes. ``readers`` find logs, summaries, scores
and statements in it; each module of ``kinds`` raises findings of one kind. Everything here is pure.
"""
