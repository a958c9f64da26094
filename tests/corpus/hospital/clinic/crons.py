"""When jobs run."""

from datetime import timedelta

from convexity.server import cron_jobs

from ._generated.api import internal

crons = cron_jobs()
crons.cron("sweep", "43 2 * * *", internal.housekeeping.sweep, limit=500)
crons.interval("page", timedelta(minutes=10), internal.messages.inbox.page)
