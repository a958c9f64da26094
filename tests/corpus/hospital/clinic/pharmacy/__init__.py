"""Drugs from the shelf to the patient."""
