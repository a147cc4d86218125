from django.apps import AppConfig


class PacsLiteConfig(AppConfig):
    name = "pacs_lite_django"
    verbose_name = "pacs-lite"
