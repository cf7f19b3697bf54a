from oms.accounts.models.token import ApiToken
from oms.accounts.models.user import User

__all__ = ["ApiToken", "User"]
