"""What happens by itself."""

from datetime import timedelta

from convexity.server import cron_jobs

from ._generated.api import internal

crons = cron_jobs()
crons.interval("sweep tickets", timedelta(hours=6), internal.tickets.sale.sweep, limit=500)
crons.cron("rain", "20 5 * * *", internal.weather.rain, place="Field 7")
