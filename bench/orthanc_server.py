"""Orthanc of the distribution (packages orthanc and orthanc-dicomweb) on loopback, its files synced."""
import json
import pathlib
import shutil
import subprocess
import time
import urllib.request

PLUGIN = pathlib.Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
START_SECONDS_MAX = 60


def missing():
    if shutil.which("Orthanc", path="/usr/sbin:/usr/bin") is None or not PLUGIN.exists():
        return "orthanc and orthanc-dicomweb are not installed"
    return ""


class Orthanc:
    token = "none"

    def __init__(self, folder, port):
        self.folder, self.port = pathlib.Path(folder), port
        self.folder.mkdir(parents=True)
        settings = self.folder / "orthanc.json"
        settings.write_text(json.dumps({
            "StorageDirectory": str(self.folder / "storage"), "IndexDirectory": str(self.folder / "storage"),
            "Plugins": [str(PLUGIN)], "HttpPort": port, "DicomServerEnabled": False, "SyncStorageArea": True,
            "TcpNoDelay": True, "KeepAlive": True, "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
            "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "EnableWado": True, "WadoRoot": "/wado",
                         "StudiesMetadata": "Full", "SeriesMetadata": "Full"},
        }))
        self.log = open(self.folder / "orthanc.log", "ab")
        self.process = subprocess.Popen(["/usr/sbin/Orthanc", str(settings)], stdin=subprocess.DEVNULL,
                                        stdout=self.log, stderr=self.log)
        begin = time.monotonic()
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/system", timeout=5) as answer:
                    self.version = json.load(answer)["Version"]
                return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() - begin > START_SECONDS_MAX:
                raise RuntimeError("no Orthanc: " + (self.folder / "orthanc.log").read_text()[-2000:])
            time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=120)
        self.log.close()
