"""The product's settings as in production; only who may ask is widened."""

from oms.settings import *  # noqa: F403

DEBUG = False
ALLOWED_HOSTS = ["*"]
