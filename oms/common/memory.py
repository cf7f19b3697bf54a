"""How memory is looked after in processes that live long."""

import gc

YOUNG = (
    20_000  # objects made before the collector looks: a page or a batch makes as many, and nearly all go by themselves
)


def settle() -> None:
    """Call once all is loaded. What is there now is looked at no more; what comes is looked at by the page, not by the
    row: a fifth of a batch's time went into looking for cycles that are not there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
