"""Tables: meals, cleaning and rides."""

from convexity.server import define_table
from convexity.values import v

from . import states

meals = (
    define_table(
        stayId=v.id("stays"),
        dish=v.string(),
        calories=v.number(),
        wantedAt=v.number(),
        state=states.meal_state,
    )
    .index("by_stayId_and_wantedAt", ["stayId", "wantedAt"])
    .index("by_stayId_and_state", ["stayId", "state"])
)
cleanings = (
    define_table(
        roomId=v.id("rooms"),
        method=v.string(),
        minutes=v.number(),
        dueAt=v.number(),
        state=states.cleaning_state,
    )
    .index("by_roomId_and_dueAt", ["roomId", "dueAt"])
    .index("by_roomId_and_state", ["roomId", "state"])
)
rides = (
    define_table(
        patientId=v.id("patients"),
        destination=v.string(),
        kilometres=v.number(),
        leavesAt=v.number(),
        state=states.ride_state,
    )
    .index("by_patientId_and_leavesAt", ["patientId", "leavesAt"])
    .index("by_patientId_and_state", ["patientId", "state"])
    .index("by_patientId_and_kilometres", ["patientId", "kilometres"])
)
