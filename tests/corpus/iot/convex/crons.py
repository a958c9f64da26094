"""Housekeeping of the devices."""

import datetime as dt

from convexity import server as cx

from ._generated.api import internal as jobs

crons = cx.cron_jobs()
crons.interval("sweep", dt.timedelta(minutes=5), jobs.devices.registry.sweep)
crons.interval("roll up", dt.timedelta(hours=1), jobs.rollups.last_hour)
crons.cron("expire", "23 2 * * *", jobs.ingest.readings.expire, olderThanDays=90, batch=500)
