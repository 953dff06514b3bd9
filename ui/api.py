"""The endpoints for clients: what is made, what is asked of a clip before, and of a file after.

How each becomes one is in `ui.endpoints`.
"""
# No `from __future__ import annotations`: gradio reads the annotations of endpoints as types, not as text.

import inspect
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import gradio as gr

from engine import (
    SUBTITLE_FORMATS,
    BadParameter,
    CloneRequest,
    Cures,
    Done,
    Exported,
    Partial,
    Studio,
    Timed,
    Transcript,
    agreement,
    compare,
    subtitles,
)

from .arguments import clone_request, like, sent_file, time_of, typed_words
from .endpoints import facts, listen, sentences
from .events import ESTIMATING, HEARING
from .files import Files
from .progress import Progress, cost, follow, verdict

NO_BUCKET = "No bucket is set up on this server."


class Endpoints:
    """Each endpoint as a bound method: its parameters' names, defaults and docstring are what clients are told."""

    def __init__(self, studio: Studio, files: Files) -> None:
        """All of them call this studio; results are served through `files`."""
        self._studio, self._files = studio, files

    def clone(
        self,
        clip: str | None,
        reference_text: str = "",
        text: str = "",
        model: str = "",
        nfe: int = CloneRequest.nfe,
        cfg_strength: float = CloneRequest.cfg_strength,
        sway_sampling: float = CloneRequest.sway_sampling,
        speed: float = CloneRequest.speed,
        seed: int | None = None,
        cross_fade: float = CloneRequest.cross_fade,
        remove_silence: bool = CloneRequest.remove_silence,
        pause: float = CloneRequest.pause,
        format: Any = CloneRequest.format,
        language: str = "",
        loudness: str = "",
        word_times: bool = CloneRequest.word_times,
        check: str = "",
        dictionary: str = "",
        progress: gr.Progress = gr.Progress(),  # noqa: B008  # how gradio wants it
    ) -> Iterator[tuple[str | None, dict[str, Any]]]:
        """Speak a text in the voice of a clip. Returns the audio file and a dict: take_id, seed, duration (seconds),
        reference_text, model, seconds (of each stage), notes, and link, or in link_error why there is none. Where word
        times are asked for also words, each with text, start, end (seconds) and probability (0: it was not heard, and
        has the place between its neighbours), or in words_error why there are none, and timings: links to their files
        in the bucket by format. While it works, job.status().progress_data tells the place in the queue, what is loaded and the step; job.cancel() stops
        it before its next step.

        Args:
            clip: A recording of the voice, best 6 to 12 seconds of clean speech; of a longer one a part is used.
            reference_text: The words in the clip. Blank: they are transcribed.
            text: What to say.
            model: A name that /models returns. Blank: the server's default.
            nfe: Sampling steps, 1 to 64: 7 is fast, 10 standard, 16 fine, 32 best.
            cfg_strength: Classifier-free guidance, 0 to 10; 0 leaves it out.
            sway_sampling: Sway sampling coefficient, -1 to 1; below 0 spends more steps early.
            speed: Pace against the voice's own, 0.3 to 2.
            seed: 0 to 4294967295; the same number gives the same speech. None: drawn, and returned.
            cross_fade: Seconds that two parts overlap where they are joined, 0 to 1.
            remove_silence: Shorten every pause above half a second.
            pause: Seconds of silence between paragraphs, 0 to 5.
            format: Of the file: wav, flac, mp3 or ogg (Opus).
            language: Of the clip, a two-letter code. Blank: detected.
            loudness: podcast (-16 LUFS), broadcast (-23 LUFS) or audiobook (as ACX asks). Blank: the server's own.
            word_times: Hear when each word is spoken, which takes a while more, and put the times beside the result.
            check: on: what was spoken is heard, and a part with a wrong word is spoken again a few times; until right:
                as often as the server allows; off. Blank: on for long texts. What was done is told in notes.
            dictionary: Words and how to say them: CSV, a line each, as gif,jiff. Whole words are meant, in small letters
                and capitals alike; one of capitals alone, as IT, only where it is written so.
        """
        for sound, told, now in self._clone(clone_request(locals())):
            yield sound, told
            # A yield wipes the progress told before it.
            progress(now.fraction, desc=now.line)

    @like(clone)
    def clone_stream(self, *values: Any) -> Iterator[tuple[str | None, dict[str, Any]]]:
        """/clone for who listens while it is made: iterate over client.submit(...). Yields a file and a dict: for each
        part, as soon as it is sound, a WAV file and part, parts and status; last the finished file and what /clone
        returns; between them no file and only status. The parts played one after the other sound as the finished file,
        but for a loudness that is the first part's, and pauses that are not shortened (remove_silence).
        """
        names = inspect.signature(self.clone_stream).parameters
        for sound, told, _ in self._clone(clone_request(dict(zip(names, values, strict=True))), early=True):
            yield sound, told

    def _clone(
        self, request: CloneRequest, early: bool = False
    ) -> Iterator[tuple[str | None, dict[str, Any], Progress]]:
        """What a client is told at each event, which lets gradio close this generator when it cancels; `early`: parts too."""
        sound: str | None = None
        told: dict[str, Any] = {}
        now = Progress()
        with sentences():
            for event, now in follow(self._studio.clone(request)):
                part: str | None = None
                status: dict[str, Any] = {"status": now.line}
                match event:
                    case Partial(chunk=chunk, chunks=chunks) if early:
                        part, status = self._files.put(event), status | {"part": chunk, "parts": chunks}
                    case Done(take):
                        sound = self._files.publish(take.file, take.filename)
                        told = facts(take) | {"link": "", "link_error": NO_BUCKET}
                    case Timed(words=words, error=error):
                        told |= {"words": [asdict(word) for word in words], "words_error": error, "timings": {}}
                    case Exported(export):
                        told |= {"link": export.link, "link_error": export.error}
                        told |= {"timings": export.timings} if "words" in told else {}
                yield part, status, now
        yield sound, told, now

    @like(clone)
    def estimate(self, *values: Any) -> dict[str, Any]:
        """What /clone would cost with the same arguments; makes, loads and hears nothing. Returns a dict: chunks (parts
        that are spoken in one go), speech_seconds, work_seconds (null: not measured yet on this server), download_bytes
        (of weights that must come first, not counted in work_seconds), notes (sentences on what will not fit, as a
        language), and status: the same in one sentence.
        """
        with sentences():
            names = inspect.signature(self.estimate).parameters
            expected = self._studio.estimate(clone_request(dict(zip(names, values, strict=True))))
        return asdict(expected) | {"status": cost(expected)}

    def transcribe(
        self,
        clip: str | None,
        language: str = "",
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Write down what is said in a clip. Returns the text and a dict: language, and words, each with text, start,
        end (seconds) and probability (how surely it was heard, 0 to 1).

        Args:
            clip: A recording of speech.
            language: Its language, a two-letter code. Blank: detected.
        """
        now = Progress()
        with sentences():
            for event in self._studio.transcribe(sent_file(clip), language or ""):
                if isinstance(event, Transcript):
                    yield event.text, {"language": event.language, "words": [asdict(word) for word in event.words]}
                else:
                    now = now.after(event)
                    yield "", {"status": now.line}
                    progress(now.fraction, desc=now.line)

    def analyze_reference(self, clip: str | None, model: str = "") -> dict[str, Any]:
        """What a clip is worth as a reference. Returns a dict: seconds, speech_seconds, level (dBFS), snr (dB), rt60
        (seconds of reverberation), clipped (share of the samples), grade (good, fair or poor), and findings: each with
        kind, sentence (what is wrong), cure (what to do about it) and serious.

        Args:
            clip: A recording of the voice.
            model: The model that is to copy it, a name that /models returns; each takes so many seconds. Blank: the
                server's default.
        """
        with sentences():
            return asdict(self._studio.clips.examine(sent_file(clip), typed_words("model", model)))

    def stretches(
        self,
        clip: str | None,
        reference_text: str = "",
        language: str = "",
        model: str = "",
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[list[dict[str, Any]]]:
        """The parts of a clip that would make the best references, best first, and the shortest that still has its voice,
        after which speech is made sooner. Returns a list of dicts: start and end (seconds, for /cure), text (the words in
        it, for /clone), score (0 to 1), reason, likeness (of its voice to the whole clip's, at most 1; null where that
        cannot be told) and short (whether it is the shortest).

        Args:
            clip: A recording of the voice.
            reference_text: The words in the clip. Blank: they are transcribed.
            language: Of the clip, a two-letter code. Blank: detected.
            model: The model that is to copy it, a name that /models returns. Blank: the server's default.
        """
        now = Progress()
        with sentences():
            typed, model = typed_words("reference_text", reference_text), typed_words("model", model)
            for event in self._studio.clips.stretches(sent_file(clip), typed, language or "", model):
                if isinstance(event, tuple):
                    yield [asdict(stretch) for stretch in event]
                else:
                    now = now.after(event)
                    yield []
                    progress(now.fraction, desc=now.line)

    def cure(
        self,
        clip: str | None,
        denoise: bool = Cures.denoise,
        trim: bool = Cures.trim,
        level: bool = Cures.level,
        start: float | None = Cures.start,
        end: float | None = Cures.end,
    ) -> str:
        """A clip made fit to be a reference: cut, then rid of noise, trimmed and levelled, as asked. Returns the new
        file (FLAC); the words of a clip that was cut are no longer those of the whole.

        Args:
            clip: A recording of the voice.
            denoise: Take steady noise out; refused where words would go with it.
            trim: Take the silence off both ends.
            level: Even out loud and soft passages, and bring the whole to the level a model is used to.
            start: Seconds at which it is to begin. None: at its beginning.
            end: Seconds at which it is to end. None: at its end.
        """
        with sentences():
            for name, flag in (("denoise", denoise), ("trim", trim), ("level", level)):
                if not isinstance(flag, bool):
                    raise BadParameter(f"The parameter {name} must be true or false.")
            cures = Cures(time_of("start", start), time_of("end", end), denoise, trim, level)
            file = self._files.place("clip.flac")
            self._studio.clips.cure(sent_file(clip), cures, file)
        return str(file)

    def compare(self, typed: str, heard: str, language: str = "en") -> tuple[list[dict[str, Any]], float]:
        """The words of a clip as they were typed against those heard in it. Returns a list of dicts, one for each word:
        kind (same, changed, missing: typed and not heard, added: heard and not typed), typed and heard; and the
        agreement, the share of the words that are the same, 0 to 1.

        Args:
            typed: The words as they were typed.
            heard: The words as /transcribe gives them.
            language: Of both, a two-letter code, for the reading of numbers.
        """
        with sentences():
            texts = typed_words("typed", typed), typed_words("heard", heard), typed_words("language", language)
            differences = compare(*texts)
        return [asdict(difference) for difference in differences], round(agreement(differences), 4)

    def restore(self, file: str | None) -> dict[str, Any]:
        """How a file made by Timbre was made, as the file itself tells. Returns a dict: request (every argument of
        /clone but the clip, seed included), created (ISO 8601), reference_hash (SHA-256 of the clip's file), notes: what
        could not be taken over, a sentence each, mended: what was changed since, which the request alone does not give
        again, parts (how many words each has, and between which samples it lies), reference_seconds and model_hash.

        Args:
            file: A WAV, FLAC, MP3 or Ogg file as Timbre made it, not edited or converted.
        """
        with sentences():
            restored = asdict(self._studio.restore(sent_file(file)))
        del restored["request"]["clip"]
        return restored

    def timings(
        self,
        file: str | None,
        format: Any = "json",
        words: str = "",
        language: str = "",
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[str | None]:
        """When each word of a sound is spoken, by hearing it. Returns a file: subtitles by sentence (srt, vtt), a
        subtitle a word (words.srt), karaoke (ass), or a table (csv: word, start_time, end_time; json: words and
        sentences with text, start and end in seconds). Every word is in it once, as it was written.

        Args:
            file: A result of Timbre, which holds its text; or any sound, with its words.
            format: srt, vtt, words.srt, ass, csv or json.
            words: What is said in the sound. Blank: those that Timbre was asked to say.
            language: Of the words, a two-letter code. Blank: guessed.
        """
        now = Progress()
        with sentences():
            if format not in SUBTITLE_FORMATS:
                raise BadParameter(f"The format must be one of {', '.join(SUBTITLE_FORMATS)}.")
            if not isinstance(words, str):
                raise BadParameter("The parameter words must be text.")
            for event in self._studio.timings.of_file(sent_file(file), words, language or ""):
                if isinstance(event, Transcript):
                    yield self._files.write(f"speech.{format}", subtitles(format, event.text, event.words))
                else:
                    now = now.after(event)
                    yield None
                    progress(now.fraction, desc=now.line)

    def detect(self, file: str | None) -> dict[str, Any]:
        """Whether a sound was made by Timbre. Returns a dict: mark (how surely the inaudible watermark is in some part
        of it, 0 to 1), marked (it is there), tagged (the metadata name Timbre; anyone can write or remove them), and
        verdict: the same in one sentence.

        Args:
            file: A sound file.
        """
        with sentences():
            origin = self._studio.detect(sent_file(file))
        return asdict(origin) | {"verdict": verdict(origin)}

    def models(self) -> list[dict[str, Any]]:
        """The models that /clone may be asked for: name, title, about, licence, languages, ready (its weights are on
        the server), download_bytes (to come first), default, loaded. Loads nothing."""
        return [asdict(model) for model in self._studio.models()]

    def health(self) -> dict[str, Any]:
        """State of the server: version, device, model (the loaded one), default_model, whisper, whisper_loaded, jobs
        running and waiting, bucket, limits; how the model computes on the device (dtype, attention, threads) and why so
        (device_reason). Loads nothing."""
        return asdict(self._studio.health())


def build(studio: Studio, files: Files) -> None:
    """Put the endpoints on the page that is being built."""
    endpoints = Endpoints(studio, files)
    with gr.Row(visible=False):
        clone_outputs = [gr.Audio(label="speech", type="filepath"), gr.JSON(label="take")]
        # No limit of gradio's: the engine's scheduler is the queue.
        listen(endpoints.clone, clone_outputs, needed=("text",), concurrency_limit=None)
        stream_outputs = [gr.Audio(label="part", type="filepath"), gr.JSON(label="told")]
        listen(endpoints.clone_stream, stream_outputs, needed=("text",), concurrency_limit=None)
        listen(endpoints.estimate, [gr.JSON(label="cost")], needed=("text",), **ESTIMATING)
        listen(endpoints.transcribe, [gr.Textbox(label="text"), gr.JSON(label="details")], **HEARING)
        listen(endpoints.analyze_reference, [gr.JSON(label="report")], **HEARING)
        listen(endpoints.stretches, [gr.JSON(label="stretches")], **HEARING)
        listen(endpoints.cure, [gr.Audio(label="cured", type="filepath")], **HEARING)
        listen(endpoints.compare, [gr.JSON(label="differences"), gr.Number(label="agreement")], **ESTIMATING)
        listen(endpoints.restore, [gr.JSON(label="made")], **ESTIMATING)
        listen(endpoints.timings, [gr.File(label="timings")], **HEARING)
        listen(endpoints.detect, [gr.JSON(label="origin")], **HEARING)
    gr.api(endpoints.models, api_name="models")
    gr.api(endpoints.health, api_name="health")
