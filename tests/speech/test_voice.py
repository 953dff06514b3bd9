"""What a model is told of how each phone sounds in a voice."""

import torch

from engine.speech.voice import OVERDONE, Voice, palette


def test_of_several_clips_at_once_each_is_told_of_its_own_heard_frames_as_alone():
    torch.manual_seed(0)
    mels, ids, frames = torch.randn(3, 40, 100), torch.randint(0, 6, (3, 40)), (40, 25, 10)
    together = palette(mels, ids, 8, torch.arange(40) < torch.tensor(frames)[:, None])
    for told, mel, phones, heard in zip(together, mels, ids, frames, strict=True):
        assert torch.allclose(told, palette(mel[:heard], phones[:heard], 8), atol=1e-5)


def test_a_phone_that_is_not_heard_sounds_like_the_voice_where_it_is_loud_and_one_often_heard_like_itself():
    mel = torch.full((50, 100), -8.0)
    mel[:30], mel[30:40] = 1.0, 2.0
    told = palette(mel, torch.tensor([0] * 30 + [1] * 10 + [2] * 10), 4)
    assert torch.allclose(told[3], torch.full((100,), 1.25)), "the mean of the forty louder frames"
    assert (told[1] - 2).abs().max() < 0.25
    assert (told[2] + 8).abs().max() < 3


def test_what_guidance_overdid_of_the_coarse_shape_is_taken_back_and_the_fine_and_other_models_stay():
    middle, bands = torch.full((1, 100), -2.0), torch.arange(100) + 0.5
    coarse, fine = (torch.cos(torch.pi / 100 * order * bands) for order in (5, 70))
    evened = Voice(torch.empty(0, 100), 0, "", middle=middle).evened(middle + torch.stack([coarse, fine]))
    assert torch.allclose(evened - middle, torch.stack([(1 - OVERDONE) * coarse, fine]), atol=1e-5)
    mel = torch.randn(7, 100)
    assert Voice(mel, 7, "").evened(mel) is mel
