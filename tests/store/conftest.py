"""What the bucket's tests share: two S3 servers of different makers, each with an empty bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.settings import Settings
from tests.servers import S3Server, moto_server, s3_server

BUCKET = "results"


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    folder = tmp_path_factory.mktemp("s3")
    (folder / BUCKET).mkdir()
    with s3_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def moto() -> Iterator[S3Server]:
    """It fails at presigned links while it checks who signs: what is about links takes rclone's."""
    with moto_server(BUCKET) as server:
        yield server


@pytest.fixture(params=["rclone", "moto"])
def s3(request: pytest.FixtureRequest) -> S3Server:
    """Each test that asks for it runs against both."""
    server: S3Server = request.getfixturevalue(request.param)
    return server


def settings(server: S3Server, **changes: Any) -> Settings:
    """Settings that name the server's bucket."""
    given = {
        "bucket": BUCKET,
        "access_key_id": server.key,
        "secret_access_key": server.secret,
        "endpoint_url": server.endpoint,
    }
    return Settings(**(given | changes))
