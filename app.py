"""Timbre's door: settings -> Studio -> page -> server. `python app.py`; a Space runs this file too.

GRADIO_SERVER_NAME and GRADIO_SERVER_PORT choose where it listens, as with every gradio app.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import time

from engine import Settings, Studio, TimbreError

DAY = 86_400
"""Seconds after which a folder of uploads and results that nobody added to is left over."""


class OneLine(logging.Formatter):
    """A record is one line, whatever is in it: control characters are written as escapes."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        """The line without its traceback."""
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in super().formatMessage(record))


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
        if time.time() - page.stat().st_mtime > DAY:  # left by a run that was killed; another may be running
            shutil.rmtree(page, ignore_errors=True)


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
