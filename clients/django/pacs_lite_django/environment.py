"""The settings of a Django project that pacs-lite shares with it, as environment variables.

The archive reads the same names that the project's settings.py has, so that there is one place where
they are set."""
import os
import shlex

from django.conf import settings

# Every name that both sides know. Secrets are among them: the output is as secret as settings.py.
SHARED_NAMES = (
    "RADIOLOGY_STORAGE", "MEDIA_ROOT", "MEDIA_URL", "STATIC_URL",
    "FILE_UPLOAD_DIRECTORY_PERMISSIONS", "FILE_UPLOAD_PERMISSIONS",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_STORAGE_BUCKET_NAME",
    "AWS_S3_REGION_NAME", "AWS_S3_CUSTOM_DOMAIN", "AWS_CLOUDFRONT_KEY_ID", "AWS_CLOUDFRONT_KEY",
    "AWS_S3_ENDPOINT_URL", "AWS_S3_PUBLIC_ENDPOINT_URL", "MINIO_ENDPOINT_URL", "MINIO_PUBLIC_ENDPOINT_URL",
    "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "AWS_S3_USE_SSL", "AWS_S3_VERIFY", "AWS_S3_ADDRESSING_STYLE",
    "AWS_S3_FILE_OVERWRITE", "AWS_S3_OBJECT_PARAMETERS", "AWS_QUERYSTRING_EXPIRE",
    "RADIOLOGY_SIGNED_URLS", "OHIF_VIEWER_URL",
)
OCTAL_NAMES = ("FILE_UPLOAD_DIRECTORY_PERMISSIONS", "FILE_UPLOAD_PERMISSIONS")


def as_text(name, value):
    """As the archive reads it; nothing for a setting that is not set."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if name in OCTAL_NAMES:
        return format(value, "o")
    if isinstance(value, dict):
        import json
        return json.dumps(value, separators=(",", ":"))
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def shared_settings():
    """name -> text of every shared setting that this project sets itself."""
    found = {}
    for name in SHARED_NAMES:
        # Django's own defaults (an empty MEDIA_ROOT, 0o644) are nobody's choice.
        if not settings.is_overridden(name):
            continue
        text = as_text(name, getattr(settings, name))
        if text is not None:
            found[name] = text
    return found


def as_shell_lines(values):
    return "".join(f"export {name}={shlex.quote(text)}\n" for name, text in values.items())


def as_systemd_lines(values):
    """For EnvironmentFile= of the unit: double quotes, with \\ and " escaped."""
    def quoted(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return "".join(f"{name}={quoted(text)}\n" for name, text in values.items())
