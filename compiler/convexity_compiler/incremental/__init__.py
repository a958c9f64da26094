"""Checking again what has changed, and nothing else."""
