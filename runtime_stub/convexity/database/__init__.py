"""Documents, indexes and transactions: one semantic layer above exchangeable storage engines."""
