"""Validators that tables and functions share."""

from convexity.values import v

currency = v.literal("EUR", "CHF", "GBP")

slot_times = {"starts": v.number(), "minutes": v.number()}

_valid = v.object({"kind": v.literal("valid"), "since": v.number()})
_used = v.object({"kind": v.literal("used"), "gate": v.string(), "at": v.number()})
_void = v.object({"kind": v.literal("void"), "why": v.string()})
ticket_state = v.union(_valid, _used, _void)
