"""The product's settings as in production; only who may ask is widened, and nothing is collected."""

from oms.settings import *  # noqa: F403
from oms.settings import STORAGES

DEBUG = False
ALLOWED_HOSTS = ["*"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
