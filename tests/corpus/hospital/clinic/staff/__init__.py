"""Departments and the time of those who work there."""
