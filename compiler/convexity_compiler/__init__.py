"""The convexity compiler: checks a project and generates its references and backend."""
