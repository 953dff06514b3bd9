"""The bucket against a real S3 server, and what a person reads when it fails."""

from __future__ import annotations

import hashlib
import logging
import re
import socket
import time
import traceback
from email.message import Message
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExportFailed
from engine.settings import Settings
from engine.store import S3
from engine.store.cache import SourceFailed
from engine.store.s3 import METADATA_BYTES, disposition, encode_metadata, region_of
from tests.servers import S3Server, free_port, get
from tests.store.conftest import BUCKET, settings


def bucket(server: S3Server, **changes: object) -> S3:
    s3 = S3.of(settings(server, **changes))
    assert s3 is not None
    return s3


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    file = tmp_path / "take.wav"
    file.write_bytes(b"RIFF" + bytes(range(256)) * 40)
    return file


def refused(s3: S3, file: Path) -> str:
    with pytest.raises(ExportFailed) as failure:
        s3.put(file, "output/a.wav", "audio/wav", {})
    return str(failure.value)


def test_no_bucket_is_no_storage() -> None:
    assert S3.of(Settings(bucket="")) is None


def test_stored_with_type_and_metadata_and_fetched_by_link(rclone: S3Server, sound: Path) -> None:
    s3 = bucket(rclone)
    metadata = {"generator": "Timbre", "text": "Schöne Grüße, 你好\nnew line"}
    s3.put(sound, "output/a.wav", "audio/wav", metadata)
    status, headers, body = get(s3.link("output/a.wav", 60, "timbre-grüße-42.wav"))
    assert status == 200
    assert body == sound.read_bytes()
    assert headers["content-type"] == "audio/wav"
    assert headers["x-amz-meta-generator"] == "Timbre"
    assert unquote(headers["x-amz-meta-text"]) == metadata["text"]
    told = Message()
    told["Content-Disposition"] = headers["content-disposition"]
    assert told.get_content_disposition() == "attachment"
    assert unquote(headers["content-disposition"].rpartition("''")[2]) == "timbre-grüße-42.wav"


def test_what_is_stored_is_listed_and_comes_back_in_parts(s3: S3Server, tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    big.write_bytes(bytes(range(256)) * 78_125 + b"end")
    size = big.stat().st_size
    store = bucket(s3)
    store.put(big, "parts/big.bin", "audio/wav", {"generator": "Timbre"})
    (stored,) = store.objects("parts/")
    assert (stored.key, stored.size) == ("parts/big.bin", size)
    assert abs(stored.modified - time.time()) < 60
    assert b"".join(store.pieces("parts/big.bin", 0, size)) == big.read_bytes()
    assert b"".join(store.pieces("parts/big.bin", size - 5, size)) == big.read_bytes()[-5:]
    with pytest.raises(SourceFailed, match="broke off or sent too little; try again"):
        list(store.pieces("parts/big.bin", size - 5, size + 5))


def test_20_mb_go_up_in_parts(rclone: S3Server, tmp_path: Path) -> None:
    big = tmp_path / "big.wav"
    big.write_bytes(bytes(range(256)) * 78_125 + b"end")
    s3 = bucket(rclone)
    s3.put(big, "output/big.wav", "audio/wav", {"generator": "Timbre"})
    status, headers, body = get(s3.link("output/big.wav", 60, "big.wav"))
    assert status == 200
    assert hashlib.sha256(body).digest() == hashlib.sha256(big.read_bytes()).digest()
    assert headers["content-type"] == "audio/wav"
    assert headers["x-amz-meta-generator"] == "Timbre"


@pytest.mark.parametrize("key", ["output/a b+c&d=e?f#g%h.wav", "output/über 你好.wav", "output/'quoted\".wav"])
def test_odd_keys_come_back(rclone: S3Server, sound: Path, key: str) -> None:
    s3 = bucket(rclone)
    s3.put(sound, key, "audio/wav", {})
    assert get(s3.link(key, 60, "a.wav"))[2] == sound.read_bytes()


def test_attack_41_a_link_ends_with_its_time(rclone: S3Server, sound: Path) -> None:
    """ATTACKS 41: a presigned link used again after its time."""
    s3 = bucket(rclone)
    s3.put(sound, "output/short.wav", "audio/wav", {})
    link, begun = s3.link("output/short.wav", 2, "short.wav"), time.monotonic()
    assert get(link)[2] == sound.read_bytes()
    while (answer := get(link))[0] == 200:
        assert time.monotonic() - begun < 10
        time.sleep(0.1)
    assert answer[0] in (400, 403)  # rclone answers 400, AWS 403
    assert answer[2] != sound.read_bytes()


def test_a_link_serves_its_own_key_only(rclone: S3Server, sound: Path) -> None:
    """ATTACKS 42: another person's key in a request."""
    s3 = bucket(rclone)
    s3.put(sound, "output/mine.wav", "audio/wav", {})
    s3.put(sound, "output/yours.wav", "audio/wav", {})
    assert get(s3.link("output/mine.wav", 60, "a.wav").replace("mine.wav", "yours.wav", 1))[0] == 403


def test_links_are_signed_v4(rclone: S3Server) -> None:
    link = bucket(rclone).link("output/a.wav", 900, "a.wav")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link
    assert f"/{BUCKET}/output/a.wav?" in link


def test_wrong_secret(s3: S3Server, sound: Path) -> None:
    assert "AWS_SECRET_ACCESS_KEY" in refused(bucket(s3, secret_access_key="x" * 40), sound)


def test_wrong_key(s3: S3Server, sound: Path) -> None:
    assert "AWS_ACCESS_KEY_ID" in refused(bucket(s3, access_key_id="AKIAWRONGWRONGWRONG"), sound)


def test_no_such_bucket(s3: S3Server, sound: Path) -> None:
    message = refused(bucket(s3, bucket="not-there"), sound)
    assert "not-there" in message
    assert "S3_BUCKET" in message


def test_a_bucket_no_server_could_have(s3: S3Server, sound: Path) -> None:
    assert "S3_BUCKET" in refused(bucket(s3, bucket="no such/bucket"), sound)


def test_unreachable_server_is_told_soon(rclone: S3Server, sound: Path) -> None:
    began = time.monotonic()
    message = refused(bucket(rclone, endpoint_url=f"http://127.0.0.1:{free_port()}"), sound)
    assert "cannot be reached" in message
    assert "AWS_ENDPOINT_URL" in message
    assert time.monotonic() - began < 20


def test_a_server_that_takes_no_connections_is_told_soon(rclone: S3Server, sound: Path) -> None:
    """Connections to a full listener neither fail nor succeed."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        time.sleep(0.1)
        began = time.monotonic()
        given = settings(rclone, endpoint_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        message = refused(S3(given, patience=(0.5, 1)), sound)
    assert "cannot be reached" in message
    assert 0.5 < time.monotonic() - began < 10


def test_unknown_host(rclone: S3Server, sound: Path) -> None:
    assert "s3.example.invalid cannot be reached" in refused(
        bucket(rclone, endpoint_url="https://s3.example.invalid"), sound
    )


@pytest.mark.parametrize("address", ["s3.example.com", "http://", "http://[", "ftp//x", "http://host:port"])
def test_bad_address(rclone: S3Server, sound: Path, address: str) -> None:
    assert "AWS_ENDPOINT_URL" in refused(bucket(rclone, endpoint_url=address), sound)


def test_no_credentials(rclone: S3Server, sound: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    store = bucket(rclone, access_key_id="", secret_access_key="")
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in refused(store, sound)
    with pytest.raises(ExportFailed, match="AWS_ACCESS_KEY_ID"):
        store.link("output/a.wav", 60, "a.wav")


def test_file_gone(rclone: S3Server, tmp_path: Path) -> None:
    assert "generate it again" in refused(bucket(rclone), tmp_path / "gone.wav")


def test_after_a_failure_the_same_bucket_works(rclone: S3Server, sound: Path) -> None:
    s3 = bucket(rclone)
    refused(s3, sound.with_name("gone.wav"))
    s3.put(sound, "output/again.wav", "audio/wav", {})
    assert get(s3.link("output/again.wav", 60, "a.wav"))[0] == 200


def test_no_secret_is_told(s3: S3Server, sound: Path, caplog: pytest.LogCaptureFixture) -> None:
    """ATTACKS 46: the S3 secret in a traceback."""
    key, secret = "AKIASECRETIVEKEY1234", "very/secret+indeed" * 2
    shown = []
    with caplog.at_level(logging.INFO):
        for changes in ({}, {"bucket": "not-there"}, {"endpoint_url": "http://127.0.0.1:9"}, {"endpoint_url": "x"}):
            store = bucket(s3, **({"access_key_id": key, "secret_access_key": secret} | changes))
            try:
                store.put(sound, "output/a.wav", "audio/wav", {})
            except ExportFailed as error:
                shown += [str(error), repr(error), *traceback.format_exception(error)]
                inside = error.__traceback__ and error.__traceback__.tb_next  # this test's own frame knows the secret
                told = traceback.TracebackException(ExportFailed, error, inside, capture_locals=True)
                shown += told.format(chain=False)
            shown.append(repr(store))
    everything = "".join(shown) + caplog.text
    assert everything.count("could not be exported") >= 4
    assert secret not in everything
    assert key not in everything


@given(st.dictionaries(st.from_regex(r"[a-z]{1,12}", fullmatch=True), st.text(max_size=4000), max_size=6))
def test_metadata_is_ascii_bounded_and_cut_between_characters(metadata: dict[str, str]) -> None:
    encoded = encode_metadata(metadata)
    assert list(encoded) == list(metadata)
    assert sum(len(name) + len(value) for name, value in encoded.items()) <= METADATA_BYTES
    for name, value in encoded.items():
        assert re.fullmatch(r"[ -~]*", value)
        back = unquote(value, errors="strict")
        assert metadata[name].encode(errors="replace").decode().strip().startswith(back.strip())


def test_short_metadata_is_kept_whole() -> None:
    metadata = {"seed": "42", "text": "x" * 5000, "model": "demo"}
    encoded = encode_metadata(metadata)
    assert (encoded["seed"], encoded["model"]) == ("42", "demo")
    assert len(encoded["text"]) > 900


@given(st.text(max_size=300))
def test_no_file_name_breaks_out_of_its_header(name: str) -> None:
    assert re.fullmatch(r"attachment; filename=\"[\w.-]*\"; filename\*=UTF-8''[\w.~%-]*", disposition(name), re.ASCII)


def test_region_where_none_is_set() -> None:
    assert region_of("https://s3.us-west-004.backblazeb2.com") == "us-west-004"
    assert region_of("https://account.r2.cloudflarestorage.com") == "auto"
    assert region_of("http://127.0.0.1:9000") == "us-east-1"
    assert region_of("") is None
