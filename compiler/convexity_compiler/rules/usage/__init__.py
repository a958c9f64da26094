"""What functions do with their context, their queries and references to other functions."""
