"""A stand-in for a CloudFront distribution whose origin is a bucket and whose viewers need signed URLs: it makes
the canned policy again from the URL, checks its signature with the public key of the key group, and fetches the
object with credentials of its own. Its figures and answers are those of AWS's documentation:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html"""
import base64
import http.server
import json
import ssl
import subprocess
import threading
import time
import urllib.parse

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1

SIGNED_WITH = ("Expires", "Signature", "Key-Pair-Id")


def decoded(text):
    return base64.b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"), validate=True)


class CloudFrontServer:
    """`folder` gets its certificate; `s3` is boto3's client of the origin; `public_keys` by their ids."""

    def __init__(self, folder, s3, bucket, public_keys):
        self.certificate = folder / "cloudfront.pem"
        key = folder / "cloudfront.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", str(key), "-out", str(self.certificate)],
                       check=True, capture_output=True, timeout=60)
        distribution = self
        self.s3, self.bucket, self.public_keys = s3, bucket, public_keys

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                distribution.answer(self)

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.domain = f"localhost:{self.server.server_port}"

    def refusal(self, target):
        """Why the URL opens nothing; None when it does."""
        path, _, query = target.partition("?")
        pairs = [pair.split("=", 1) for pair in query.split("&") if pair]
        signed = {name: value for name, value in pairs if name in SIGNED_WITH}
        if set(signed) != set(SIGNED_WITH):
            return "MissingKey"
        kept = "&".join("=".join(pair) for pair in pairs if pair[0] not in SIGNED_WITH)
        resource = f"https://{self.domain}{path}" + (f"?{kept}" if kept else "")
        policy = json.dumps({"Statement": [{"Resource": resource, "Condition": {
            "DateLessThan": {"AWS:EpochTime": int(signed["Expires"])}}}]}, separators=(",", ":"))
        public_key = self.public_keys.get(signed["Key-Pair-Id"])
        if public_key is None:
            return "AccessDenied"
        try:
            public_key.verify(decoded(signed["Signature"]), policy.encode(), padding.PKCS1v15(), SHA1())
        except (InvalidSignature, ValueError):
            return "AccessDenied"
        return "AccessDenied" if time.time() >= int(signed["Expires"]) else None

    def answer(self, request):
        refused = self.refusal(request.path)
        if refused:
            return self.send(request, 403, "text/xml", f"<Error><Code>{refused}</Code></Error>".encode())
        path, _, query = request.path.partition("?")
        wanted = dict(urllib.parse.parse_qsl(query))
        more = {"ResponseContentType": wanted.get("response-content-type"),
                "ResponseContentDisposition": wanted.get("response-content-disposition"),
                "Range": request.headers.get("Range")}
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=urllib.parse.unquote(path[1:]),
                                       **{name: value for name, value in more.items() if value})
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            code = error.response["Error"]["Code"]
            return self.send(request, status, "text/xml", f"<Error><Code>{code}</Code></Error>".encode())
        return self.send(request, found["ResponseMetadata"]["HTTPStatusCode"], found["ContentType"],
                         found["Body"].read())

    @staticmethod
    def send(request, status, content_type, body):
        request.send_response(status)
        request.send_header("Content-Type", content_type)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
