"""Live queries: cached results, subscriptions and the sync protocol (wire-protocol 3)."""
