"""What can go wrong, as one sentence a person can act on.

Every message says what is wrong and what to do about it; it is shown as it stands on the page, in the client and in the
log. This module does not know where a message is shown.

    TimbreError
    +-- BadInput             the request cannot be served as it is
    |   +-- BadClip          the reference clip: missing, unreadable, too long, silent
    |   +-- BadText          the text: empty, too long, in letters the model lacks
    |   +-- BadParameter     a number, name or format out of its range
    +-- Busy                 the queue is full
    +-- TimedOut             the job took longer than the settings allow
    +-- Cancelled            the job was cancelled
    +-- NotFound             no such take, or it is no longer kept
    +-- Unavailable          something Timbre needs is not there
        +-- ModelUnavailable     weights missing, unreachable, wrong or too big
        +-- HearingUnavailable   the words of a clip could not be heard
        +-- ExportFailed         the bucket refused or could not be reached
        +-- DiskFull             no room to write a result
"""


class TimbreError(Exception):
    """Base of all; `str(error)` is the sentence for the person."""


class BadInput(TimbreError):
    """The request cannot be served as it is."""


class BadClip(BadInput):
    """The reference clip is missing, unreadable, silent, too short or too long."""


class BadText(BadInput):
    """There is nothing to say, too much of it, or letters the model does not have."""


class BadParameter(BadInput):
    """A number, name or format is out of its range."""


class Busy(TimbreError):
    """The queue is full."""


class TimedOut(TimbreError):
    """The job took longer than the settings allow."""


class Cancelled(TimbreError):
    """The job was cancelled before it was done."""


class NotFound(TimbreError):
    """No such take, or it is no longer kept."""


class Unavailable(TimbreError):
    """Something Timbre needs is not there."""


class ModelUnavailable(Unavailable):
    """Weights are missing, unreachable or not what they should be."""


class HearingUnavailable(Unavailable):
    """The words of a clip could not be heard."""


class ExportFailed(Unavailable):
    """The bucket refused the file or could not be reached."""


class DiskFull(Unavailable):
    """There is no room to write the result."""
