"""The rules of the game; nothing here knows the platform."""

from .cards import Card as Card
from .cards import deck as deck
from .moves import Move as Move
from .moves import Outcome as Outcome
from .moves import play as play
