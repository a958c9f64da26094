"""The language server behind ``convexity lsp``; it alone needs the extra ``convexity[lsp]``."""
