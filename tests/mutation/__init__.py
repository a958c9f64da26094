"""Seeds mistakes into the corpus, disguised, and asks whether the checker sees them."""
