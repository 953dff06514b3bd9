"""Timbre's door: settings -> Studio -> page -> server. `python app.py`; a Space runs this file too.

GRADIO_SERVER_NAME and GRADIO_SERVER_PORT choose where it listens, as with every gradio app.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys

from engine import Settings, Studio, TimbreError


class OneLine(logging.Formatter):
    """A record is one line, its traceback too, whatever is in it: control characters are written as escapes."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in super().format(record))


def log_lines() -> None:
    """Timbre's own log lines go to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("timbre")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def make_room(settings: Settings) -> None:
    """What gradio reads once, when it is imported: no analytics, and its files in a folder of ours."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("GRADIO_TEMP_DIR", str(settings.workspace / f"page-{os.getpid()}"))
    for page in settings.workspace.glob("page-*"):
        if not _runs(page.name.removeprefix("page-")):  # left by a run that was killed
            shutil.rmtree(page, ignore_errors=True)


def _runs(pid: str) -> bool:
    """Whether another process of that number is alive; our own number is in use by us alone."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return int(pid) != os.getpid()


def main() -> int:
    """Serve until told to stop; returns the exit status, 2 where a setting is wrong."""
    log_lines()
    try:
        settings = Settings.read()
        make_room(settings)
        studio = Studio(settings)
    except TimbreError as error:
        print(error, file=sys.stderr)
        return 2
    from ui.app import build_app, launch_options  # gradio comes only now, when its environment is set

    # gradio ends in order on KeyboardInterrupt, and not on SIGTERM.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        build_app(studio).launch(**launch_options(studio))
    except KeyboardInterrupt:  # before gradio waits for it
        pass
    finally:
        studio.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
