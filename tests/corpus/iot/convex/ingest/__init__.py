"""Taking in what devices send."""

from .frames import Frame as Frame
from .frames import FrameError as FrameError
from .frames import parse as parse
