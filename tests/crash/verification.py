"""The archive's own verification, where it has one: after a crash it is quiet but for what the crash left."""
import time

VERIFY = "/api/v1/archive/verify/"
# Blobs of ingests and of removals that were cut: whole, never served, and called by their name.
LEFT_BY_CRASHES = {"cut_ingest", "removed_blob"}
WAIT_SECONDS = 120


def has_verification(server) -> bool:
    return VERIFY in server.client().call("GET", "/api/openapi.json").json()["paths"]


def verify_is_quiet(server, complaint=AssertionError) -> bool:
    """Raises `complaint` when it finds anything else; False when this archive has no verification."""
    if not has_verification(server):
        return False
    report = verification_report(server, complaint)
    wrong = [finding for finding in report["findings"] if finding["kind"] not in LEFT_BY_CRASHES]
    if report["state"] != "finished" or wrong or report["needing_attention"]:
        raise complaint(f"verification finds: {report['state']} {report['error']} {wrong[:10]}")
    return True


def verification_report(server, complaint=AssertionError) -> dict:
    """Of a pass that reads everything and repairs nothing."""
    client = server.client()
    started = client.post_json(VERIFY, {"hashes": True, "repair": False})
    if started.status != 202:
        raise complaint(f"verification was not started: {started}")
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        report = client.call("GET", VERIFY).json()
        # Before the pass has begun there is no report, or an older one.
        if report.get("number", 0) >= started.json()["number"] and report["state"] != "running":
            break
        if time.monotonic() > deadline:
            raise complaint(f"verification does not end: {report}")
        time.sleep(0.01)
    client.close()
    return report
