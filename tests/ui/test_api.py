"""The endpoints, through the real client and through raw requests, against a launched app."""

import hashlib
import json
import os
import re
import time
import uuid
from dataclasses import asdict, replace
from pathlib import Path

import httpx
import numpy as np
import pytest
import soundfile
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from engine import CloneRequest, Cures, Finding, Partial
from tests.ui.fakes import ESTIMATE, HEARD, MODELS, REPORT, STRETCHES

CLONE = ["clip", "reference_text", "text", "model", "nfe", "cfg_strength", "sway_sampling", "speed", "seed",
         "cross_fade", "remove_silence", "pause", "format", "language", "loudness", "word_times", "check", "dictionary"]  # fmt: skip
PARAMETERS = {
    "/clone": CLONE,
    "/clone_stream": CLONE,
    "/estimate": CLONE,
    "/repair": ["file", "clip", "first", "last", "text", "say", "tries", "seed", "words"],
    "/arrange": ["file", "places"],
    "/remake": ["file", "clip", "part", "seed"],
    "/transcribe": ["clip", "language"],
    "/analyze_reference": ["clip", "model"],
    "/stretches": ["clip", "reference_text", "language", "model"],
    "/cure": ["clip", "denoise", "trim", "level", "start", "end"],
    "/compare": ["typed", "heard", "language"],
    "/restore": ["file"],
    "/timings": ["file", "format", "words", "language"],
    "/detect": ["file"],
    "/models": [],
    "/health": [],
}
SENT = [None, "", "Hello", "", 16, 2.0, -1.0, 1.0, None, 0.15, False, 0.4, "wav", "", "", False, "", ""]
"""What /clone is sent, in order."""


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
    assert {*CLONE} == {*CloneRequest.__dataclass_fields__}
    defaults = {p["parameter_name"]: p["parameter_default"] for p in named["/clone"]["parameters"]}
    for name in CLONE[3:]:
        assert defaults[name] == getattr(CloneRequest, name), name
    for name in ("/estimate", "/clone_stream"):
        assert named[name]["parameters"] == named["/clone"]["parameters"]


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


def test_clone_stream_gives_the_parts_first_and_the_file_last(client, served, sent):
    told = list(client.submit(sent, "", "Hello there", api_name="/clone_stream"))
    *parts, (path, facts) = [(path, facts) for path, facts in told if path]
    assert len(told) > len(parts) + 5, "the status comes between them"
    assert [(facts["part"], facts["parts"]) for _, facts in parts] == [(1, 2), (2, 2)]
    assert "Step 4 of 4" in parts[0][1]["status"]
    sound = np.concatenate([soundfile.read(path)[0] for path, _ in parts])
    assert np.abs(sound - soundfile.read(path)[0]).max() < 1e-4
    assert facts["seed"] == 1234567
    assert len(facts["take_id"]) == 32


def test_attack_1_parts_of_a_speech_have_addresses_that_cannot_be_guessed(served, files):
    addresses = [Path(files.put(Partial(1, 2, np.zeros(10, np.float32)))) for _ in range(2)]
    assert addresses[0].name == addresses[1].name == "part-1.wav"
    assert addresses[0].parent != addresses[1].parent
    assert all(re.fullmatch("[0-9a-f]{32}", address.parent.name) for address in addresses)
    with httpx.Client(base_url=served.url) as http:
        for name in ("part-1.wav", f"{'0' * 32}/part-1.wav", ""):
            answer = http.get(f"gradio_api/file={Path(os.environ['GRADIO_TEMP_DIR']) / 'takes' / name}")
            assert answer.status_code in (403, 404)


def test_clone_takes_every_parameter_by_name(client, served, sent):
    values = {"nfe": 7, "cfg_strength": 1.5, "sway_sampling": 0.0, "speed": 1.2, "seed": 42, "cross_fade": 0.1,
              "remove_silence": True, "pause": 1.0, "format": "flac", "language": "de", "loudness": "podcast", "model": "demo", "word_times": True, "check": "until right", "dictionary": "gif,jiff"}  # fmt: skip
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
    assert told == {"language": "en", "words": [asdict(word) for word in HEARD.words]}


def test_models_and_health_are_plain_values(client):
    models = client.predict(api_name="/models")
    assert [model["name"] for model in models] == [model.name for model in MODELS]
    assert models[1]["licence"] == "CC-BY-NC-4.0"
    assert client.predict(api_name="/health")["default_model"] == "demo"


def test_a_report_tells_its_figures_and_each_finding(client, served, sent):
    served.studio.clips.report = replace(REPORT, findings=(Finding("noisy", "It is noisy.", "Denoise it."),))
    told = client.predict(sent, api_name="/analyze_reference")
    served.studio.clips.report = REPORT
    assert (told["seconds"], told["snr"], told["grade"]) == (8.2, 38.0, "good")
    assert told["findings"] == [{"kind": "noisy", "sentence": "It is noisy.", "cure": "Denoise it.", "serious": False}]


def test_stretches_come_best_first_with_their_words(client, served, sent):
    told = client.predict(sent, "typed words", "de", api_name="/stretches")
    assert told == [asdict(stretch) for stretch in STRETCHES]
    assert served.studio.clips.asked[-1] == ("typed words", "de")


def test_a_cured_clip_is_a_file_of_what_was_asked(client, served, sent):
    path = client.predict(sent, denoise=True, start=0.5, end=2.0, api_name="/cure")
    assert served.studio.clips.asked[-1] == (Cures(0.5, 2.0, denoise=True),)
    assert soundfile.info(path).duration == pytest.approx(1.5, abs=0.01)
    assert soundfile.info(path).format == "FLAC"
    whole = client.predict(sent, api_name="/cure")
    assert served.studio.clips.asked[-1] == (Cures(),)
    assert soundfile.info(whole).duration > 2


def test_words_are_compared_one_by_one(client):
    differences, agreement = client.predict("Twenty five green apples", "25 red apples", api_name="/compare")
    assert [(word["kind"], word["typed"], word["heard"]) for word in differences] == [
        ("same", "Twenty five", "25"), ("changed", "green", "red"), ("same", "apples", "apples"),
    ]  # fmt: skip
    assert agreement == pytest.approx(2 / 3, abs=1e-3)
    assert client.predict("", "", api_name="/compare")[1] == 1


def test_word_times_come_with_a_take_and_of_its_file_alone(client, served, sent):
    path, told = client.predict(
        clip=sent, text="Hello there, you.", reference_text="", word_times=True, api_name="/clone"
    )
    assert [word["text"] for word in told["words"]] == ["Hello", "there,", "you."]
    assert told["words"][2] == {"text": "you.", "start": pytest.approx(4 / 3), "end": 2.0, "probability": 0.0}
    assert (told["words_error"], told["timings"]) == ("", {})
    _, plain = client.predict(clip=sent, text="Hello", reference_text="", api_name="/clone")
    assert "words" not in plain
    table = client.predict(handle_file(path), format="csv", api_name="/timings")
    assert Path(table).read_text().splitlines()[2] == '"there,",0.667,1.333'
    given = client.predict(handle_file(path), format="words.srt", words="Other", api_name="/timings")
    assert given.endswith(".words.srt")
    assert "Other" in Path(given).read_text()
    for wrong in ({"format": "exe"}, {"format": 7}, {"words": 5}, {"language": "../"}):
        with pytest.raises(AppError, match=r"format must|must be text|language must"):
            client.predict(handle_file(path), api_name="/timings", **wrong)
    with pytest.raises(AppError, match="does not tell how it was made"):
        client.predict(sent, api_name="/timings")


def test_an_estimate_tells_the_cost_and_makes_nothing(client, served, sent):
    before = len(served.studio.requests)
    told = client.predict(clip=sent, text="Hello", reference_text="", nfe=7, api_name="/estimate")
    assert (told["chunks"], told["speech_seconds"], told["work_seconds"]) == (3, 14.2, None)
    assert told["status"] == "3 parts, about 14 s of speech, work not measured yet on this machine."
    served.studio.cost = replace(ESTIMATE, work_seconds=8.6, download_bytes=1_350_000_000, notes=("It is Greek.",))
    told = client.predict(clip=sent, text="Hello", reference_text="", api_name="/estimate")
    served.studio.cost = ESTIMATE
    assert told["status"] == "3 parts, about 14 s of speech, about 9 s of work, 1.4 GB to download first."
    assert told["notes"] == ["It is Greek."]
    assert len(served.studio.requests) == before


@pytest.mark.parametrize("format", ["wav", "flac", "mp3", "ogg"])
def test_a_result_tells_how_it_was_made_and_whose_it_is(client, sent, clip, format):
    values = {"nfe": 7, "speed": 1.2, "seed": 42, "pause": 1.0, "language": "de", "loudness": "podcast"}
    path, _ = client.predict(clip=sent, reference_text="its words", text="Ünï 🎈\n\nHello", format=format,
                             api_name="/clone", **values)  # fmt: skip
    assert Path(path).suffix == f".{format}"
    made = client.predict(handle_file(path), api_name="/restore")
    assert {*made["request"]} == {*CLONE} - {"clip"}
    assert made["request"] | values | {"format": format} == made["request"]
    assert (made["request"]["text"], made["request"]["reference_text"]) == ("Ünï 🎈\n\nHello", "its words")
    assert made["reference_hash"] == hashlib.sha256(clip.read_bytes()).hexdigest()
    assert (made["notes"], made["created"]) == ([], "2026-11-24T10:00:00+00:00")
    told = client.predict(handle_file(path), api_name="/detect")
    assert (told["marked"], told["tagged"]) == (True, True)
    assert told["verdict"].startswith("Timbre made this")


def test_a_file_that_is_not_ours_is_told_so(client, served, sent):
    with pytest.raises(AppError, match="does not tell how it was made"):
        client.predict(sent, api_name="/restore")
    served.studio.mark = 0.1
    told = client.predict(sent, api_name="/detect")
    served.studio.mark = 0.99
    assert (told["mark"], told["marked"], told["tagged"]) == (0.1, False, False)
    assert told["verdict"].startswith("No sign of Timbre")


ASKED_WRONG = [
    ("/cure", {"start": "x"}, "start must be a number"), ("/cure", {"end": True}, "end"), ("/cure", {"start": 1e300}, "start"),
    ("/cure", {"denoise": "yes"}, "denoise must be true or false"), ("/cure", {"clip": None}, "send one"),
    ("/stretches", {"reference_text": 7}, "reference_text must be text"), ("/stretches", {"language": "../"}, "language"),
    ("/stretches", {"reference_text": "a" * 30_000}, "longer than 20,000"), ("/stretches", {"clip": None}, "send one"),
    ("/stretches", {"model": 7}, "model must be text"), ("/analyze_reference", {"model": ["demo"]}, "model must be text"),
    ("/analyze_reference", {"clip": None}, "send one"), ("/transcribe", {"clip": None}, "send one"),
    ("/compare", {"typed": None}, "typed must be text"), ("/compare", {"heard": ["a"]}, "heard must be text"),
    ("/compare", {"heard": "a " * 30_000}, "longer than 20,000"), ("/compare", {"language": 7}, "language must be text"),
    ("/compare", {"typed": "9" * 100}, "digits"), ("/restore", {"file": None}, "send one"), ("/detect", {"file": None}, "send one"),
    ("/estimate", {"text": ""}, "to say"), ("/estimate", {"nfe": "x"}, "nfe"), ("/estimate", {"clip": None}, "voice"),
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "wrong", "told"), ASKED_WRONG, ids=lambda value: str(value)[:40])
def test_attack_36_what_cannot_be_asked_gets_a_sentence(client, sent, endpoint, wrong, told):
    asked = {"/compare": {"typed": "a", "heard": "a"}, "/restore": {}, "/detect": {}}.get(endpoint, {"clip": sent})
    asked |= {"text": "Hello", "reference_text": ""} if endpoint == "/estimate" else {}
    with pytest.raises(AppError, match=told):
        client.predict(**(asked | wrong), api_name=endpoint)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400], ids=["nan", "inf", "huge"])
def test_attack_36_no_time_at_all_gets_a_sentence(served, value):
    answer = raw(served.url, index_of(served, "cure"), [None, False, False, False, value, None])
    assert answer["success"] is False
    assert "The parameter start must be a number of seconds" in answer["output"]["error"]


WRONG = [
    ({"nfe": None}, "nfe must be a whole number from 1 to 64"),
    ({"nfe": "x"}, "nfe must be a whole number from 1 to 64"),
    ({"nfe": 7.5}, "nfe"), ({"nfe": 65}, "nfe"), ({"nfe": True}, "nfe"),
    ({"seed": "abc"}, "seed must be a whole number from 0 to 4294967295"), ({"seed": -1}, "seed"), ({"seed": 2**40}, "seed"),
    ({"speed": -1}, "speed must be a number from 0.3 to 2"), ({"speed": [1]}, "speed"),
    ({"cfg_strength": 1e308}, "cfg_strength"), ({"sway_sampling": 7}, "sway_sampling"), ({"cross_fade": {}}, "cross_fade"),
    ({"pause": "1"}, "pause"), ({"remove_silence": "yes"}, "remove_silence"), ({"format": "exe"}, "format"),
    ({"format": None}, "format"), ({"loudness": "loud"}, "loudness must be blank or one of podcast"), ({"loudness": None}, "loudness"), ({"language": "../"}, "language"), ({"text": ""}, "to say"), ({"text": None}, "text"),
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
    data = [*SENT]
    data[CLONE.index(name)] = value
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
        places = [i for i, block in enumerate(fn.inputs) if block.get_block_name() in ("audio", "file", "uploadbutton")]
        for place in places:
            for path in (
                str(secret),
                "/etc/passwd",
                "/proc/self/environ",
                "../../../etc/passwd",
                "http://169.254.169.254/",
            ):
                # Each path in each shape somewhere: five to a place, three in turn.
                file = ({"path": path}, {"path": path, "meta": {"_type": "gradio.FileData"}}, path)[tried % 3]
                values = [getattr(block, "value", None) for block in fn.inputs]
                data = [value if isinstance(value, str | float | bool | list) else None for value in values]
                data[place] = file
                answer = raw(served.url, index, data)
                assert answer["success"] is False, (fn.api_name, file)
                assert "root:" not in json.dumps(answer)
                tried += 1
    assert tried >= 10 * 5, "the page's own clip and its file, and the eight endpoints that take one"
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
            data = [file, *SENT[1:]]
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


def test_repair_returns_each_try_with_its_words(client, gallery):
    take, clip = handle_file(str(gallery.example.file)), handle_file(str(gallery.example_voice.clip))
    files, told = client.predict(take, clip, 2, text="hi there", tries=2, api_name="/repair")
    assert len(files) == len(told) == 2
    assert [word["text"] for word in told[0]["words"]] == told[0]["text"].split()
    assert told[0]["text"].split()[2:4] == ["hi", "there"]
    with pytest.raises(AppError, match="from 1 to 8"):
        client.predict(take, clip, 2, tries=99, api_name="/repair")


def test_repair_takes_the_words_that_it_told(client, served, gallery):
    take, clip = handle_file(str(gallery.example.file)), handle_file(str(gallery.example_voice.clip))
    files, told = client.predict(take, clip, 2, tries=1, api_name="/repair")
    client.predict(handle_file(files[0]), clip, 2, tries=1, words=told[0]["words"], api_name="/repair")
    assert [asdict(word) for word in served.studio.repairs[-1].words] == told[0]["words"]
    for words in ("x", 7, [7], [{"text": "Good"}], [{"word": "Good", "start": 0, "end": 1}]):
        with pytest.raises(AppError, match="words must be a list"):
            client.predict(take, clip, 2, words=words, api_name="/repair")


@pytest.fixture(scope="module")
def halves(client, gallery):
    """A take of two parts."""
    clip = handle_file(str(gallery.voices[0].clip))
    return handle_file(client.predict(clip, "", "Hello there, and welcome to all", api_name="/clone")[0])


def test_arrange_lays_the_parts_that_it_tells_and_remake_makes_one_again(client, sent, halves):
    _, told = client.predict(halves, api_name="/arrange")
    assert [(part["text"], part["pause"]) for part in told["parts"]] == [("Hello there, and", 0), ("welcome to all", 0)]
    places = [{"part": 1, "pause": 0.5}, {"part": 0}]
    file, told = client.predict(halves, places, api_name="/arrange")
    assert told["text"] == "welcome to all Hello there, and"
    assert told["mended"] == ["parts laid anew: 2 (then 0.5 s), 1"]
    assert told["parts"][0]["pause"] == 0.5
    assert told["duration"] == pytest.approx(2.5, abs=0.01)
    assert len(soundfile.read(file)[0]) == pytest.approx(2.5 * 24_000, abs=1)
    _, again = client.predict(halves, sent, 1, seed=5, api_name="/remake")
    assert again["notes"] == ["Changed: part 2 made again."]
    assert len(again["parts"]) == 2


PLACES_WRONG = [
    (7, "must be a list such as"), ("0, 1", "must be a list such as"), ({"part": 0}, "must be a list such as"),
    ([0, 1], "must be a list such as"), ([{"muted": True}], "must be a list such as"), ([{"part": 0, "path": "/etc"}], "must be a list such as"),
    ([{"part": 0}], "2 parts, numbers 0 to 1"), ([{"part": 0}, {"part": 0}], "2 parts"), ([{"part": 0}, {"part": 2}], "2 parts"),
    ([{"part": "0"}, {"part": 1}], "part must be a whole number"), ([{"part": []}, {"part": 1}], "part must be"),
    ([{"part": 0, "muted": "yes"}, {"part": 1}], "muted must be true or false"),
    ([{"part": 0, "pause": 99}, {"part": 1}], "pause must be a number from 0 to 5"), ([{"part": 0, "pause": "1"}, {"part": 1}], "pause must be"),
    ([{"part": 0, "muted": True}, {"part": 1, "muted": True}], "Every part is muted"),
]  # fmt: skip


@pytest.mark.parametrize(("places", "told"), PLACES_WRONG, ids=lambda value: str(value)[:40])
def test_attack_36_places_that_cannot_be_get_a_sentence(client, halves, places, told):
    with pytest.raises(AppError, match=told):
        client.predict(halves, places, api_name="/arrange")


def test_attack_36_a_part_that_cannot_be_made_again_gets_a_sentence(client, sent, gallery):
    take = handle_file(str(gallery.example.file))
    for wrong, told in (
        ({"part": -1}, "part must be a whole number"),
        ({"part": "x"}, "part must be"),
        ({"seed": 2**32}, "seed must be"),
        ({"file": None}, "send one"),
        ({"file": sent}, "does not tell how it was made"),
    ):
        with pytest.raises(AppError, match=told):
            client.predict(**({"file": take, "clip": sent} | wrong), api_name="/remake")
