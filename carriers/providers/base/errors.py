"""A carrier that did not do it."""


class CarrierError(Exception):
    """The carrier did not do it, or nobody knows. `str(e)` is a sentence for people.

    permanent: refused for good; the same question gets the same answer.
    ambiguous: it may have been done (time-out after sending, 5xx, unreadable answer): look it up before asking again.
    sign_in: it does not accept our credentials. retry_after: seconds it asks us to wait.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        ambiguous: bool = False,
        sign_in: bool = False,
        retry_after: float | None = None,
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.permanent = permanent or sign_in
        self.ambiguous = ambiguous
        self.sign_in = sign_in
        self.retry_after = retry_after
        self.code = code
