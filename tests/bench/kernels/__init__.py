"""One module a kernel. Each has `run(quick)`, which measures ours and the raw limit and gives a Result."""

NAMES = ("confirm", "bulk", "hot", "flash", "source_one", "source_batch", "outbox", "api", "pages")
