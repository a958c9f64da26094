"""What is found, planned and done for a patient."""
