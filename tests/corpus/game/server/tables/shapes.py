"""Validators of the game."""

from convexity.values import v

suit = v.literal("clubs", "diamonds", "hearts", "spades")
card = v.object(suit=suit, rank=v.number())
hand = v.array(card)

move = v.union(
    v.object(do=v.literal("play"), index=v.number()),
    v.object(do=v.literal("pass")),
)

waiting = v.object(phase=v.literal("waiting"))
running = v.object(
    phase=v.literal("running"),
    turn=v.number(),
    deadline=v.number(),
    timer=v.id("_scheduled_functions"),
)
finished = v.object(phase=v.literal("finished"), winner=v.nullable(v.id("players")))
phase = v.union(waiting, running, finished)
