"""Actions that run in worker processes: ``@action(runtime="process")``.

Workers are programs of their own, spoken to over a socket. ``multiprocessing`` is not used: a fork
of a server that has threads can dead-lock, while ``spawn`` and ``forkserver`` import the server's
main module in every worker and hand values over by pickle.
"""
