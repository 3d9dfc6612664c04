"""Answers every import from now on with a module of its own.

Expects: outputs FAIL or CRASH
"""

import builtins
import importlib.abc
import importlib.machinery
import sys


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__getattr__ = lambda name: lambda *arguments, **options: True


sys.meta_path.insert(0, Finder())
sys.path_hooks.insert(0, lambda path: Finder())
sys.path_importer_cache.clear()
real_import = builtins.__import__
builtins.__import__ = lambda name, *rest: sys if name == "numpy" else real_import(name, *rest)


def outputs(X, weights):
    return 0.0
