"""Orders, samples and results."""
