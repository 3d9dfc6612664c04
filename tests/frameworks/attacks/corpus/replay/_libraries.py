"""Mentions torch and matplotlib, so that the workers of all these are copied from one template."""
