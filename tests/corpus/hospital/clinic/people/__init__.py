"""Those who work here."""
