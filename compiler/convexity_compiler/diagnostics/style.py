"""Terminal colours; colour never carries meaning that the words do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convexity_compiler.config import Severity

_RED, _YELLOW, _BLUE, _CYAN = "31", "33", "34", "36"
_BOLD, _DIM = "1", "2"
_SEVERITY_COLORS: dict[Severity, str] = {"error": _RED, "warning": _YELLOW, "info": _CYAN}


class Style:
    """Wraps text in ANSI escapes, or leaves it alone when ``color`` is false."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def bold(self, text: str) -> str:
        """What the eye should find first."""
        return self._wrap(text, _BOLD)

    def dim(self, text: str) -> str:
        """What the eye may skip."""
        return self._wrap(text, _DIM)

    def secondary(self, text: str) -> str:
        """The marks of a secondary label."""
        return self._wrap(text, _BLUE)

    def severity(self, severity: Severity, text: str) -> str:
        """Text in the colour of a severity."""
        return self._wrap(text, f"{_BOLD};{_SEVERITY_COLORS[severity]}")

    def _wrap(self, text: str, codes: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self._color else text
