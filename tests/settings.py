"""The product's settings as the tests want them: servers of their own, tasks at once, cheap hashes, nothing shared."""

import os
import tempfile

from tests import servers

os.environ["OMS_HOME"] = os.environ.get("OMS_TEST_HOME") or tempfile.gettempdir() + "/oms-tests-home"
os.environ.setdefault("SECRET_KEY", "a key for tests only")
os.environ.setdefault("OMS_FIELD_KEYS", "vC2zSiqMEQ43tXvnXyCb2kSTgxW8xLhFEWcYc1pMD5g=")
servers.provide()

from oms.settings import *  # noqa: E402, F403

DEBUG = False
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
