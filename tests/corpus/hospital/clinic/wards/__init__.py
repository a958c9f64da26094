"""Wards, rooms, beds and who stays in them."""
