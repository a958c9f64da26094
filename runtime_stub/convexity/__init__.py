"""The convexity runtime: what user code and a deployed backend import."""
