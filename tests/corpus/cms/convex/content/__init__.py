"""Pages and their blocks."""

from .blocks import Block, block, words
from .slugs import slugify

__all__ = ("Block", "block", "slugify", "words")
