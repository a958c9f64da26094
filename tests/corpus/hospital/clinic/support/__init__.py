"""Meals, cleaning and rides."""
