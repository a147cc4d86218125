"""A small DICOM image of its own UIDs for the self-test, written by hand so that nothing must be installed."""
import struct
import uuid


def _element(group, number, vr, value):
    if isinstance(value, str):
        value = value.encode("ascii")
    if len(value) % 2:
        value += b"\0" if vr == "UI" else b" "
    head = struct.pack("<HH", group, number) + vr.encode()
    if vr in ("OB", "OW"):
        return head + b"\0\0" + struct.pack("<I", len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def make_test_image():
    """(bytes, SOP Instance UID): 16 by 16 pixels, Secondary Capture, explicit VR little endian."""
    sop_class = "1.2.840.10008.5.1.4.1.1.7"
    study, series, image = (f"2.25.{uuid.uuid4().int}" for _ in range(3))
    meta = (_element(2, 1, "OB", b"\0\1") + _element(2, 2, "UI", sop_class) + _element(2, 3, "UI", image)
            + _element(2, 0x10, "UI", "1.2.840.10008.1.2.1") + _element(2, 0x12, "UI", "2.25.1"))
    us = lambda value: struct.pack("<H", value)  # noqa: E731
    data_set = (_element(8, 0x16, "UI", sop_class) + _element(8, 0x18, "UI", image) + _element(8, 0x60, "CS", "OT")
                + _element(0x10, 0x10, "PN", "TEST^PACS-LITE") + _element(0x10, 0x20, "LO", "PACS-LITE-TEST")
                + _element(0x20, 0xd, "UI", study) + _element(0x20, 0xe, "UI", series) + _element(0x20, 0x13, "IS", "1")
                + _element(0x28, 2, "US", us(1)) + _element(0x28, 4, "CS", "MONOCHROME2")
                + _element(0x28, 0x10, "US", us(16)) + _element(0x28, 0x11, "US", us(16))
                + _element(0x28, 0x100, "US", us(8)) + _element(0x28, 0x101, "US", us(8))
                + _element(0x28, 0x102, "US", us(7)) + _element(0x28, 0x103, "US", us(0))
                + _element(0x7fe0, 0x10, "OW", bytes(range(256))))
    length = _element(2, 0, "UL", struct.pack("<I", len(meta)))
    return b"\0" * 128 + b"DICM" + length + meta + data_set, image
