"""One settings object, read from the environment; each field says what it does.

Names of the earlier worker are kept (`S3_BUCKET`, `AWS_*`); ours begin with `TIMBRE_`. An unknown `TIMBRE_` name is
refused, so a typing error is told and not silently ignored. Knows nothing of what the settings are used for.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from .errors import BadParameter

DAY = 86_400
"""Seconds; no setting needs more, and timers take no more than some weeks."""


class Checkpoint(BaseModel):
    """A checkpoint of the operator's own, listed under a name in `TIMBRE_CHECKPOINTS`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoint: Path = Field(description="The weights, .safetensors or .pt.")
    vocab: Path = Field(description="vocab.txt, one token a line.")
    config: Path = Field(description="The model's yaml, as the f5-tts package's own in f5_tts/configs.")


class Settings(BaseSettings):
    """What an operator can set. Each description says what for."""

    model_config = SettingsConfigDict(env_prefix="TIMBRE_", frozen=True, extra="forbid", populate_by_name=True)

    bucket: str = Field(
        "", validation_alias="S3_BUCKET", description="Bucket that results are exported to; blank: none."
    )
    access_key_id: str = Field(
        "", validation_alias="AWS_ACCESS_KEY_ID", repr=False, description="Key of the bucket's account."
    )
    secret_access_key: SecretStr = Field(
        SecretStr(""), validation_alias="AWS_SECRET_ACCESS_KEY", description="Its secret; never shown or logged."
    )
    session_token: SecretStr = Field(
        SecretStr(""), validation_alias="AWS_SESSION_TOKEN", description="Token of temporary credentials (STS)."
    )
    region: str = Field("", validation_alias="AWS_REGION", description="Region of the bucket.")
    endpoint_url: str = Field(
        "", validation_alias="AWS_ENDPOINT_URL", description="S3 server other than AWS: Backblaze B2, MinIO, R2."
    )
    mirror: bool = Field(
        False,
        validation_alias="ENABLE_S3_MODEL_CACHE",
        description="Keep models in the bucket too (models/...): looked for there before the hub, stored there after it.",
    )
    link_seconds: Annotated[int, Field(ge=60, le=604_800)] = Field(900, description="How long a result's link works.")

    model: str = Field(
        "",
        description="Model used when a request names none; blank: F5TTS_v1_Base where there is a GPU or its weights are here, else demo.",
    )
    weights: Path | None = Field(
        None, description="Folder laid out as the hub's repository, looked in first: <model>/model_*.safetensors."
    )
    caches: tuple[Path, ...] = Field(
        (),
        description='Further folders that weights may be downloaded to, JSON: ["/big"]; the roomiest of these and HF_HOME\'s is taken.',
    )
    checkpoints: dict[Annotated[str, Field(pattern=r"^\w[\w.-]{0,63}$")], Checkpoint] = Field(
        {}, description='Checkpoints of your own, JSON: {"name": {"checkpoint": ..., "vocab": ..., "config": ...}}.'
    )
    device: str = Field("", description="Device F5-TTS runs on (cpu, cuda, cuda:1, mps); blank: the best there is.")
    graphs: bool = Field(
        True, description="On a CUDA GPU record a step of the model once for each length and replay it (CUDA graphs)."
    )
    idle_seconds: Annotated[float, Field(ge=1, le=DAY)] = Field(
        900, description="Models unload after so long without work."
    )
    switch_seconds: Annotated[float, Field(ge=0, le=DAY)] = Field(
        60, description="A job for another model waits at most so long for the loaded one to fall idle."
    )

    whisper: str = Field(
        "base", description="Whisper model that hears reference clips: a faster-whisper name or a folder; none: off."
    )
    whisper_device: str = Field(
        "auto", description="Device Whisper runs on: auto, cpu or cuda; on ZeroGPU auto is cpu."
    )
    whisper_compute_type: str = Field("", description="Whisper's arithmetic; blank: int8 on a CPU, float16 on a GPU.")

    watermark: bool = Field(True, description="Mark every result inaudibly as generated (Perth).")
    loudness: Annotated[float, Field(ge=-40, le=-10)] = Field(
        -19.0, description="Loudness of results in LUFS (ITU-R BS.1770); -19 is the custom for mono speech."
    )

    workspace: Path = Field(
        Path(tempfile.gettempdir()) / "timbre", description="Folder that results and uploads are kept in for a while."
    )
    keep_seconds: Annotated[int, Field(ge=60)] = Field(
        86_400, description="How long clips, results and finished chunks of cancelled jobs are kept."
    )
    text_characters: Annotated[int, Field(ge=1)] = Field(100_000, description="Longest text of a request.")
    clip_bytes: Annotated[int, Field(ge=1)] = Field(50_000_000, description="Largest reference clip.")
    clip_seconds: Annotated[float, Field(ge=1, le=DAY)] = Field(
        900.0, description="Longest reference clip; the model copies a part of it, as long as it takes."
    )
    check_attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        3, description="Most times a part with a wrong word is spoken again where the words are checked."
    )
    check_most: Annotated[int, Field(ge=1, le=50)] = Field(
        12, description="Most times where they are checked until they are right."
    )
    queue: Annotated[int, Field(ge=0)] = Field(20, description="Jobs that may wait; one more is refused.")
    turns: Annotated[int, Field(ge=0)] = Field(
        0,
        description="Jobs that take turns on the model, step by step; the others wait. 0: 2, on a CUDA GPU, where they share its calls, 8.",
    )
    job_seconds: Annotated[float, Field(ge=1, le=DAY)] = Field(3600.0, description="Longest a job may run.")

    @classmethod
    def variables(cls) -> dict[str, str]:
        """The environment variable of each field."""
        return {
            name: str(field.validation_alias or f"TIMBRE_{name.upper()}") for name, field in cls.model_fields.items()
        }

    @classmethod
    def read(cls) -> Settings:
        """Settings from the environment. Raises BadParameter with one sentence naming the variable and its cure."""
        names = cls.variables()
        for variable in os.environ:
            if variable.startswith("TIMBRE_") and variable not in names.values():
                raise BadParameter(f"There is no setting named {variable}; README lists those there are.")
        try:
            settings = cls()
        except ValidationError as error:
            first = error.errors()[0]
            variable = names.get(str(first["loc"][0]), str(first["loc"][0]))
            raise BadParameter(
                f"The setting {variable} cannot be read ({first['msg'].lower()}); correct it and start again."
            ) from None
        except SettingsError as error:  # a value that should be JSON and is not
            variable = next((name for field, name in names.items() if f'"{field}"' in str(error)), "TIMBRE_CHECKPOINTS")
            raise BadParameter(f"The setting {variable} is no JSON; correct it and start again.") from None
        if settings.mirror and not settings.bucket:
            raise BadParameter(
                "ENABLE_S3_MODEL_CACHE keeps models in the bucket, but there is none; set S3_BUCKET or leave it off."
            )
        return settings
