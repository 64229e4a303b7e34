"""GiftSync's settings: everything that differs between places comes from the environment.

Each value is read once, with a type and a default, and explained in docs/configuration.md (a test
holds the two together). `giftsync.checks` refuses to start in production on a local default.
"""

import os
import secrets
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue

# --- Place and mode -------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

GIFTSYNC_MODE = env.str("GIFTSYNC_MODE", default="local")
PRODUCTION = GIFTSYNC_MODE == "production"
DEBUG = env.bool("DEBUG", default=False)
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VERSION = env.str("RELEASE", default="0.1.0")
SITE_NAME = env.str("SITE_NAME", default="GiftSync")
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")

UNSET_SECRET = "unset-in-production"  # noqa: S105 - a marker that giftsync.checks refuses


def local_secret(name: str) -> str:
    """A random secret kept in VAR_DIR on a local machine; in production the marker."""
    if PRODUCTION:
        return UNSET_SECRET
    path = VAR_DIR / name
    if not path.exists():
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        draft = VAR_DIR / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
        # Whole or not at all: web and worker start side by side, and must agree on one secret.
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii")


# --- Security -------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", default="") or local_secret("secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
HSTS_SECONDS = env.int("HSTS_SECONDS", default=63_072_000)
HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_HSTS_SECONDS = HSTS_SECONDS if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = HSTS_PRELOAD
# Browsers' preload lists are a promise for the whole domain that takes months to take back: the
# operator's to give, so that its absence is no warning.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Amazon must be able to see which site a visitor came from; the path stays ours.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
COOKIE_PREFIX = "__Host-" if PRODUCTION else ""
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_NAME = COOKIE_PREFIX + "sessionid"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(
    timedelta(days=env.int("BROWSER_SESSION_DAYS", default=30)).total_seconds()
)
CSRF_COOKIE_NAME = COOKIE_PREFIX + "csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "giftsync.pages.csrf_failure"

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "https://m.media-amazon.com", "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "upgrade-insecure-requests": PRODUCTION,
    }
}
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "x-api-key",
    "x-request-id",
    "x-claim-token",
    "x-swipe-token",
]
CORS_EXPOSE_HEADERS = [
    "etag",
    "idempotent-replayed",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "x-request-id",
]

# --- Applications ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "giftsync",
    "accounts",
    "catalog",
    "recommendations",
    "affiliates",
    "giftsync.back_office.apps.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.apple",
    "allauth.socialaccount.providers.facebook",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "corsheaders",
    "csp",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "giftsync.request_id.RequestIdMiddleware",
    "giftsync.client_address.ClientAddressMiddleware",
    "giftsync.headers.HeadersMiddleware",
    "giftsync.health.OperationsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "giftsync.api.edge.ApiEdgeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.BrowserSessionMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "affiliates.middleware.CampaignMiddleware",
    "giftsync.api.idempotency.IdempotencyMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "giftsync.urls"
WSGI_APPLICATION = "giftsync.wsgi.application"
ASGI_APPLICATION = "giftsync.asgi.application"
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
                "giftsync.context.site",
            ]
        },
    }
]

# --- Database -------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'db.sqlite3'}"
DATABASES: dict[str, dict[str, Any]] = {"default": environ.Env.db_url_config(DATABASE_URL)}
DB_POOL = env.bool("DB_POOL", default=True)
DB_POOL_SIZE = env.int("DB_POOL_SIZE", default=8)
DB_POOL_WAIT_SECONDS = env.float("DB_POOL_WAIT_SECONDS", default=1.0)
DB_CONNECT_TIMEOUT_SECONDS = env.int("DB_CONNECT_TIMEOUT_SECONDS", default=3)
DB_STATEMENT_TIMEOUT_MS = env.int("DB_STATEMENT_TIMEOUT_MS", default=5_000)
DB_LOCK_TIMEOUT_MS = env.int("DB_LOCK_TIMEOUT_MS", default=2_000)
DB_IDLE_TRANSACTION_TIMEOUT_MS = env.int("DB_IDLE_TRANSACTION_TIMEOUT_MS", default=10_000)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_database = DATABASES["default"]
# What DATABASE_URL carries after its question mark, such as sslmode=require.
_options: dict[str, Any] = _database.setdefault("OPTIONS", {})
ON_SQLITE = _database["ENGINE"].endswith("sqlite3")
if ON_SQLITE:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    # IMMEDIATE takes the write lock at BEGIN: without it a read-then-write transaction fails
    # with "database is locked" as soon as two processes write.
    _options["transaction_mode"] = "IMMEDIATE"
    _options["timeout"] = 20
    _options["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
elif _database["ENGINE"].endswith("postgresql"):
    _database["ENGINE"] = "giftsync.postgresql"
    _database["CONN_HEALTH_CHECKS"] = True
    _options.setdefault("connect_timeout", DB_CONNECT_TIMEOUT_SECONDS)
    _options["options"] = (
        f"-c statement_timeout={DB_STATEMENT_TIMEOUT_MS} -c lock_timeout={DB_LOCK_TIMEOUT_MS}"
        f" -c idle_in_transaction_session_timeout={DB_IDLE_TRANSACTION_TIMEOUT_MS}"
    )
    if DB_POOL:
        _options["pool"] = {
            "min_size": 1,
            "max_size": DB_POOL_SIZE,
            "timeout": DB_POOL_WAIT_SECONDS,
        }
else:
    raise ImproperlyConfigured("DATABASE_URL: GiftSync runs on PostgreSQL or SQLite.")

# --- Cache ----------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="")
CACHE_TIMEOUT_SECONDS = env.float("CACHE_TIMEOUT_SECONDS", default=0.25)
CACHE_KEY_PREFIX = env.str("CACHE_KEY_PREFIX", default="giftsync")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "giftsync.cache.GuardedRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": CACHE_KEY_PREFIX,
        "OPTIONS": {
            # JSON and never pickle: what lies in a cache must not be able to run.
            "SERIALIZER": "giftsync.cache.ReadableOnly",
            "SOCKET_CONNECT_TIMEOUT": CACHE_TIMEOUT_SECONDS,
            "SOCKET_TIMEOUT": CACHE_TIMEOUT_SECONDS,
            # One try: the breaker decides about the next.
            "CONNECTION_POOL_KWARGS": {"retry": None},
        },
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "KEY_PREFIX": "local",
    }
}

# --- Broker and periodic work ---------------------------------------------------------------

CELERY_BROKER_URL = (
    env.str("CELERY_BROKER_URL", default="") or REDIS_URL or "filesystem://localhost"
)
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_TASK_ALWAYS_EAGER", default=False)
CELERY_TASK_TIME_LIMIT_SECONDS = env.int("CELERY_TASK_TIME_LIMIT_SECONDS", default=900)
TRENDING_INTERVAL_MINUTES = env.int("TRENDING_INTERVAL_MINUTES", default=15)
TRAIN_HOUR_UTC = env.int("TRAIN_HOUR_UTC", default=3)

CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = CELERY_TASK_TIME_LIMIT_SECONDS
# Time to tidy up before the hard limit.
CELERY_TASK_SOFT_TIME_LIMIT = max(
    CELERY_TASK_TIME_LIMIT_SECONDS - 30, CELERY_TASK_TIME_LIMIT_SECONDS / 2
)
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
# Named here so that a worker that is told nothing else serves them all. Each has an exchange of
# its own: queues that share one would each get a copy of every task.
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in ("default", "sync", "train", "mail")
]
CELERY_TASK_ROUTES = {
    "catalog.tasks.sync_*": {"queue": "sync"},
    "recommendations.tasks.train_*": {"queue": "train"},
    "accounts.tasks.send_*": {"queue": "mail"},
}
if CELERY_BROKER_URL.startswith("filesystem"):
    _queue = VAR_DIR / "queue"
    (_queue / "control").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.2,
    }
else:
    # Longer than the longest hard limit, or a running task would be handed out twice.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": CELERY_TASK_TIME_LIMIT_SECONDS + 300,
        "health_check_interval": 10,
        # A request that enqueues must not wait for a Redis that hangs.
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }

# --- Accounts -------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", default=8)
# Of an account without a second factor; 15 is what NIST asks for.
PASSWORD_MIN_LENGTH_ALONE = env.int("PASSWORD_MIN_LENGTH_ALONE", default=0)
# Any of lower, upper, digit, symbol: what every password must have. People then choose worse ones.
PASSWORD_COMPOSITION = env.list("PASSWORD_COMPOSITION", default=[])
# Requests of one process that may be at a password's hash or wait for it: below WEB_THREADS, so
# that sign-ins never hold all threads.
HASHING_MOST_AT_ONCE = env.int("HASHING_MOST_AT_ONCE", default=2)
PASSWORD_HASHERS = [
    "accounts.hashers.BoundedArgon2PasswordHasher",
    "accounts.hashers.BoundedBCryptSHA256PasswordHasher",
    "accounts.hashers.BoundedBCryptPasswordHasher",
    "accounts.hashers.BoundedPBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": _VALIDATION + "MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {
        "NAME": "accounts.passwords.MaximumLengthValidator",
        "OPTIONS": {"max_length": 1024},
    },
    {"NAME": _VALIDATION + "CommonPasswordValidator"},
    {"NAME": _VALIDATION + "NumericPasswordValidator"},
    {
        "NAME": "accounts.passwords.ContextWordValidator",
        "OPTIONS": {"words": (SITE_NAME, "giftsync")},
    },
    {
        "NAME": "accounts.passwords.SecondFactorLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH_ALONE},
    },
    {"NAME": "accounts.passwords.CompositionValidator", "OPTIONS": {"kinds": PASSWORD_COMPOSITION}},
    {
        "NAME": _VALIDATION + "UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "first_name", "last_name")},
    },
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
SIGNUP_OPEN = env.bool("SIGNUP_OPEN", default=True)
EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", default="optional")
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1 / 24
# The password, or another proof of presence, again before what matters, for five minutes.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "accounts.mfa_adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.mfa_forms.AuthenticateForm",
    "reauthenticate": "accounts.mfa_forms.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
# Browsers keep passkeys to https, but for this machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
PASSWORD_RESET_TIMEOUT = 3_600
STAFF_SESSION_HOURS = env.int("STAFF_SESSION_HOURS", default=8)
STAFF_IDLE_MINUTES = env.int("STAFF_IDLE_MINUTES", default=30)
STAFF_REQUESTS_A_MINUTE = env.int("STAFF_REQUESTS_A_MINUTE", default=300)
# Nobody enters the back office without one; on one's own machine a banner asks for it.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=PRODUCTION)
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", default="")
FACEBOOK_CLIENT_ID = env.str("FACEBOOK_CLIENT_ID", default="")
FACEBOOK_CLIENT_SECRET = env.str("FACEBOOK_CLIENT_SECRET", default="")
APPLE_CLIENT_ID = env.str("APPLE_CLIENT_ID", default="")
APPLE_TEAM_ID = env.str("APPLE_TEAM_ID", default="")
APPLE_KEY_ID = env.str("APPLE_KEY_ID", default="")
APPLE_PRIVATE_KEY = env.str("APPLE_PRIVATE_KEY", default="", multiline=True)
OPENID_NAME = env.str("OPENID_NAME", default="")
OPENID_URL = env.str("OPENID_URL", default="")
OPENID_CLIENT_ID = env.str("OPENID_CLIENT_ID", default="")
OPENID_CLIENT_SECRET = env.str("OPENID_CLIENT_SECRET", default="")
# What is not set up here is not offered.
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {}
SIGN_IN_ORIGINS: list[str] = []
if GOOGLE_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["google"] = {
        "APPS": [{"client_id": GOOGLE_CLIENT_ID, "secret": GOOGLE_CLIENT_SECRET}],
        "SCOPE": ["openid", "email", "profile"],
        "OAUTH_PKCE_ENABLED": True,
    }
    SIGN_IN_ORIGINS.append("https://accounts.google.com")
if APPLE_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["apple"] = {
        "APPS": [
            {
                "client_id": APPLE_CLIENT_ID,
                "secret": APPLE_KEY_ID,
                "key": APPLE_TEAM_ID,
                "settings": {"certificate_key": APPLE_PRIVATE_KEY},
            }
        ]
    }
    SIGN_IN_ORIGINS.append("https://appleid.apple.com")
if FACEBOOK_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["facebook"] = {
        "APPS": [{"client_id": FACEBOOK_CLIENT_ID, "secret": FACEBOOK_CLIENT_SECRET}],
        "METHOD": "oauth2",
        "SCOPE": ["email", "public_profile"],
        "FIELDS": ["id", "email", "first_name", "last_name"],
        # Facebook does not say whether it has seen the address confirmed.
        "VERIFIED_EMAIL": False,
    }
    SIGN_IN_ORIGINS += ["https://www.facebook.com", "https://m.facebook.com"]
if OPENID_CLIENT_ID:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "company",
                "name": OPENID_NAME or "OpenID",
                "client_id": OPENID_CLIENT_ID,
                "secret": OPENID_CLIENT_SECRET,
                "settings": {"server_url": OPENID_URL},
            }
        ],
        "OAUTH_PKCE_ENABLED": True,
    }
    SIGN_IN_ORIGINS.append("{0.scheme}://{0.netloc}".format(urlsplit(OPENID_URL)))
SOCIALACCOUNT_ADAPTER = "accounts.social_adapter.SocialAccountAdapter"
# Whoever signs in there only proves to be the same person there: an address that already has an
# account here is not opened by it, but asked to sign in and to connect the two.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = False
# Signing in with another service begins with a form of ours that is sent on to that service.
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += SIGN_IN_ORIGINS
# What a tier allows: saved people, swipes and API calls a day. What is not named has no limit.
TIER_LIMITS: dict[str, dict[str, Any]] = {
    "free": env.dict(
        "TIER_FREE",
        default={"people": 20, "api_keys": 0, "swipes": 500, "api_calls": 5000},
    ),
    "premium": env.dict("TIER_PREMIUM", default={"people": 200, "api_keys": 2, "api_calls": 50000}),
    "enterprise": env.dict("TIER_ENTERPRISE", default={}),
}
DELETION_GRACE_DAYS = env.int("DELETION_GRACE_DAYS", default=7)
EXPORT_LINK_HOURS = env.int("EXPORT_LINK_HOURS", default=24)
# Where each app says what it keeps of a user: functions (user) -> pairs of a table's label and
# its rows. A table with a way to the user that is missing here fails a test.
PERSONAL_DATA_SOURCES = [
    "accounts.services.own_rows.rows_of",
    "recommendations.services.own_rows.rows_of",
    "affiliates.services.own_rows.rows_of",
]
# How each app forgets a user, before the account itself is deleted: functions (user) -> None.
PERSONAL_DATA_ERASERS = [
    "recommendations.services.own_rows.forget",
    "affiliates.services.own_rows.forget",
    "accounts.services.own_rows.forget",
]
ACCESS_TOKEN_MINUTES = env.int("ACCESS_TOKEN_MINUTES", default=15)
REFRESH_TOKEN_DAYS = env.int("REFRESH_TOKEN_DAYS", default=30)
JWT_SIGNING_KEY = env.str("JWT_SIGNING_KEY", default="") or local_secret("jwt_signing_key")
# Keys that no longer sign but are still believed, so that a change of key signs nobody out.
JWT_SIGNING_KEY_FALLBACKS = env.list("JWT_SIGNING_KEY_FALLBACKS", default=[])
# The first encrypts what the database must not show, all of them decrypt: see `rotate_keys`.
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=[]) or [
    local_secret("field_encryption_key")
]
SIMPLE_JWT: dict[str, Any] = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ISSUER": "giftsync",
    "AUDIENCE": "giftsync-api",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=ACCESS_TOKEN_MINUTES),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=REFRESH_TOKEN_DAYS),
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "sub",
}

# --- API ------------------------------------------------------------------------------------

CATALOGUE_MAX_AGE_SECONDS = env.int("CATALOGUE_MAX_AGE_SECONDS", default=60)
CATALOGUE_INDEX_DIR = Path(env.str("CATALOGUE_INDEX_DIR", default=str(VAR_DIR / "catalogue-index")))
CATALOGUE_INDEX_POLL_SECONDS = env.float("CATALOGUE_INDEX_POLL_SECONDS", default=1.0)
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=1_048_576)
MAX_AUTH_BODY_BYTES = env.int("MAX_AUTH_BODY_BYTES", default=65_536)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["giftsync.api.parsers.ObjectParser"],
    "DEFAULT_THROTTLE_CLASSES": [
        "giftsync.api.throttles.ScopeThrottle",
        "giftsync.api.allowance_throttle.AllowanceThrottle",
    ],
    "DEFAULT_PAGINATION_CLASS": "giftsync.api.pagination.PagePagination",
    "DEFAULT_METADATA_CLASS": "giftsync.api.metadata.MethodsOnly",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "giftsync.api.errors.exception_handler",
    "COERCE_DECIMAL_TO_STRING": False,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# What is open to everybody is open to an organisation's program too, with limits of its own.
OPEN_AUTHENTICATION_CLASSES = [
    "accounts.api.authentication.SessionTokenAuthentication",
    "accounts.api.key_authentication.ApiKeyAuthentication",
]
CATALOGUE_AUTHENTICATION_CLASSES = ["accounts.api.key_authentication.ApiKeyAuthentication"]
SPECTACULAR_SETTINGS = {
    "TITLE": "GiftSync API",
    "DESCRIPTION": "Find a present: read a brief, swipe, get reasons, buy it on Amazon.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "giftsync.api.schema.describe_errors",
    ],
}

# --- Limits ---------------------------------------------------------------------------------

THROTTLE_RATES = {
    "anonymous": env.str("LIMIT_ANONYMOUS", default="300/min"),
    "user": env.str("LIMIT_USER", default="600/min"),
    "login": env.str("LIMIT_LOGIN", default="10/min"),
    "register": env.str("LIMIT_REGISTER", default="5/hour"),
    "reset": env.str("LIMIT_RESET", default="20/hour"),
    "refresh": env.str("LIMIT_REFRESH", default="60/min"),
    "recommend": env.str("LIMIT_RECOMMEND", default="60/min"),
    "swipe": env.str("LIMIT_SWIPE", default="240/min"),
    "click": env.str("LIMIT_CLICK", default="120/min"),
    "export": env.str("LIMIT_EXPORT", default="10/hour"),
    "delete": env.str("LIMIT_DELETE", default="10/hour"),
    "shared_list": env.str("LIMIT_SHARED_LIST", default="60/min"),
}
# How pages ask whether a visitor has been too quick: (request, scope) -> seconds to wait.
PAGE_LIMITER = "giftsync.page_limits.seconds_to_wait"
LIMITS_ENABLED = env.bool("LIMITS_ENABLED", default=True)
# The pages' limits. Wrong passwords, by either door: per client address, then per account with
# a wait that grows.
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = LIMITS_ENABLED and {
    "login_failed": "10/m/ip,10/15m/key,20/3h/key,40/d/key",
    "reset_password": "20/h/ip,5/h/key",
    "confirm_email": "20/h/ip,5/h/key",
    "signup": "20/h/ip",
}
IDEMPOTENCY_HOURS = env.int("IDEMPOTENCY_HOURS", default=24)
BRIEF_MAX_LENGTH = env.int("BRIEF_MAX_LENGTH", default=1_000)

# --- Amazon ---------------------------------------------------------------------------------

AMAZON_MARKETPLACE = env.str("AMAZON_MARKETPLACE", default="amazon.co.uk")
PRICE_MAX_AGE_MINUTES = env.int("PRICE_MAX_AGE_MINUTES", default=60)
CONTENT_MAX_AGE_HOURS = env.int("CONTENT_MAX_AGE_HOURS", default=24)
SHOP_GRACE_DAYS = env.int("SHOP_GRACE_DAYS", default=7)
SYNC_INTERVAL_MINUTES = env.int("SYNC_INTERVAL_MINUTES", default=5)
TRAIN_ON_AMAZON_CONTENT = env.bool("TRAIN_ON_AMAZON_CONTENT", default=False)
STORE_COUNTRY_HEADER = env.str("STORE_COUNTRY_HEADER", default="")
AMAZON_CREDENTIAL_ID = env.str("AMAZON_CREDENTIAL_ID", default="")
AMAZON_CREDENTIAL_SECRET = env.str("AMAZON_CREDENTIAL_SECRET", default="")
AMAZON_CREDENTIAL_VERSION = env.str("AMAZON_CREDENTIAL_VERSION", default="3.2")
AMAZON_CREDENTIALS_ELSEWHERE = env.list("AMAZON_CREDENTIALS_ELSEWHERE", default=[])
AMAZON_API_HOST = env.str("AMAZON_API_HOST", default="https://creatorsapi.amazon")
AMAZON_TOKEN_URL = env.str("AMAZON_TOKEN_URL", default="")
AMAZON_CALLS_PER_SECOND = env.float("AMAZON_CALLS_PER_SECOND", default=1.0)
AMAZON_CALLS_PER_DAY = env.int("AMAZON_CALLS_PER_DAY", default=8_640)
AMAZON_DISCOVERY_PERCENT = env.int("AMAZON_DISCOVERY_PERCENT", default=25)
AMAZON_STAFF_PERCENT = env.int("AMAZON_STAFF_PERCENT", default=5)
AMAZON_CONNECT_SECONDS = env.float("AMAZON_CONNECT_SECONDS", default=3.0)
AMAZON_READ_SECONDS = env.float("AMAZON_READ_SECONDS", default=10.0)
AMAZON_TOTAL_SECONDS = env.float("AMAZON_TOTAL_SECONDS", default=20.0)

# --- Affiliate business rules ---------------------------------------------------------------

AMAZON_PARTNER_TAG = env.str("AMAZON_PARTNER_TAG", default="giftsync-21")
AMAZON_PARTNER_TAGS = {
    AMAZON_MARKETPLACE: AMAZON_PARTNER_TAG,
    **env.dict("AMAZON_PARTNER_TAGS", default={}),
}
COMMISSION_DEFAULT_PERCENT = env.float("COMMISSION_DEFAULT_PERCENT", default=3.0)
# A session of 24 hours, and a cart ordered up to 89 days after the click.
TRACKING_ID_TAIL_DAYS = env.int("TRACKING_ID_TAIL_DAYS", default=90)
# How long a process remembers which ids are lent, and so how late it may notice a change.
TRACKING_LEASES_SEEN_SECONDS = env.int("TRACKING_LEASES_SEEN_SECONDS", default=5)
# How long a visitor who came by a campaign counts as its; the cookie says nothing else.
CAMPAIGN_DAYS = env.int("CAMPAIGN_DAYS", default=7)
CLICK_REPEAT_MINUTES = env.int("CLICK_REPEAT_MINUTES", default=60)
CLICK_VISITOR_KEY_HOURS = env.int("CLICK_VISITOR_KEY_HOURS", default=48)
CLICK_RETENTION_DAYS = env.int("CLICK_RETENTION_DAYS", default=400)
CLICK_PARTITIONS_AHEAD = env.int("CLICK_PARTITIONS_AHEAD", default=0)
DEFAULT_CURRENCY = env.str("DEFAULT_CURRENCY", default="GBP")
# The catalogue shows links but may not know who builds them.
PRODUCT_LINK_BUILDER = "affiliates.services.links.product_url"
# The recommender learns from what people bought and may not know who keeps the books.
OUTCOMES_SOURCE = "affiliates.services.outcomes.outcomes"
# What asks the shop's API whether it still has a product.
PRODUCT_LOOKUP = "affiliates.services.shop_lookup.look_up"
# Clicks are told what their visitors were shown, and by which model, without knowing who serves.
CLICK_EVIDENCE = "recommendations.services.evidence.shown_with"

# --- Recommender ----------------------------------------------------------------------------

SEARCH_MEANING = "recommendations.services.meaning.at_hand"
RECOMMENDER_EMBEDDER = env.str("RECOMMENDER_EMBEDDER", default="auto")
RECOMMENDER_DEFAULT_COUNT = env.int("RECOMMENDER_DEFAULT_COUNT", default=10)
RECOMMENDER_MAX_COUNT = env.int("RECOMMENDER_MAX_COUNT", default=50)
RECOMMENDER_POLL_SECONDS = env.float("RECOMMENDER_POLL_SECONDS", default=2.0)
RECOMMENDER_GATE_TOLERANCE = env.float("RECOMMENDER_GATE_TOLERANCE", default=0.02)
RECOMMENDER_KEEP_ARTIFACTS = env.int("RECOMMENDER_KEEP_ARTIFACTS", default=3)
RECOMMENDER_DECK_SIZE = env.int("RECOMMENDER_DECK_SIZE", default=15)
RECOMMENDER_TRAIN_DAYS = env.int("RECOMMENDER_TRAIN_DAYS", default=730)
RECOMMENDER_EXPLORATION = env.float("RECOMMENDER_EXPLORATION", default=0.0)
RECOMMENDER_DEALS_AHEAD = env.bool("RECOMMENDER_DEALS_AHEAD", default=True)
# recommendations may not import affiliates: what it wants of it is named here.
RECOMMENDER_CLICK_EVIDENCE = "affiliates.services.evidence.clicks_in_sessions"
RECOMMENDER_RATES_AUDIT = "affiliates.services.evidence.shuffled_rates"
SWIPE_SESSION_DAYS = env.int("SWIPE_SESSION_DAYS", default=30)
TRENDING_HALF_LIFE_DAYS = env.float("TRENDING_HALF_LIFE_DAYS", default=7.0)

# --- Mail -----------------------------------------------------------------------------------

EMAIL_URL = env.str("EMAIL_URL", default="consolemail://")
globals().update(environ.Env.email_url_config(EMAIL_URL))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="GiftSync <hello@giftsync.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ADMIN_EMAILS = env.list("ADMIN_EMAILS", default=[])
ADMINS = [("", address) for address in ADMIN_EMAILS]
EMAIL_TIMEOUT = 10

# --- Storage and static files ---------------------------------------------------------------

S3_BUCKET = env.str("S3_BUCKET", default="")
S3_ENDPOINT_URL = env.str("S3_ENDPOINT_URL", default="")
S3_REGION = env.str("S3_REGION", default="eu-west-2")
S3_PREFIX = env.str("S3_PREFIX", default="artifacts")
ARTIFACT_CACHE_DIR = Path(env.str("ARTIFACT_CACHE_DIR", default=str(VAR_DIR / "artifacts")))
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where it is missing
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False
if not PRODUCTION:  # where the files are taken from static/ as they are
    warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
    "artifacts": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "artifacts")},
    },
}
if S3_BUCKET:
    from botocore.config import Config as BotoConfig

    STORAGES["artifacts"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": S3_REGION,
            "location": S3_PREFIX,
            "file_overwrite": True,
            # Its own limits are a minute each and five tries.
            "client_config": BotoConfig(
                connect_timeout=2, read_timeout=20, retries={"max_attempts": 2}
            ),
        },
    }

# --- Language and time ----------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en-gb")
LANGUAGES = [("en-gb", _("British English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/London")
USE_TZ = True

# --- Observability --------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION else "console")
SENTRY_DSN = env.str("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default=GIFTSYNC_MODE)
SENTRY_TRACES_SAMPLE_RATE = env.float("SENTRY_TRACES_SAMPLE_RATE", default=0.0)
METRICS_ENABLED = env.bool("METRICS_ENABLED", default=True)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
PROMETHEUS_EXPORT_MIGRATIONS = False
LOGGING_CONFIG = "giftsync.logging.configure"
LOGGING = {"version": 1}  # all of it is in there, but Django calls nothing for an empty one

# --- Analytics ------------------------------------------------------------------------------

POSTHOG_API_KEY = env.str("POSTHOG_API_KEY", default="")
POSTHOG_HOST = env.str("POSTHOG_HOST", default="https://eu.i.posthog.com")

# --- Feature flags --------------------------------------------------------------------------

FEATURES = {
    "swipe_deck": env.bool("FEATURE_SWIPE_DECK", default=True),
    "accounts": env.bool("FEATURE_ACCOUNTS", default=True),
    "similar_gifts": env.bool("FEATURE_SIMILAR_GIFTS", default=True),
}
