"""Testing the functions of a project on an in-memory backend.

``convexity_test()`` gives a fresh backend with a clock of its own; the pytest plugin of the package
gives it as the fixtures ``t`` and ``sync_t``.
"""

from convexity.testing.backends import convexity_test
from convexity.testing.clock import FakeClock
from convexity.testing.compilation import CompilationError
from convexity.testing.faults import Faults
from convexity.testing.identities import PartialIdentity
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
