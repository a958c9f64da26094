"""Pictures and what they show."""
