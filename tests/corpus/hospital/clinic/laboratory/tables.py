"""Tables: orders, samples and results."""

from convexity.server import define_table
from convexity.values import v

from . import states

lab_orders = (
    define_table(
        patientId=v.id("patients"),
        panel=v.string(),
        urgency=v.number(),
        orderedAt=v.number(),
        state=states.order_state,
    )
    .index("by_patientId_and_orderedAt", ["patientId", "orderedAt"])
    .index("by_patientId_and_state", ["patientId", "state"])
)
samples = (
    define_table(
        orderId=v.id("lab_orders"),
        tube=v.string(),
        volume=v.number(),
        drawnAt=v.number(),
        state=states.sample_state,
        code=v.string(),
    )
    .index("by_orderId_and_drawnAt", ["orderId", "drawnAt"])
    .index("by_orderId_and_state", ["orderId", "state"])
    .index("by_code", ["code"])
)
results = (
    define_table(
        sampleId=v.id("samples"), analyte=v.string(), value=v.number(), measuredAt=v.number()
    )
    .index("by_sampleId_and_measuredAt", ["sampleId", "measuredAt"])
    .index("by_sampleId_and_value", ["sampleId", "value"])
)
lab_devices = (
    define_table(
        model=v.string(), capacity=v.number(), servicedAt=v.number(), state=states.device_state
    )
    .index("by_servicedAt", ["servicedAt"])
    .index("by_state", ["state"])
)
