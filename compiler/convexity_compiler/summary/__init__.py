"""Stage two: one module of source becomes a serialisable summary, and its tree is dropped."""
