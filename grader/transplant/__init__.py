"""Weights from one framework to another: networks read into one neutral description, and written back.

Live models of trusted references and plain arrays only; nothing of a student is handled here.
"""
