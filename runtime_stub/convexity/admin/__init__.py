"""What admin tools use: system functions, environment variables, export and import of data."""
