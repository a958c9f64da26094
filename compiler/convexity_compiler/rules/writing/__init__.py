"""Writing source for fixes: names with their imports, annotations, validators, items of lists."""
