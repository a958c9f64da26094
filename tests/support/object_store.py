"""A real S3-compatible server, SeaweedFS, for the time of a test run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from obstore.exceptions import BaseError
from obstore.store import S3Store

from tests.support.backends import free_port

BUCKET = "files"
SERVER = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
START_TIMEOUT = 60.0


@dataclass
class ObjectStore:
    """The server, with a bucket in it."""

    port: int
    lister: int
    """Port of the interface that shows what S3 does not, such as parts of unfinished uploads."""
    variables: Mapping[str, str] = field(init=False)
    """Environment by which a backend finds it."""

    def __post_init__(self) -> None:
        self.variables = {
            "AWS_ACCESS_KEY_ID": "test-key",
            "AWS_SECRET_ACCESS_KEY": "test-secret",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_REGION": "us-east-1",
        }

    def bucket(self, prefix: str = "") -> S3Store:
        """The bucket, as another program sees it."""
        return S3Store(
            BUCKET,
            prefix=prefix,
            access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
            endpoint=self.variables["AWS_ENDPOINT_URL"],
            region=self.variables["AWS_REGION"],
            client_options={"allow_http": True},
        )

    def keys(self, prefix: str) -> list[str]:
        """What lies in the bucket below a prefix."""
        return [found["path"] for page in self.bucket(prefix).list() for found in page]

    def unfinished_uploads(self) -> int:
        """Multipart uploads that were neither completed nor aborted."""
        answer = httpx.get(
            f"http://127.0.0.1:{self.lister}/buckets/{BUCKET}/.uploads/",
            headers={"accept": "application/json"},
        )
        return 0 if answer.status_code == 404 else len(answer.json()["Entries"] or ())


@contextlib.contextmanager
def serve_objects(folder: Path) -> Iterator[ObjectStore]:
    """Serve a folder as S3."""
    assert SERVER is not None
    services = ("master", "volume", "filer", "s3", "admin")
    ports = {name: free_port() for service in services for name in (service, f"{service}.grpc")}
    store = ObjectStore(ports["s3"], ports["filer"])
    names = {name: f"{name.removesuffix('.grpc')}.port" for name in ports}
    flags = [f"-{names[n]}{'.grpc' if n.endswith('.grpc') else ''}={p}" for n, p in ports.items()]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                SERVER,
                "mini",
                f"-dir={folder}",
                f"-bucket={BUCKET}",
                *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-admin.ui=false", "-webdav=false"),
                *("-s3.port.iceberg=0", "-s3.port.lance=0"),
                *flags,
            ],
            env={**os.environ, **store.variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT
        while not _takes(store):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield store
    finally:
        process.kill()
        process.wait()


def _takes(store: ObjectStore) -> bool:
    with contextlib.suppress(httpx.TransportError, BaseError, OSError):
        httpx.get(store.variables["AWS_ENDPOINT_URL"], timeout=5)
        store.bucket().put("ready", b"ready")
        return True
    return False
