"""Functions: registration, references, contexts and the runner."""
