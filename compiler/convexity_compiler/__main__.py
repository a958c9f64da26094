"""``python -m convexity_compiler``."""

from convexity_compiler.cli import main

main()
