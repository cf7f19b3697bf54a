"""`make bench`: our verbs beside raw Postgres, on the same machine in the same run, as ratios."""
