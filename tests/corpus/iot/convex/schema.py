"""Tables of the devices; one function makes each timed table."""

import convexity.server as cx
import convexity.values as cv

from . import names

v = cv.v

METRICS = ["temperature", "humidity", "pressure"]


def timed(**fields: cv.Validator) -> cx.TableDefinition:
    """A table of things that a device did at a time."""
    return cx.define_table({"device": v.id("devices"), "at": v.number(), **fields}).index(
        "by_device_and_at", ["device", "at"]
    )


schema = cx.define_schema(
    {
        names.DEVICES: cx.define_table(
            serial=v.string(),
            keyHash=v.string(),
            site=v.id("sites"),
            firmware=v.object(version=v.string(), build=v.int64()),
            limits=v.record(v.string(), v.object(low=v.number(), high=v.number())),
            state=v.literal("online", "offline", "retired"),
            seenAt=v.optional(v.number()),
        )
        .index("by_serial", ["serial"])
        .index("by_keyHash", ["keyHash"])
        .index("by_site_and_state", ["site", "state"])
        .index("by_state_and_seenAt", ["state", "seenAt"]),
        "sites": cx.define_table(name=v.string(), timezone=v.string()),
        names.READINGS: timed(
            metric=v.literal(*METRICS),
            value=v.number(),
            raw=v.optional(v.bytes()),
        ).index("by_at", ["at"]),
        names.ROLLUPS: timed(
            metric=v.literal(*METRICS),
            count=v.number(),
            sum=v.number(),
            min=v.number(),
            max=v.number(),
        ),
        names.ALERTS: timed(
            metric=v.string(),
            value=v.number(),
            acknowledgedBy=v.nullable(v.string()),
        ).index("by_acknowledgedBy", ["acknowledgedBy"]),
    }
)
