"""Reads by id and writes."""
