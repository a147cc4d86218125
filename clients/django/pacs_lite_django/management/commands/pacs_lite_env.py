from django.core.management.base import BaseCommand

from pacs_lite_django.environment import as_shell_lines, as_systemd_lines, shared_settings


class Command(BaseCommand):
    help = ("Prints the settings that pacs-lite shares with this project as environment variables. They hold secrets: "
            "write them to a file of mode 0600.")

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=("shell", "systemd"), default="shell",
                            help="shell: lines to source; systemd: for EnvironmentFile= (default: shell)")

    def handle(self, *args, **options):
        write = as_shell_lines if options["format"] == "shell" else as_systemd_lines
        self.stdout.write(write(shared_settings()), ending="")
