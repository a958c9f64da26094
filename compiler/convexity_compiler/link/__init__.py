"""Stage three: summaries become one project, without importing user code."""
