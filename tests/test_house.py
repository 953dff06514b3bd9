"""The house rules that a machine can hold: who may import whom, what is imported late, how long things are."""

import ast
from pathlib import Path

import pytest

import engine
from benchmarks.readme import settings_table

ROOT = Path(__file__).parents[1]
LAYERS = [
    {"studio"},
    {"bench"},
    {"costs", "timings", "exports"},
    {"repair"},
    {"changing"},
    {"choosing"},
    {"listening"},
    {"clips"},
    {"scheduler", "takes", "pace", "plan", "restore", "zero"},
    {"parts"},
    {"voice", "speech"},
    {"hearing", "store"},
    {"audio", "text"},
    {
        "changes",
        "checks",
        "dictionary",
        "ended",
        "idle",
        "jobs",
        "recent",
        "sheets",
        "types",
        "findings",
        "errors",
        "settings",
    },
]
"""Inside engine, each may import what stands below it; those at the foot may import each other."""
ONLY_IN = {
    "f5_tts": {"engine/speech/unett.py"},
    "faster_whisper": {"engine/hearing/whisper.py"},
    "boto3": {"engine/store/s3.py"},
    "botocore": {"engine/store/s3.py"},
    "spaces": {"engine/zero.py"},
}
SLOW = {"torch", "spaces", "torchaudio", "f5_tts", "faster_whisper", "boto3", "botocore", "transformers", "vocos", "librosa", "perth", "scipy", "pyloudnorm", "ctranslate2", "sentencex", "wetext"}  # fmt: skip
FILES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("ui/**/*.py"), ROOT / "app.py"])


def imports(file):
    """(module, line is inside a function) of each import, relative ones made absolute, type-only ones left out."""
    tree = ast.parse(file.read_text())
    package = file.relative_to(ROOT).parent.parts
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    late = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in late
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            for alias in node.names:
                name = ".".join([*base, *((node.module or "").split(".") if node.module else []), alias.name])
                yield name, id(node) in late


def layer(part):
    return next(i for i, parts in enumerate(LAYERS) if part in parts)


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_go_downwards_and_slow_ones_come_late(file):
    place = file.relative_to(ROOT)
    own = place.parts[1].removesuffix(".py") if len(place.parts) > 1 else ""
    for name, late in imports(file):
        parts = name.split(".")
        assert parts[0] not in SLOW or late, f"{name} would be imported when the window opens"
        assert str(place) in ONLY_IN.get(parts[0], {str(place)}), f"{name} belongs in {ONLY_IN[parts[0]]} alone"
        if place.parts[0] == "engine":
            assert parts[0] not in ("gradio", "ui", "app"), f"the engine knows the page: {name}"
            if parts[0] == "engine" and len(parts) > 1 and own != "__init__" and parts[1] not in ("__init__", own):
                here, there = layer(own), layer(parts[1])
                assert there > here or there == here == len(LAYERS) - 1 or own == "studio", f"{name} from {own}"
        elif parts[0] == "engine":
            assert set(parts[1:]) <= set(engine.__all__), f"{name} is not public"
            assert parts[1:], "import the names, not the engine"


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT)))
def test_a_file_is_one_idea_and_says_so(file):
    text = file.read_text()
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "it does not say what it does"
    assert len(text.splitlines()) <= 400
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 60, f"{node.name} is too long"
            assert node.returns is not None, f"{node.name} is not annotated"
    public = [node for node in tree.body if not getattr(node, "name", "_").startswith("_")]
    members = [member for node in public if isinstance(node, ast.ClassDef) for member in node.body]
    for node in [*public, *(member for member in members if not getattr(member, "name", "_").startswith("_"))]:
        assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_the_engines_public_names():
    assert set(engine.__all__) == {
        *("Studio", "Settings", "Checkpoint", "CloneRequest", "RepairRequest", "Take", "Export", "Transcript", "Word"),
        *("ArrangeRequest", "Place", "RemakeRequest", "Piece", "pieces", "places_after", "words_heard", "words_laid"),
        "ModelInfo",
        *("Health", "FORMATS", "LANGUAGES", "LOUDNESS", "PRESETS", "RANGES"),
        *("Cures", "Difference", "Estimate", "Finding", "Origin", "Report", "Restored", "Stretch"),
        *("agreement", "compare", "language_name", "merge", "write_part", "read_dictionary", "write_dictionary"),
        "respellings",
        *("Event", "Accepted", "Waiting", "Loading", "Stage", "Step", "Partial", "Done", "Timed", "Exported"),
        *("SUBTITLE_FORMATS", "subtitles"),
        *("TimbreError", "BadInput", "BadClip", "BadText", "BadParameter", "Busy", "TimedOut", "Cancelled", "NotFound"),
        *("Unavailable", "ModelUnavailable", "HearingUnavailable", "ExportFailed", "DiskFull"),
    }
    assert all(getattr(engine, name) for name in engine.__all__)


def test_readme_tells_every_setting_and_endpoint():
    """A new setting: `make readme`. A new endpoint: a line in the table under "From Python"."""
    readme = (ROOT / "README.md").read_text()
    assert f"<!-- settings -->\n{settings_table()}<!-- /settings -->" in readme, "run `make readme`"
    trees = [ast.parse(file.read_text()) for file in ROOT.glob("ui/api*.py")]
    endpoints = [
        member for tree in trees for node in tree.body if isinstance(node, ast.ClassDef) for member in node.body
    ]
    names = [node.name for node in endpoints if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
    assert {"clone", "repair"} <= {*names}
    assert [name for name in names if f"| `/{name}` |" not in readme] == [], "README's table of endpoints lacks them"


def test_the_sites_pins_agree():
    """The Space's front matter and requirements.txt name the same gradio."""
    pins = dict(
        line.split("==")
        for line in (ROOT / "requirements.txt").read_text().splitlines()
        if "==" in line and line[0] != "#"
    )
    assert f'sdk_version: "{pins["gradio"]}"' in (ROOT / "README.md").read_text()
