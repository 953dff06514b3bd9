"""The endpoints, through the real client and through raw requests, against a launched app."""

import json
import time
import uuid
from pathlib import Path

import httpx
import pytest
import soundfile
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from engine import CloneRequest
from tests.ui.fakes import HEARD, MODELS

PARAMETERS = {
    "/clone": ["clip", "reference_text", "text", "model", "nfe", "cfg_strength", "sway_sampling", "speed", "seed",
               "cross_fade", "remove_silence", "pause", "format", "language"],
    "/transcribe": ["clip", "language"],
    "/models": [],
    "/health": [],
}  # fmt: skip


@pytest.fixture(scope="module")
def client(served):
    return Client(served.url, verbose=False)


@pytest.fixture
def sent(clip):
    return handle_file(str(clip))


def raw(url, fn_index, data):
    """What a request that no client of ours would send is answered; JSON may hold NaN."""
    session = uuid.uuid4().hex
    body = json.dumps({"data": data, "fn_index": fn_index, "session_hash": session})
    with httpx.Client(base_url=url, timeout=30) as http:
        joined = http.post("gradio_api/queue/join", content=body, headers={"content-type": "application/json"})
        if joined.status_code != 200:
            return {"success": False, "output": {"error": joined.text}}
        with http.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as lines:
            for line in lines.iter_lines():
                message = json.loads(line[6:]) if line.startswith("data:") else {}
                if message.get("msg") == "process_completed":
                    return message
    raise AssertionError("no answer")


def index_of(served, name):
    return next(i for i, fn in served.demo.fns.items() if fn.api_name == name)


def test_the_named_endpoints_are_these(served):
    named = served.demo.get_api_info()["named_endpoints"]
    assert {name: [p["parameter_name"] for p in info["parameters"]] for name, info in named.items()} == PARAMETERS
    assert {*PARAMETERS["/clone"]} == {*CloneRequest.__dataclass_fields__}
    defaults = {p["parameter_name"]: p["parameter_default"] for p in named["/clone"]["parameters"]}
    for name in PARAMETERS["/clone"][3:]:
        assert defaults[name] == getattr(CloneRequest, name), name


def test_every_endpoint_and_parameter_is_described(served):
    for name, info in served.demo.get_api_info()["named_endpoints"].items():
        assert len(info["description"]) > 40, name
        for parameter in info["parameters"]:
            assert parameter["python_type"]["description"], (name, parameter["parameter_name"])


def test_clone_returns_the_file_and_its_facts(client, sent):
    path, told = client.predict(sent, "", "Hello there", api_name="/clone")
    assert abs(soundfile.info(path).duration - 2.0) < 0.01
    assert Path(path).name == "timbre-hello-there-demo-1234567.wav"
    assert told["seed"] == 1234567
    assert told["duration"] == 2.0
    assert told["reference_text"] == HEARD.text
    assert told["model"] == "demo"
    assert told["seconds"]["speaking"] == 2.5
    assert len(told["take_id"]) == 32
    assert told["link"] == ""
    assert "bucket" in told["link_error"]


def test_clone_takes_every_parameter_by_name(client, served, sent):
    values = {"nfe": 7, "cfg_strength": 1.5, "sway_sampling": 0.0, "speed": 1.2, "seed": 42, "cross_fade": 0.1,
              "remove_silence": True, "pause": 1.0, "format": "flac", "language": "de", "model": "demo"}  # fmt: skip
    client.predict(clip=sent, reference_text="words", text="Hello", api_name="/clone", **values)
    asked = served.studio.requests[-1]
    assert {name: getattr(asked, name) for name in values} == values
    assert (asked.text, asked.reference_text) == ("Hello", "words")


def test_progress_reaches_the_jobs_status(client, served, sent):
    served.studio.pace, seen = 0.15, []
    try:
        job = client.submit(sent, "", "Hello there", api_name="/clone")
        while not job.done():
            if data := job.status().progress_data:
                seen.append((data[0].progress, data[0].desc))
            time.sleep(0.02)
    finally:
        served.studio.pace = 0.0
    assert [p for p, _ in seen] == sorted(p for p, _ in seen)
    assert len({p for p, _ in seen}) >= 6
    assert any("Step 2 of 4" in desc for _, desc in seen)
    assert any("Loading" in output[1].get("status", "") for output in job.outputs())
    assert any("Waiting: 2 jobs" in output[1].get("status", "") for output in job.outputs())


def test_cancel_stops_the_work(client, served, sent):
    studio = served.studio
    studio.pace, before, closed = 0.2, studio.steps, len(studio.closed)
    try:
        job = client.submit(sent, "", "Hello there", api_name="/clone")
        while studio.steps == before:
            time.sleep(0.02)
        job.cancel()
        deadline = time.monotonic() + 5
        while len(studio.closed) == closed and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        studio.pace = 0.0
    assert len(studio.closed) == closed + 1
    assert studio.steps - before <= 3


def test_transcribe_returns_text_language_and_words(client, sent):
    text, told = client.predict(sent, api_name="/transcribe")
    assert text == HEARD.text
    assert told == {"language": "en", "words": [{"text": w.text, "start": w.start, "end": w.end} for w in HEARD.words]}


def test_models_and_health_are_plain_values(client):
    models = client.predict(api_name="/models")
    assert [model["name"] for model in models] == [model.name for model in MODELS]
    assert models[1]["licence"] == "CC-BY-NC-4.0"
    assert client.predict(api_name="/health")["default_model"] == "demo"


WRONG = [
    ({"nfe": None}, "nfe must be a whole number from 1 to 64"),
    ({"nfe": "x"}, "nfe must be a whole number from 1 to 64"),
    ({"nfe": 7.5}, "nfe"), ({"nfe": 65}, "nfe"), ({"nfe": True}, "nfe"),
    ({"seed": "abc"}, "seed must be a whole number from 0 to 4294967295"), ({"seed": -1}, "seed"), ({"seed": 2**40}, "seed"),
    ({"speed": -1}, "speed must be a number from 0.3 to 2"), ({"speed": [1]}, "speed"),
    ({"cfg_strength": 1e308}, "cfg_strength"), ({"sway_sampling": 7}, "sway_sampling"), ({"cross_fade": {}}, "cross_fade"),
    ({"pause": "1"}, "pause"), ({"remove_silence": "yes"}, "remove_silence"), ({"format": "exe"}, "format"),
    ({"format": None}, "format"), ({"language": "../"}, "language"), ({"text": ""}, "to say"), ({"text": None}, "text"),
    ({"text": ["a"]}, "text"), ({"reference_text": 7}, "reference_text"), ({"model": 7}, "model"), ({"clip": None}, "voice"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "told"), WRONG)
def test_attack_36_a_wrong_value_gets_a_sentence(client, served, sent, wrong, told):
    before = len(served.studio.requests)
    with pytest.raises(AppError, match=told):
        client.predict(**({"clip": sent, "reference_text": "", "text": "Hello"} | wrong), api_name="/clone")
    assert len(served.studio.requests) == before


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), float("-inf"), 10**400], ids=["nan", "inf", "-inf", "huge"]
)
@pytest.mark.parametrize("name", ["nfe", "speed", "seed", "pause"])
def test_attack_36_no_number_at_all_gets_a_sentence(served, name, value):
    data = [None, "", "Hello", "", 16, 2.0, -1.0, 1.0, None, 0.15, False, 0.4, "wav", ""]
    data[PARAMETERS["/clone"].index(name)] = value
    answer = raw(served.url, index_of(served, "clone"), data)
    assert answer["success"] is False
    assert f"The parameter {name} must be" in answer["output"]["error"]


def test_attack_34_a_huge_text_is_refused_by_its_length(client, sent):
    with pytest.raises(AppError, match=r"100,?000"):
        client.predict(sent, "", "a" * 200_000, api_name="/clone")


def test_attack_17_no_endpoint_reads_a_path_it_is_given(served, tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(Path(Path(__file__).parents[2] / "assets/voices/ines.wav").read_bytes())
    heard, made = len(served.studio.requests), len(list(served.studio.settings.workspace.glob("clips/*")))
    tried = 0
    for index, fn in served.demo.fns.items():
        if fn.fn is None:
            continue
        places = [i for i, block in enumerate(fn.inputs) if block.get_block_name() == "audio"]
        for place in places:
            for path in (
                str(secret),
                "/etc/passwd",
                "/proc/self/environ",
                "../../../etc/passwd",
                "http://169.254.169.254/",
            ):
                for file in ({"path": path}, {"path": path, "meta": {"_type": "gradio.FileData"}}, path):
                    data = [getattr(block, "value", None) for block in fn.inputs]
                    data[place] = file
                    answer = raw(served.url, index, [None if hasattr(d, "__dataclass_fields__") else d for d in data])
                    assert answer["success"] is False, (fn.api_name, file)
                    assert "root:" not in json.dumps(answer)
                    tried += 1
    assert tried >= 3 * 15, "the page's own clip, /clone and /transcribe"
    assert len(served.studio.requests) == heard
    assert len(list(served.studio.settings.workspace.glob("clips/*"))) == made


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "{workspace}/clips", "{workspace}/takes", "{root}/app.py", "{root}/assets/demo/config.yaml"]
)
def test_attack_17_no_file_is_served_that_is_not_the_pages(served, path):
    path = path.format(workspace=served.studio.settings.workspace, root=Path(__file__).parents[2])
    file = next((str(f) for f in Path(path).rglob("*") if f.is_file()), path) if Path(path).is_dir() else path
    assert httpx.get(f"{served.url}gradio_api/file={file}").status_code in (403, 404)


def test_example_voices_are_served(served, clip):
    answer = httpx.get(f"{served.url}gradio_api/file={clip}")
    assert answer.content == clip.read_bytes()


def test_the_page_asks_nothing_of_other_hosts(served):
    page = httpx.get(served.url).text
    for host in ("fonts.googleapis.com", "fonts.gstatic.com", "cdnjs", "huggingface.co/analytics"):
        assert f'href="https://{host}' not in page
        assert f'src="https://{host}' not in page


def test_a_client_that_goes_away_stops_the_work(served, clip):
    studio, session = served.studio, uuid.uuid4().hex
    studio.pace, before, closed = 0.2, studio.steps, len(studio.closed)
    try:
        with httpx.Client(base_url=served.url, timeout=30) as http:
            path = http.post("gradio_api/upload", files={"files": clip.read_bytes()}).json()[0]
            file = {"path": path, "meta": {"_type": "gradio.FileData"}}
            data = [file, "", "Hello", "", 16, 2.0, -1.0, 1.0, None, 0.15, False, 0.4, "wav", ""]
            body = {"data": data, "fn_index": index_of(served, "clone"), "session_hash": session}
            assert http.post("gradio_api/queue/join", json=body).status_code == 200
            with http.stream("GET", "gradio_api/queue/data", params={"session_hash": session}):
                while studio.steps == before:
                    time.sleep(0.02)
        deadline = time.monotonic() + 5
        while len(studio.closed) == closed and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        studio.pace = 0.0
    assert len(studio.closed) == closed + 1
    assert studio.steps - before < 8, "it did not run to its end"
