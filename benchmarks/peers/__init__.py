"""The programs convexity is measured against."""
