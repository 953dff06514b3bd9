"""A model's configuration, vocabulary and weights as values, each checked and told by name where it is wrong.

A stranger's files can be wrong in any way and are read as such: nothing in them is run. Does not know what the weights
are for, nor where the files came from (engine.store.weights finds them).
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import ModelUnavailable
from ..store import ModelFiles, read_config
from ..types import Loading

if TYPE_CHECKING:
    from torch import Tensor

Count = Annotated[int, Field(ge=1, le=65_536)]
PREFIXES = "ema_model.transformer.", "transformer.", ""
"""Before the transformer's own names: in the trainer's running average, in its model, and in one saved by itself."""
COUNTERS = {"initted", "step", "update"}
"""What the running average keeps of itself beside the weights."""
LONGEST_VOCABULARY = 10_000_000
"""Bytes."""


class Arch(BaseModel):
    """The keys both backbones take, as in f5_tts/model/backbones; those that only training heeds have no effect."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dim: Count
    depth: Annotated[int, Field(ge=1, le=256)] = 8
    heads: Count = 8
    dim_head: Count = 64
    dropout: float = 0.1
    ff_mult: Count = 4
    text_dim: Count | None = None
    text_mask_padding: bool = True
    qk_norm: Literal["rms_norm"] | None = None
    conv_layers: Annotated[int, Field(ge=0, le=256)] = 0
    pe_attn_head: Count | None = None
    attn_backend: str = "torch"
    attn_mask_enabled: bool = False


class DiTArch(Arch):
    """F5-TTS' (arXiv:2410.06885)."""

    text_embedding_average_upsampling: bool = False
    long_skip_connection: bool = False
    checkpoint_activations: bool = False


class UNetTArch(Arch):
    """E2 TTS' (arXiv:2406.18009)."""

    skip_connect_type: Literal["add", "concat", "none"] = "concat"


class Mel(BaseModel):
    """The mel that F5-TTS and Vocos are made for; any other sounds of nothing."""

    model_config = ConfigDict(frozen=True)

    mel_spec_type: Literal["vocos"]
    target_sample_rate: Literal[24_000] = 24_000
    n_mel_channels: Literal[100] = 100
    hop_length: Literal[256] = 256
    win_length: Literal[1024] = 1024
    n_fft: Literal[1024] = 1024


class _Config(BaseModel):
    model_config = ConfigDict(frozen=True)

    tokenizer: Literal["pinyin", "char", "custom"] = "pinyin"
    mel_spec: Mel


class DiTConfig(_Config):
    """Under `model` of an F5-TTS model's yaml."""

    backbone: Literal["DiT"]
    arch: DiTArch


class UNetTConfig(_Config):
    """Under `model` of an E2 TTS model's yaml."""

    backbone: Literal["UNetT"]
    arch: UNetTArch


class _File(BaseModel):
    model: Annotated[DiTConfig | UNetTConfig, Field(discriminator="backbone")]


def model_config(files: ModelFiles) -> DiTConfig | UNetTConfig:
    """What the yaml says under `model`. Raises ModelUnavailable naming the key that is wrong."""
    try:
        return _File.model_validate(read_config(files.config)).model
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"] if part not in ("DiT", "UNetT"))
    raise ModelUnavailable(
        f"Timbre cannot speak with {files.spec.title}: {place} in its configuration {files.config} is wrong "
        f"({first['msg'][0].lower()}{first['msg'][1:]}); mend it, or choose another model."
    )


def vocabulary(files: ModelFiles) -> dict[str, int]:
    """Token -> number. A token may be a space, so only the line end is cut, as the package does."""
    text = ""
    if files.vocab.stat().st_size <= LONGEST_VOCABULARY:
        try:
            text = files.vocab.read_text(encoding="utf-8-sig")
        except ValueError:  # it is no text
            text = ""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2:
        raise ModelUnavailable(
            f"The vocabulary {files.vocab} of {files.spec.title} is no list of tokens, one a line; put the one there that "
            "it was trained with, or choose another model."
        )
    return {line: number for number, line in enumerate(lines)}


def weights(files: ModelFiles, report: Callable[[Loading], None]) -> dict[str, Tensor]:
    """The transformer's weights by its own names, averaged ones where there are; RoPE's, which are no weights, left out.

    `report` gets the bytes read. Raises ModelUnavailable.
    """
    state = _safetensors(files, report) if files.checkpoint.suffix == ".safetensors" else _pickled(files)
    size = files.checkpoint.stat().st_size
    report(Loading(files.spec.title, size, size))
    prefix = next(prefix for prefix in PREFIXES if any(name.startswith(prefix) for name in state) or not prefix)
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in state.items()
        if name.startswith(prefix) and name not in COUNTERS and not name.endswith("inv_freq")
    }


def _safetensors(files: ModelFiles, report: Callable[[Loading], None]) -> dict[str, Tensor]:
    """Tensor by tensor, so that progress shows."""
    from safetensors import SafetensorError, safe_open

    size, done, told, state = files.checkpoint.stat().st_size, 0, 0, {}
    try:
        with safe_open(files.checkpoint, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118 - not a mapping
                state[name] = tensors.get_tensor(name)
                done += state[name].nbytes
                if done - told > size / 50:
                    told = done
                    report(Loading(files.spec.title, min(done, size), size))
    except SafetensorError:
        raise _damaged(files) from None
    return state


def _pickled(files: ModelFiles) -> dict[str, Tensor]:
    """What torch.save wrote, of a trainer's whole state the averaged weights; no more of it is read than is used."""
    import pickle

    import torch

    try:
        state = torch.load(files.checkpoint, "cpu", weights_only=True, mmap=zipfile.is_zipfile(files.checkpoint))
    except pickle.UnpicklingError:
        raise ModelUnavailable(
            f"The checkpoint {files.checkpoint} holds other things than weights, which could run as code, or is damaged; "
            "save it again as .safetensors, or choose another model."
        ) from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError):
        raise _damaged(files) from None
    for key in ("ema_model_state_dict", "model_state_dict"):
        if isinstance(state, dict) and key in state:
            state = state[key]
            break
    if not isinstance(state, dict):
        raise _damaged(files)
    return {
        name: tensor for name, tensor in state.items() if isinstance(name, str) and isinstance(tensor, torch.Tensor)
    }


def _damaged(files: ModelFiles) -> ModelUnavailable:
    return ModelUnavailable(
        f"The weights of {files.spec.title} cannot be read; {files.checkpoint} is damaged or no checkpoint, so put it there "
        "again, or choose another model."
    )


def require_fit(state: Mapping[str, Tensor], expected: Mapping[str, tuple[int, ...]], files: ModelFiles) -> None:
    """Raise ModelUnavailable naming the file at fault where the weights are not of the names and shapes expected."""
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if not wrong:
        return
    of_text, title = "text_embed.text_embed.weight", files.spec.title
    if wrong == [of_text] and of_text in found and found[of_text][1:] == expected[of_text][1:]:
        raise ModelUnavailable(
            f"{title} was trained with {found[of_text][0] - 1} tokens and its vocabulary {files.vocab} has "
            f"{expected[of_text][0] - 1}; put the one there that it was trained with."
        )
    is_unett, wants_unett = ("layers.0.1.g" in names for names in (found, expected))
    if is_unett != wants_unett:
        raise ModelUnavailable(
            f"The weights of {title} are {'a UNetT' if is_unett else 'no UNetT'}'s and its configuration {files.config} says "
            f"{'UNetT' if wants_unett else 'DiT'}; correct the backbone there."
        )
    raise ModelUnavailable(
        f"The weights of {title} do not fit its configuration {files.config}: {wrong[0]} should be "
        f"{expected.get(wrong[0], 'absent')} and is {found.get(wrong[0], 'absent')}; put the one there that it was trained with."
    )
