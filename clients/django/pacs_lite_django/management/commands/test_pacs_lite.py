import hashlib
import time
import uuid

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from pacs_lite_django.archive import Archive, ArchiveError
from pacs_lite_django.test_image import make_test_image

TEST_ORDER_ID = 2**53 - 1  # the largest that the archive takes; no real order has it


class Command(BaseCommand):
    help = ("Sends a test image through the archive as an offline client does, in six steps, and removes it again. "
            "Uses PACS_LITE_URL and PACS_LITE_TOKEN of the settings.")

    def add_arguments(self, parser):
        parser.add_argument("--url", default=getattr(settings, "PACS_LITE_URL", "http://127.0.0.1:8042"))
        parser.add_argument("--token", default=getattr(settings, "PACS_LITE_TOKEN", None),
                            help="a token with the roles uploader and reader; with admin the test image is removed again, for good")

    def handle(self, *args, **options):
        if not options["token"]:
            raise CommandError("no token: set PACS_LITE_TOKEN in the settings, or give --token")
        archive = Archive(options["url"], options["token"])
        try:
            image_id = self.run_steps(archive)
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        self.remove(archive, image_id)
        self.stdout.write(self.style.SUCCESS("the archive works"))

    def remove(self, archive, image_id):
        """For good: in the trash it would be found by everybody who looks there for a month."""
        status, answer = archive.request("DELETE", f"/api/v1/radiology/images/{image_id}/?now=true")
        if status == 200:
            self.stdout.write("the test image is removed again, for good")
        elif status == 403:
            self.stdout.write(f"the test image {image_id} stays (removing it takes an administrator's token)")
        else:
            self.stdout.write(f"the test image {image_id} stays: removing it was answered {status}: "
                              f"{answer[:500].decode(errors='replace')}")

    def run_steps(self, archive):
        image_uuid = str(uuid.uuid4())
        name = "pacs-lite-test.dcm"
        content, image_uid = self.step(1, "make a test image", make_test_image)
        self.step(2, "upload its metadata", lambda: archive.upload_metadata(
            image_uuid, content, name, {"image_uid": image_uid, "patient_id": "PACS-LITE-TEST"},
            radiology_order_id=TEST_ORDER_ID))
        stored = self.step(3, "upload its bytes", lambda: archive.upload_binary(image_uuid, content, name))
        self.step(4, "get the acknowledgement with the right hash", lambda: self.check_receipt(archive, image_uuid, content))
        url = self.step(5, "get a signed URL", lambda: archive.image_url(stored["id"]))
        self.step(6, "fetch the same bytes by it", lambda: self.check_fetch(archive, url, content))
        return stored["id"]

    def step(self, number, what, work):
        begin = time.monotonic()
        result = work()
        self.stdout.write(f"{number}/6 {what}: ok ({(time.monotonic() - begin) * 1000:.0f} ms)")
        return result

    @staticmethod
    def check_receipt(archive, image_uuid, content):
        receipt = archive.acknowledge(image_uuid)["receipt"]
        if receipt["sha256"] != hashlib.sha256(content).hexdigest() or not receipt["signature"]:
            raise ArchiveError("the receipt is not for the bytes that were sent")

    @staticmethod
    def check_fetch(archive, url, content):
        status, answer = archive.request("GET", url, authorised=False)
        if status != 200 or answer != content:
            raise ArchiveError(f"the URL was answered {status} with {len(answer)} bytes, not the bytes that were sent")
        refused, _ = archive.request("GET", url[:-4] + "AAAA", authorised=False)
        if refused != 403:
            raise ArchiveError(f"a forged URL was answered {refused}, not 403")
