"""Running scheduled functions: durable, exactly once for mutations, at most once for actions."""
