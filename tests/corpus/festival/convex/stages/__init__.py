"""Stages and what happens on them."""
