"""Colours, fonts and shapes of the page, and the words that are shown in more than one place.

Fonts are those that gradio carries; nothing is asked of another host. Shapes are in static/style.css, what happens in
the browser alone in static/*.js. Knows nothing of what the page does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio.themes.utils import sizes

STATIC = Path(__file__).parent / "static"

TAGLINE = "Ten seconds of a voice, then any words you write."
PERMISSION = (
    "Clone only a voice you have permission to use. "
    "Everything made here is AI-generated speech: say so when you share it."
)
DEMO = (
    "You hear the demo: a small model of our own, here without a download. It speaks plain English, and copies up to 4 "
    "seconds of a clip, roughly: the best part, or the one you choose."
)

SPRUCE = gr.themes.Color(
    name="spruce", c50="#E9F5F2", c100="#CDE9E2", c200="#9CD4C8", c300="#66BBAB", c400="#45BFA9", c500="#16897A",
    c600="#0B6E60", c700="#095A4F", c800="#0A463E", c900="#0B3833", c950="#06201D",
)  # fmt: skip
STONE = gr.themes.Color(
    name="stone", c50="#F7F9F8", c100="#EEF2F0", c200="#DFE6E3", c300="#C6D0CC", c400="#82928C", c500="#64756F",
    c600="#4C5C56", c700="#35433F", c800="#22302C", c900="#17211F", c950="#0E1514",
)  # fmt: skip

# What has a second value is (light, dark).
_VARIABLES: dict[str, str | tuple[str, str]] = {
    "body_background_fill": ("*neutral_100", "*neutral_950"),
    "body_text_color": ("#13211E", "#E7EFEC"),
    "body_text_color_subdued": ("*neutral_600", "#A3B4AE"),
    "background_fill_primary": ("#FFFFFF", "*neutral_900"),
    "background_fill_secondary": ("*neutral_50", "#1C2825"),
    "border_color_primary": ("*neutral_200", "#2D3B37"),
    "border_color_accent": ("*primary_600", "*primary_400"),
    "color_accent": "*primary_600",  # has no dark form: style.css sets it
    "color_accent_soft": ("*primary_50", "*primary_900"),
    "link_text_color": ("*primary_700", "*primary_300"),
    "block_background_fill": ("transparent", "transparent"),
    "block_border_width": ("0px", "0px"),
    "block_padding": "0px",
    "block_shadow": "none",
    "block_radius": "*radius_md",
    "block_title_text_weight": "700",
    "block_title_text_size": "13px",
    "block_title_text_color": ("*body_text_color", "*body_text_color"),
    "block_info_text_size": "13px",
    "block_info_text_color": ("*body_text_color_subdued", "*body_text_color_subdued"),
    "panel_background_fill": ("#FFFFFF", "*neutral_900"),
    "panel_border_width": "1px",
    "panel_border_color": ("*neutral_200", "#2D3B37"),
    "layout_gap": "16px",
    "form_gap_width": "16px",
    "input_background_fill": ("#FFFFFF", "#111A18"),
    "input_border_width": "1px",
    "input_border_color": ("*neutral_400", "#62746E"),
    "input_border_color_focus": ("*primary_600", "*primary_400"),
    "input_shadow": "none",
    "input_shadow_focus": ("0 0 0 3px *primary_100", "0 0 0 3px *primary_900"),
    "input_padding": "12px 14px",
    "input_radius": "*radius_md",
    "input_text_size": "16px",
    "input_placeholder_color": ("*neutral_500", "#8FA19A"),
    "button_primary_background_fill": ("*primary_600", "*primary_400"),
    "button_primary_background_fill_hover": ("*primary_700", "*primary_300"),
    "button_primary_text_color": ("#FFFFFF", "#04211C"),
    "button_secondary_background_fill": ("#FFFFFF", "#22302C"),
    "button_secondary_background_fill_hover": ("*neutral_50", "#2B3B36"),
    "button_secondary_border_color": ("*neutral_400", "#62746E"),
    "button_border_width": "1px",
    "button_large_padding": "14px 26px",
    "button_large_text_size": "17px",
    "button_large_text_weight": "700",
    "button_large_radius": "*radius_md",
    "button_medium_padding": "9px 16px",
    "button_medium_text_size": "14px",
    "button_medium_text_weight": "700",
    "button_medium_radius": "*radius_md",
    "button_small_padding": "6px 12px",
    "button_small_text_size": "13px",
    "button_small_text_weight": "700",
    "button_small_radius": "*radius_sm",
    "checkbox_border_color": ("*neutral_400", "#62746E"),
    "checkbox_border_color_focus": ("*primary_600", "*primary_400"),
    "checkbox_background_color_selected": ("*primary_600", "*primary_400"),
    "slider_color": ("*primary_600", "*primary_400"),
    "prose_text_size": "14px",
    "section_header_text_size": "14px",
    "section_header_text_weight": "700",
    "error_text_color": ("#A3261E", "#FFB1A8"),
}


def theme() -> gr.themes.Base:
    """The theme: spruce on stone, IBM Plex, whose bundled weights that hold Latin letters are 400 and 700 only."""
    base = gr.themes.Base(
        primary_hue=SPRUCE,
        secondary_hue=SPRUCE,
        neutral_hue=STONE,
        text_size=sizes.text_md,
        spacing_size=sizes.spacing_md,
        radius_size=sizes.radius_lg,
        font=[gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "ui-sans-serif", "system-ui", "sans-serif"],
        font_mono=[gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)), "ui-monospace", "monospace"],
    )
    variables = {}
    for name, value in _VARIABLES.items():
        light, dark = value if isinstance(value, tuple) else (value, None)
        variables[name] = light
        if dark is not None:
            variables[f"{name}_dark"] = dark
    return base.set(**variables)


def _script(name: str) -> str:
    return f"<script>{(STATIC / name).read_text()}</script>"


def look() -> dict[str, Any]:
    """Everything of the page's look that `launch` takes."""
    return {
        "theme": theme(),
        "css": (STATIC / "style.css").read_text(),
        "head": "".join([(STATIC / "head.html").read_text(), *map(_script, ("page.js", "early.js", "strip.js"))]),
        "favicon_path": STATIC / "favicon.svg",
        "i18n": gr.I18n(
            en={
                "upload_text.drop_audio": "Drop a clip here",
                "upload_text.drop_file": "Drop a sound file here",
                "upload_text.click_to_upload": "choose a file",
                "upload_text.or": "or",
            }
        ),
    }
