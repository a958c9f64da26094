"""What happens at night."""

from convexity.server import cron_jobs

from ._generated.api import internal

crons = cron_jobs()
crons.cron("give up", "37 4 * * sun", internal.loans.desk.give_up, limit=100)
