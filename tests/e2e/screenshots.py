"""Make README's pictures: assets/pictures/clone-{light,dark,phone}.png, of the app with a take just made.

python -m tests.e2e.screenshots
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from .browser import chromium, generate, opened, say
from .conftest import ROOT, running

PICTURES = ROOT / "assets" / "pictures"
VIEWS = [("clone-light", 1440, 900, "light"), ("clone-dark", 1440, 900, "dark"), ("clone-phone", 390, 844, "light")]
TEXT = "Good morning, and welcome to the reading room. Take your time."


def main() -> None:
    """Start the app, speak once in each view, and take its picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder)) as app,
        sync_playwright() as playwright,
        chromium(playwright) as browser,
    ):
        for name, width, height, scheme in VIEWS:
            with opened(browser, app.url, width, height, color_scheme=scheme) as page:
                page.locator("#voices label", has_text="Owen").click()
                say(page, TEXT)
                generate(page)
                page.mouse.move(3, height - 3)
                page.wait_for_timeout(1500)
                page.screenshot(path=PICTURES / f"{name}.png", full_page=width > 400)


if __name__ == "__main__":
    main()
