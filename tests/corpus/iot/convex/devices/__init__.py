"""Devices and their people."""
