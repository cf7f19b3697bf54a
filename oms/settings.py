"""All settings in one file; everything that differs between machines is read from the environment.

`manage.py up`, docker-compose.yml and tests/settings.py set these variables; README.md lists them. Any of them may
also be given as NAME_FILE, a path to a file that holds the value. Beside a running `manage.py up` nothing needs to be
set by hand: what it chose is found in OMS_HOME, and the environment has the last word.
"""

import os
from collections import ChainMap
from decimal import Decimal
from pathlib import Path

import environ
from celery.schedules import crontab
from environ.fileaware_mapping import FileAwareMapping

from oms.stack.home import default_home, how_it_runs

BASE_DIR = Path(__file__).resolve().parent.parent
OMS_HOME = Path(os.environ.get("OMS_HOME") or default_home())
env = environ.FileAwareEnv()
env.ENVIRON = FileAwareMapping(ChainMap(os.environ, how_it_runs(OMS_HOME)))

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="for development only" if DEBUG else "")
OMS_FIELD_KEYS = env.list("OMS_FIELD_KEYS", default=[])
OMS_ROLE = env("OMS_ROLE", default="manage")
BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
BEHIND_TLS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL] if BEHIND_TLS else [])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "lucide",
    "oms.common",
    "oms.accounts",
    "carriers",
    "inventory",
    "orders",
    "fulfillment",
    "returns",
    "oms.desk",
]

MIDDLEWARE = [
    "oms.health.HealthMiddleware",
    "oms.common.middleware.RequestIdMiddleware",
    "oms.common.middleware.SecurityHeadersMiddleware",
    "oms.common.middleware.NoNulMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "oms.common.middleware.DenyByDefaultMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "oms.common.middleware.UnstorableMiddleware",
]

ROOT_URLCONF = "oms.urls"
WSGI_APPLICATION = "oms.wsgi.application"
ASGI_APPLICATION = "oms.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["oms.common.templatetags.oms", "lucide.templatetags.lucide"],
        },
    }
]

# A stuck statement must never outlive the patience of whoever waits for it: a browser, a task, a person at a shell.
DATABASE_LIMITS = {
    "web": {"statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "15s"},
    "worker": {"statement_timeout": "60s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "15s"},
    "manage": {"lock_timeout": "10s"},
}[OMS_ROLE]
# What we prepare (oms.common.sql) has one good plan, whatever it is asked for; Django's own queries are never prepared.
DATABASE_PLANS = {"plan_cache_mode": "force_generic_plan"}
# A transaction pooler hands one server session to many clients: it refuses start-up options (set the limits on the
# database role instead, README.md says how) and cursors that outlive a transaction.
DATABASE_POOLER = env.bool("DATABASE_POOLER", default=False)
DATABASES = {"default": env.db("DATABASE_URL", default="postgresql://oms@127.0.0.1:5432/oms")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
    "DISABLE_SERVER_SIDE_CURSORS": DATABASE_POOLER,
    "OPTIONS": {"connect_timeout": 5, "application_name": f"oms-{OMS_ROLE}"}
    | (
        {}
        if DATABASE_POOLER
        else {"options": " ".join(f"-c {k}={v}" for k, v in (DATABASE_LIMITS | DATABASE_PLANS).items())}
    )
    | DATABASES["default"].get("OPTIONS", {}),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "oms",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# Truth is in Postgres; a message here is a hint that work waits there. So a hint fails at once, a task is short and
# safe to run twice, and a lost broker costs one tick of beat.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 30,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_DB_REUSE_MAX = 1_000_000
CELERY_BEAT_SCHEDULER = "oms.liveness.SoleScheduler"
# Sweeps find by query whatever a lost hint left waiting; times of day are in TIME_ZONE.
CELERY_TIMEZONE = env("TIME_ZONE", default="UTC")
CELERY_BEAT_SCHEDULE = {
    "drain-outbox": {"task": "oms.common.tasks.drain_outbox", "schedule": 10},
    "settle-labels": {"task": "carriers.tasks.settle_labels", "schedule": 15},
    "read-carrier-messages": {"task": "carriers.tasks.read_messages", "schedule": 30},
    "poll-trackers": {"task": "carriers.tasks.poll_trackers", "schedule": 60},
    "register-webhooks": {"task": "carriers.tasks.register_webhooks", "schedule": 60},
    "find-silent-trackers": {"task": "carriers.tasks.find_silent_trackers", "schedule": crontab(minute=25)},
    "route-waiting": {"task": "fulfillment.tasks.route_waiting", "schedule": 60},
    "join-split-orders": {"task": "fulfillment.tasks.join_split_orders", "schedule": 60},
    "fill-backorders": {"task": "fulfillment.tasks.fill_all_backorders", "schedule": 60},
    "label-shipments": {"task": "fulfillment.tasks.settle_labels", "schedule": 20},
    "hand-over-closed": {"task": "fulfillment.tasks.hand_over_closed", "schedule": 10},
    "follow-parcels": {"task": "fulfillment.tasks.apply_all_tracking", "schedule": 60},
    "refresh-expected-supply": {"task": "fulfillment.tasks.refresh_expected_supply", "schedule": 300},
    "order-dropships": {"task": "fulfillment.tasks.order_dropships", "schedule": 30},
    "expire-pickups": {"task": "fulfillment.tasks.expire_pickups", "schedule": 300},
    "resume-jobs": {"task": "fulfillment.tasks.resume_jobs", "schedule": 60},
    "give-back-held": {"task": "fulfillment.tasks.give_back_held", "schedule": 300},
    "look-for-late-parcels": {"task": "fulfillment.tasks.look_for_late_parcels", "schedule": 900},
    "forget-quotes": {"task": "carriers.tasks.forget_quotes", "schedule": crontab(hour=3, minute=20)},
    "accept-waiting": {"task": "fulfillment.tasks.accept_waiting", "schedule": 10},
    "orders-sweep": {"task": "orders.tasks.sweep", "schedule": 15},
    "returns-sweep": {"task": "returns.tasks.sweep", "schedule": 60},
    "add-up-stock-days": {"task": "inventory.tasks.add_up_days", "schedule": crontab(hour="0,4", minute=20)},
    "sweep-imports": {"task": "inventory.tasks.sweep_imports", "schedule": 60},
    "check-stock": {"task": "inventory.tasks.check_stock", "schedule": crontab(hour=3, minute=40)},
    "set-aside-expired": {"task": "fulfillment.tasks.set_aside_expired", "schedule": 900},
    "decide-wishes": {"task": "inventory.tasks.decide_wishes", "schedule": 10},
    "expire-reservations": {"task": "inventory.tasks.expire_reservations", "schedule": 60},
    "forget-old-rows": {"task": "oms.common.tasks.forget_old_rows", "schedule": crontab(hour=3, minute=10)},
}

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 48 * 3600
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000) if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-session" if BEHIND_TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if BEHIND_TLS else "csrf"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Exact host:port pairs inside the own network that outbound calls may reach; everything else must be public.
OMS_ALLOW_PRIVATE_HOSTS = env.list("OMS_ALLOW_PRIVATE_HOSTS", default=[])
FAKE_CARRIER_URL = env("FAKE_CARRIER_URL", default="")
FAKE_SHOP_URL = env("FAKE_SHOP_URL", default="")

# Hours after which an order that is held before allocation gives its promised units back; 0 keeps them.
HOLD_KEEPS_STOCK_HOURS = env.int("HOLD_KEEPS_STOCK_HOURS", default=0)

# The sign-in page lists the accounts of the demo world (e-mails at demo.test) and signs in as one of them by a click.
OMS_DEMO = env.bool("OMS_DEMO", default=False)
OMS_DEMO_PASSWORD = env("OMS_DEMO_PASSWORD", default="")
OMS_DEMO_TOKEN = env("OMS_DEMO_TOKEN", default="")

# A refund above this amount needs a lead, in the currency of the order.
OMS_REFUND_LIMIT = Decimal(env("OMS_REFUND_LIMIT", default="200"))

# Points of risk rules from which an order is held for review.
OMS_RISK_THRESHOLD = env.int("OMS_RISK_THRESHOLD", default=50)

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", default="Order desk <orders@localhost>")
EMAIL_TIMEOUT = 10
if env("EMAIL_URL", default=""):
    globals().update(env.email("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = OMS_HOME / "mail"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(OMS_HOME / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(OMS_HOME / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "oms.common.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "httpx": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
