"""Mistakes, a module for each family of rules."""
