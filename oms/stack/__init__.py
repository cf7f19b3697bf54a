"""Everything that one machine needs to run the whole product: its own Postgres and Valkey, and the processes on top.

Nothing here needs Django to be set up: the tests start their servers with it too.
"""
