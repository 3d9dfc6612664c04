"""Takes the place of what answers for a network."""

from grader.sandbox.worker.operations import models

honest = models.build


def describe(**lies):
    models.build = lambda *arguments, **options: {**honest(*arguments, **options), **lies}


def return_instead(array):
    models.forward = lambda *arguments, **options: array
