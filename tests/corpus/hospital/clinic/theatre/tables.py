"""Tables: operations and the theatres they are done in."""

from convexity.server import define_table
from convexity.values import v

from .states import checklist_state, operation_state, theatre_state

TABLES = {
    "theatres": define_table(
        {"label": v.string(), "tables": v.number(), "builtAt": v.number(), "state": theatre_state}
    )
    .index("by_builtAt", ["builtAt"])
    .index("by_state", ["state"]),
    "operations": define_table(
        {
            "theatreId": v.id("theatres"),
            "procedure": v.string(),
            "minutes": v.number(),
            "startsAt": v.number(),
            "state": operation_state,
        }
    )
    .index("by_theatreId_and_startsAt", ["theatreId", "startsAt"])
    .index("by_theatreId_and_state", ["theatreId", "state"]),
    "checklists": define_table(
        {
            "operationId": v.id("operations"),
            "section": v.string(),
            "steps": v.number(),
            "openedAt": v.number(),
            "state": checklist_state,
        }
    )
    .index("by_operationId_and_openedAt", ["operationId", "openedAt"])
    .index("by_operationId_and_state", ["operationId", "state"]),
}
