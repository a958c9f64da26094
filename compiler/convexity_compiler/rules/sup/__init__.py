"""SUP: comments that silence findings."""
