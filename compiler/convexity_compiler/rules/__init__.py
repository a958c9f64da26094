"""The rules: one file each, found through ``registry``."""
