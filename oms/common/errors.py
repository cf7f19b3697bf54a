"""The base of every refusal that a person or a caller can act on. Anything else stays loud."""


class Refused(Exception):
    """`str(e)` is a sentence for people; `code` a word for machines; `status` the HTTP answer of the API."""

    code = "refused"
    status = 409

    def __init__(self, message: str = "", *, code: str = "", **facts) -> None:
        super().__init__(message or (self.__doc__ or "").strip().splitlines()[0])
        self.code = code or self.code
        self.facts = facts


class Invalid(Refused):
    """What was sent can't be used as it is."""

    code = "invalid"
    status = 422

    def __init__(self, message: str = "", *, field: str = "", code: str = "", **facts) -> None:
        super().__init__(message, code=code, **facts)
        self.field = field
