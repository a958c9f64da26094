"""What search means, without a database: words of a text, their ranking, directions of vectors."""
