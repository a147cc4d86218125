"""The Django side of a pacs-lite archive. Add "pacs_lite_django" to INSTALLED_APPS."""
