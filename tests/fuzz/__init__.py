"""Whatever a file holds, the checker answers."""
