"""The kinds of findings, one module for each or for two that are read together.

Each module has ``find(material)``, which yields findings only where the evidence that it quotes would convince the
person who wrote the notebook. What cannot be decided from the notebook alone raises nothing.
"""
