"""Project shape: files, modules, exports."""
