"""Nightly work."""

from datetime import timedelta

from convexity.server import cron_jobs

from ._generated import api

crons = cron_jobs()

crons.interval("renew subscriptions", timedelta(minutes=15), api.internal.subscriptions.renew_due)
crons.cron(
    "chase overdue invoices",
    "30 7 * * 1-5",
    api.internal.invoices.chase_overdue,
    limit=200,
)
crons.interval("handle events", timedelta(minutes=2), api.internal.webhooks.handle_pending)
