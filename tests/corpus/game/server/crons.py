"""Tidying."""

from convexity.server import cron_jobs as jobs

from ._generated.api import internal

crons = jobs()
crons.cron("tidy the lobby", "*/20 * * * *", internal.lobby.tidy)
