"""Widgets that gradio lacks: voices as cards, a list of takes, and inputs of endpoints that hand on what was sent.

Their HTML goes in as a prop and never into the template, which the browser evaluates. They stand in one file because
gradio writes a .pyi beside each file that has some, and mypy reads that in its stead.
"""

from __future__ import annotations

from typing import Any

import gradio as gr


class VoiceCards(gr.HTML):  # type: ignore[misc]  # gradio carries no types
    """Radio buttons drawn as cards; the value is the id of the chosen one."""

    def __init__(self, value: str | None = None, *, cards: str = "", ids: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.ids = ids
        super().__init__(
            value,
            html_template="${cards}",
            cards=cards,
            apply_default_css=False,
            js_on_load="""
const sync = () => element.querySelectorAll('input[type=radio]').forEach(i => { i.checked = i.value === props.value; });
element.addEventListener('change', e => { if (e.target.type === 'radio') { props.value = e.target.value; trigger('input'); } });
watch('value', sync); sync();""",
            **kwargs,
        )

    def api_info(self) -> dict[str, Any]:
        """The ids there are."""
        return {"type": "string", "enum": [*self.ids]}


class TakeList(gr.HTML):  # type: ignore[misc]
    """A list whose buttons say which row is to be shown: the event `show` carries its index."""

    def __init__(self, value: str | None = None, **kwargs: Any) -> None:
        super().__init__(
            value,
            apply_default_css=False,
            js_on_load="""
element.addEventListener('click', e => {
  const button = e.target.closest('.tb-show');
  if (button) trigger('show', {index: +button.dataset.index});
});""",
            **kwargs,
        )


class EarlyPlayer(gr.HTML):  # type: ignore[misc]
    """Plays a speech while it is made (static/early.js), from parts: see `early`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            {},
            html_template='<div class="tb-early" hidden></div>',
            apply_default_css=False,
            js_on_load="window.timbre.early(element, props, watch);",
            **kwargs,
        )


class WordStrip(gr.HTML):  # type: ignore[misc]
    """Words that are gone to by click or key; the event `choose` carries the numbers of the first and last chosen.

    A drag chooses all it passes, a finger that stays on a word all up to it. Arrows, Home and End move, Enter and the space
    bar choose, with shift up to there.
    """

    def __init__(self, value: str | None = None, **kwargs: Any) -> None:
        super().__init__(
            value,
            apply_default_css=False,
            js_on_load="window.timbre.strip(element, words => trigger('choose', words));",
            **kwargs,
        )


class _Told:
    """A component that tells clients what it is for. `kind` is the gradio component it is in the browser."""

    kind = ""
    about = ""

    def get_block_name(self) -> str:
        """Which of gradio's own components the browser shows."""
        return self.kind

    def api_info(self) -> dict[str, Any]:
        """Its type, and what it is for."""
        return {**super().api_info(), "additional_description": self.about}  # type: ignore[misc]


class _Sent(_Told):
    """One that also hands on what was sent."""

    def preprocess(self, payload: Any) -> Any:
        """The same."""
        return payload


class Clip(_Told, gr.Audio):  # type: ignore[misc]
    """A file; gradio refuses one that was not uploaded."""

    kind = "audio"

    def example_payload(self) -> Any:
        """What the docs page shows for it."""
        return {"path": "clip.wav", "meta": {"_type": "gradio.FileData"}}


class Number(_Sent, gr.Number):  # type: ignore[misc]
    """A number of a request."""

    kind = "number"


class Text(_Sent, gr.Textbox):  # type: ignore[misc]
    """A text of a request."""

    kind = "textbox"


class Flag(_Sent, gr.Checkbox):  # type: ignore[misc]
    """A yes or no of a request."""

    kind = "checkbox"


def choice_of(event: gr.EventData) -> str:
    """What was chosen among Choices; gradio hands an event to plain functions alone, to no partial."""
    return str(getattr(event, "choice", ""))


class Choices(gr.HTML):  # type: ignore[misc]
    """HTML with buttons and radio buttons that say what is chosen: the event `choose` carries its `data-choice`."""

    def __init__(self, value: str | None = None, **kwargs: Any) -> None:
        super().__init__(
            value,
            apply_default_css=False,
            js_on_load="""
const choose = (e, selector) => {
  const chosen = e.target.closest(selector);
  if (chosen) trigger('choose', {choice: chosen.dataset.choice});
};
element.addEventListener('click', e => choose(e, 'button[data-choice]'));
element.addEventListener('change', e => choose(e, 'input[data-choice]'));
// An input that was clicked stays where the HTML is much the same, and no longer heeds its `checked`.
const heed = () => element.querySelectorAll('input[data-choice]').forEach(i => { i.checked = i.defaultChecked; });
watch('value', () => requestAnimationFrame(heed));""",
            **kwargs,
        )


class PartList(gr.HTML):  # type: ignore[misc]
    """Parts in an order that is changed here (see `part_list`); the event `ask` carries all `places` as they stand, and
    the `part` that is to be made again, or null: they are to be laid so."""

    def __init__(self, value: str | None = None, **kwargs: Any) -> None:
        super().__init__(
            value,
            apply_default_css=False,
            js_on_load="""
let pressed;
const all = selector => [...element.querySelectorAll(selector)];
const place = row => {
  const pause = row.querySelector('input')?.value ?? '';
  const muted = row.querySelector('.mute')?.ariaPressed === 'true';
  return {part: +row.dataset.part, muted, pause: pause === '' || +pause === +row.dataset.pause ? null : +pause};
};
const places = () => all('li').map(place);
const refresh = () => {
  all('li').forEach((row, n, rows) => {
    row.querySelector('.earlier')?.toggleAttribute('disabled', n === 0);
    row.querySelector('.later')?.toggleAttribute('disabled', n === rows.length - 1);
  });
  const [list] = all('.tb-parts'), [apply] = all('.apply');
  if (apply) apply.disabled = JSON.stringify(places()) === JSON.stringify(JSON.parse(list.dataset.applied));
};
const move = (row, button) => {
  if (button.matches('.earlier')) row.previousElementSibling.before(row);
  else row.nextElementSibling.after(row);
  refresh();
  (button.disabled ? row.querySelector('.move:not([disabled])') : button).focus();
  all('.moved')[0].textContent = `Part ${+row.dataset.part + 1} is now number ${all('li').indexOf(row) + 1}.`;
};
element.addEventListener('click', e => {
  const button = e.target.closest('button'), row = e.target.closest('li');
  if (button) pressed = button.ariaLabel;
  if (button?.matches('.move')) move(row, button);
  else if (button?.matches('.mute')) button.ariaPressed = button.ariaPressed !== 'true';
  else if (button?.matches('.again, .apply')) trigger('ask', {part: row ? +row.dataset.part : null, places: places()});
  refresh();
});
element.addEventListener('input', refresh);
// What was drawn anew shows what it is told, and the key that was pressed last, or the list, is at hand again.
watch('value', () => requestAnimationFrame(() => {
  all('input').forEach(input => { input.value = input.defaultValue; });
  refresh();
  if (document.activeElement !== document.body || pressed === undefined) return;
  (all(`[aria-label="${pressed}"]:not([disabled])`)[0] ?? all('.tb-parts')[0])?.focus();
}));
refresh();""",
            **kwargs,
        )
