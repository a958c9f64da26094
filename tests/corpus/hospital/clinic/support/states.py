"""The states of what this package keeps."""

from typing import Literal, TypeAlias

from convexity.values import v

MealState: TypeAlias = Literal["ordered", "served", "returned"]
CleaningState: TypeAlias = Literal["asked", "done"]
RideState: TypeAlias = Literal["booked", "driving", "over"]

meal_state = v.literal("ordered", "served", "returned")
cleaning_state = v.literal("asked", "done")
ride_state = v.literal("booked", "driving", "over")
