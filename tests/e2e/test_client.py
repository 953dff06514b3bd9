"""Timbre from the Gradio Python client: what README shows, progress, cancelling, the link, and hostile requests."""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from ..conftest import read, words_missed
from ..servers import get
from .conftest import ROOT, running

LINE = "The windows are open, and the kettle is on."


@pytest.fixture(scope="module")
def client(app):
    return Client(app.url, verbose=False)


def clone(client, clip, words="", text="Hello there", **more):
    return client.predict(handle_file(str(clip)), words, text, api_name="/clone", **more)


def test_the_window_answers_at_once(app, tmp_path_factory):
    """Within 5 seconds, or twice what gradio alone takes to be imported here: the best of three starts counts."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "import gradio"], check=True)
    most = max(5.0, 2 * (time.monotonic() - begun))
    seconds = [app.seconds_to_answer]
    while min(seconds) > most and len(seconds) < 3:
        with running(tmp_path_factory.mktemp("again")) as again:
            seconds.append(again.seconds_to_answer)
    assert min(seconds) <= most


def test_the_readme_example_runs(app, monkeypatch, capsys):
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
    monkeypatch.chdir(ROOT)
    exec(code.replace("http://127.0.0.1:7860/", app.url), {})
    printed = capsys.readouterr().out.strip().splitlines()[-1]
    assert "ladder by the kitchen door" in printed.lower()


def test_a_clone_tells_everything_about_itself(client, voice, listen, whose):
    audio, facts = clone(client, voice[0], voice[1], LINE, seed=7, nfe=7)
    samples = read(audio)
    assert len(samples) / 24_000 == pytest.approx(facts["duration"], abs=0.01)
    assert facts["duration"] == pytest.approx(2.5, abs=1.5)
    assert facts["seed"] == 7
    assert facts["model"] == "demo"
    assert facts["reference_text"] == voice[1]
    assert {"reading", "speaking", "finishing"} <= facts["seconds"].keys()
    assert re.fullmatch(r"[0-9a-f]{32}", facts["take_id"])
    assert whose(audio) == "tomas"
    assert words_missed(LINE, listen(audio).text) <= 0.12, "one of nine at most"
    again, _ = clone(client, voice[0], voice[1], LINE, seed=7, nfe=7)
    assert np.abs(read(again) - samples).max() < 2e-3


def test_the_link_gives_the_same_file_from_the_bucket(client, voice, bucket):
    audio, facts = clone(client, voice[0], voice[1], format="flac")
    status, headers, body = get(facts["link"])
    assert status == 200
    assert headers["content-type"] == "audio/flac"
    assert "timbre-hello-there" in headers["content-disposition"]
    assert body == Path(audio).read_bytes()
    assert (bucket[1] / "output" / f"{facts['take_id']}.flac").read_bytes() == body
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in facts["link"]


def test_transcribe_hears_the_human_clip(client, human):
    text, facts = client.predict(handle_file(str(human[0])), api_name="/transcribe")
    plain = "".join(c for c in text.lower() if c.isalpha() or c == " ")
    assert plain == "".join(c for c in human[1].lower() if c.isalpha() or c == " ")
    assert facts["language"] == "en"
    assert len(facts["words"]) == len(human[1].split())
    assert facts["words"][0]["start"] < facts["words"][0]["end"]


def test_a_clip_is_examined_cured_and_compared(client, human):
    report = client.predict(handle_file(str(human[0])), api_name="/analyze_reference")
    whole = len(read(human[0])) / 24_000
    assert report["seconds"] == pytest.approx(whole, abs=0.1)
    assert 0 < report["speech_seconds"] <= report["seconds"]
    assert report["grade"] in ("good", "fair", "poor")
    cured = client.predict(handle_file(str(human[0])), level=True, end=2.0, api_name="/cure")
    samples = read(cured)
    assert len(samples) / 24_000 == pytest.approx(2.0, abs=0.05)
    assert 20 * np.log10(np.sqrt(np.mean(samples**2))) == pytest.approx(-20, abs=2)
    stretches = client.predict(handle_file(str(human[0])), human[1], api_name="/stretches")
    assert stretches
    for stretch in stretches:
        assert 0 <= stretch["start"] < stretch["end"] <= whole + 0.1
        assert set(stretch["text"].lower().split()) <= set(human[1].lower().split())
    heard, _ = client.predict(handle_file(str(human[0])), api_name="/transcribe")
    assert client.predict(human[1], heard, api_name="/compare")[1] == 1


@pytest.mark.parametrize("format", ["wav", "ogg"])
def test_a_result_comes_back_from_its_file_and_is_known_as_ours(client, voice, human, format):
    values = {"seed": 7, "nfe": 7, "speed": 1.1, "pause": 1.0, "loudness": "podcast", "format": format}
    expected = client.predict(
        clip=handle_file(str(voice[0])), reference_text=voice[1], text=LINE, api_name="/estimate", **values
    )
    audio, facts = clone(client, voice[0], voice[1], LINE, **values)
    assert expected["chunks"] == 1
    assert expected["speech_seconds"] == pytest.approx(facts["duration"], rel=0.3)
    made = client.predict(handle_file(audio), api_name="/restore")["request"]
    assert made | values == made
    assert (made["text"], made["reference_text"], made["model"]) == (LINE, voice[1], "demo")
    ours = client.predict(handle_file(audio), api_name="/detect")
    assert (ours["marked"], ours["tagged"]) == (True, True)
    theirs = client.predict(handle_file(str(human[0])), api_name="/detect")
    assert (theirs["marked"], theirs["tagged"]) == (False, False)


def test_models_and_health_load_nothing_and_a_wrong_secret_leaves_the_audio_and_says_why(
    tmp_path_factory, bucket, voice
):
    server, _ = bucket
    with running(
        tmp_path_factory.mktemp("wrong"),
        S3_BUCKET="timbre", AWS_ACCESS_KEY_ID=server.key, AWS_SECRET_ACCESS_KEY="not-the-secret",
        AWS_ENDPOINT_URL=server.endpoint,
    ) as app:  # fmt: skip
        client = Client(app.url, verbose=False)
        models = client.predict(api_name="/models")
        names = {model["name"]: model for model in models}
        assert names["demo"]["ready"]
        assert names["demo"]["default"]
        assert names["F5TTS_v1_Base"]["licence"] == "CC-BY-NC-4.0"
        health = client.predict(api_name="/health")
        assert health["model"] == ""
        assert not health["whisper_loaded"]
        resident = int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{app.process.pid}/status").read_text())[1])
        assert resident < 500_000, "something heavy was imported"
        audio, facts = clone(client, voice[0], voice[1], nfe=1)
        assert read(audio).size
        assert not facts["link"]
        assert "AWS_SECRET_ACCESS_KEY" in facts["link_error"] or "secret" in facts["link_error"].lower()
        assert "not-the-secret" not in app.log.read_text() + json.dumps(facts)


def test_progress_reaches_the_client_step_by_step(client, voice):
    job = client.submit(handle_file(str(voice[0])), voice[1], LINE, nfe=16, api_name="/clone")
    told = []
    while not job.done():
        progress = job.status().progress_data
        if progress and (not told or told[-1] != progress[-1].desc):
            told.append(progress[-1].desc)
        time.sleep(0.01)
    job.result()
    assert len([line for line in told if "step" in line.lower()]) >= 8


def test_cancel_stops_the_work(client, voice):
    long = "\n\n".join([LINE] * 30)
    job = client.submit(handle_file(str(voice[0])), voice[1], long, nfe=32, api_name="/clone")
    deadline = time.monotonic() + 60
    while client.predict(api_name="/health")["running"] == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    job.cancel()
    begin = time.monotonic()
    while client.predict(api_name="/health")["running"] and time.monotonic() < begin + 20:
        time.sleep(0.05)
    assert client.predict(api_name="/health")["running"] == 0
    assert time.monotonic() - begin < 10
    assert clone(client, voice[0], voice[1], nfe=1)[1]["duration"] > 0.3


BAD = [
    ({"text": ""}, "say"),
    ({"text": "  \n "}, "say"),
    ({"text": "!!! ***"}, ""),
    ({"text": "a" * 200_000}, "100"),
    ({"nfe": -1}, "nfe"),
    ({"nfe": 1e9}, "nfe"),
    ({"nfe": "many"}, "nfe"),
    ({"speed": 0}, "speed"),
    ({"seed": -4}, "seed"),
    ({"seed": 2**70}, "seed"),
    ({"seed": "abc"}, "seed"),
    ({"cfg_strength": 1e300}, "cfg_strength"),
    ({"pause": [1]}, "pause"),
    ({"model": "../../etc/passwd"}, ""),
    ({"format": "exe"}, ""),
]


@pytest.mark.parametrize(("changes", "words"), BAD, ids=lambda v: str(v)[:40])
def test_attack_36_what_cannot_be_done_comes_back_as_one_sentence(client, voice, changes, words):
    with pytest.raises((AppError, ValueError)) as caught:
        clone(client, voice[0], voice[1], **{"text": "Hello there", **changes})
    sentence = str(caught.value)
    assert words in sentence
    assert "Traceback" not in sentence
    assert len(sentence) < 600


def test_bad_clips_come_back_as_one_sentence(client, tmp_path):
    sf.write(tmp_path / "short.wav", np.random.default_rng(1).normal(0, 0.1, 7200), 24_000)
    sf.write(tmp_path / "silent.wav", np.zeros(72_000), 24_000)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("not a sound at all" * 50)
    (tmp_path / "list.wav").write_text("#EXTM3U\n/etc/passwd\n")
    sf.write(tmp_path / "long.flac", np.zeros(3600 * 8000, np.int16), 8000)  # an hour in few bytes
    for name in ("short.wav", "silent.wav", "empty.wav", "text.wav", "list.wav", "long.flac"):
        with pytest.raises((AppError, ValueError)) as caught:
            clone(client, tmp_path / name, "some words")
        sentence = str(caught.value)
        assert "Traceback" not in sentence
        assert "clip" in sentence.lower() or "file" in sentence.lower() or "sound" in sentence.lower(), sentence


def post(app, path, body):
    request = urllib.request.Request(app.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def call(app, name, data):
    """Run an endpoint past the client, as an attacker would: its last event."""
    status, body = post(app, f"gradio_api/call/{name}", {"data": data})
    if status != 200:
        return body
    event = json.loads(body)["event_id"]
    with urllib.request.urlopen(f"{app.url}gradio_api/call/{name}/{event}", timeout=60) as stream:
        return stream.read().decode()


def test_attack_17_no_endpoint_reads_a_path_it_is_given(app, client):
    secret = Path("/etc/hostname")
    words = secret.read_text().strip()
    for file in (
        {"path": str(secret)},
        {"path": str(secret), "meta": {"_type": "gradio.FileData"}},
        {"path": "/proc/self/environ", "meta": {"_type": "gradio.FileData"}},
        {"url": "file:///etc/hostname", "path": "x", "meta": {"_type": "gradio.FileData"}},
    ):
        whole = [file, "words", "Hello there", "", 7, 2, -1, 1, 7, 0.15, False, 0.4, "wav", "", ""]
        asked = {"clone": whole, "estimate": whole, "transcribe": [file, ""], "stretches": [file, "", "", ""],
                 "cure": [file, False, False, False, None, None]}  # fmt: skip
        asked |= {name: [file] for name in ("restore", "detect")} | {"analyze_reference": [file, ""]}
        for name, data in asked.items():
            answer = call(app, name, data)
            assert "complete" not in answer.split("\n")[0], answer[:300]
            assert words not in answer.replace(app.url, "")


def test_attack_17_every_endpoint_of_the_page_refuses_paths(app):
    config = json.loads(urllib.request.urlopen(app.url + "config", timeout=10).read())
    named = [d["api_name"] for d in config["dependencies"] if d["api_name"]]
    assert {"clone", "transcribe", "cure", "restore", "detect"} <= set(named)
    file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    for dependency in config["dependencies"]:
        if dependency["api_name"]:
            answer = call(app, dependency["api_name"], [file] * len(dependency["inputs"]))
            assert "root:x:0" not in answer


def test_attack_20_the_pages_file_field_reads_no_path_it_is_given(app):
    """Attack 20 was on gr.File; our page has one, for a file to be looked into."""
    config = json.loads(urllib.request.urlopen(app.url + "config", timeout=10).read())
    field = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "restore_file")
    looking = [d for d in config["dependencies"] if field in d["inputs"]]
    assert looking
    for dependency in looking:
        for path in ("/etc/passwd", "/proc/self/environ", str(ROOT / "app.py")):
            for file in ({"path": path, "meta": {"_type": "gradio.FileData"}}, {"path": path}, path):
                data = [file if id == field else None for id in dependency["inputs"]]
                body = {"data": data, "fn_index": dependency["id"], "session_hash": uuid.uuid4().hex}
                status, answer = post(app, "gradio_api/queue/join", body)
                if status == 200:
                    events = f"{app.url}gradio_api/queue/data?session_hash={body['session_hash']}"
                    answer = urllib.request.urlopen(events, timeout=30).read().decode()
                    assert '"success":false' in answer.replace(" ", "")
                assert "root:x:0" not in answer


def test_attack_18_20_no_component_server_and_no_file_explorer(app):
    for path in ("gradio_api/component_server", "component_server"):
        status, _ = post(app, path, {"session_hash": "x", "component_id": 1, "fn_name": "ls", "data": ["/"]})
        assert status in (404, 405, 422, 500, 403)
    config = json.loads(urllib.request.urlopen(app.url + "config", timeout=10).read())
    kinds = {component["type"] for component in config["components"]}
    assert not kinds & {"fileexplorer", "code"}


def test_attack_19_no_letter_case_opens_what_is_not_served(app):
    for path in ("/etc/passwd", "/ETC/PASSWD", str(ROOT / "app.py"), str(ROOT / "APP.PY"), str(ROOT / ".git/config")):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{app.url}gradio_api/file={path}", timeout=10)
        assert refused.value.code in (403, 404)


def test_attack_13_14_nothing_is_fetched_from_elsewhere(app):
    for url in ("http://169.254.169.254/latest/meta-data/", "http://localhost:9/x.wav"):
        file = {"path": url, "url": url, "meta": {"_type": "gradio.FileData"}}
        assert "complete" not in call(app, "transcribe", [file, ""]).split("\n")[0]
        try:
            status = urllib.request.urlopen(f"{app.url}gradio_api/file={url}", timeout=10).status
        except urllib.error.HTTPError as error:
            status = error.code
        assert status in (403, 404, 400)


def test_attack_45_46_a_log_line_is_one_line_and_holds_no_words_and_no_secret(app, client, voice, bucket):
    before = len(app.log.read_text())
    clone(client, voice[0], voice[1], "Hello\nthere \x1b[31m red", nfe=1)
    with pytest.raises(AppError):
        clone(client, voice[0], voice[1], "Hello there", model="a\nb\x1b[31m")
    log = app.log.read_text()[before:]
    assert bucket[0].secret not in app.log.read_text()
    assert "\x1b[31m" not in log
    assert "Hello" not in log
    assert "Traceback" not in log
    assert re.search(r"job [0-9a-f]{32}", log)
