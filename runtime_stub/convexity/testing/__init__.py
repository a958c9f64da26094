"""Testing the functions of a project on an in-memory backend.

``convexity_test()`` gives a fresh backend with a clock of its own; the pytest plugin of the package
gives it as the fixtures ``t`` and ``sync_t``.

Each name is imported when it is first used: a run that collects tests, or selects a few, does not
load the server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from convexity.testing.clock import FakeClock
    from convexity.testing.compilation import CompilationError
    from convexity.testing.faults import Faults
    from convexity.testing.identities import PartialIdentity
    from convexity.testing.opening import convexity_test
    from convexity.testing.sync import SyncConvexityTest, sync_convexity_test
    from convexity.testing.tester import ConvexityTest

__all__ = [
    "CompilationError",
    "ConvexityTest",
    "FakeClock",
    "Faults",
    "PartialIdentity",
    "SyncConvexityTest",
    "convexity_test",
    "sync_convexity_test",
]

_MODULES: Final = {
    "CompilationError": "compilation",
    "ConvexityTest": "tester",
    "FakeClock": "clock",
    "Faults": "faults",
    "PartialIdentity": "identities",
    "SyncConvexityTest": "sync",
    "convexity_test": "opening",
    "sync_convexity_test": "sync",
}


def __getattr__(name: str) -> Any:
    """Import a public name (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
