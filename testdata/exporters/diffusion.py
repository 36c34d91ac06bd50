"""Parts of diffusers' pipelines from small configurations, with random weights."""

from __future__ import annotations

import diffusers
import torch

from case import Case
from torch_export import exports as of

BATCH = {0: "batch"}


class Part(torch.nn.Module):
    """A part of a pipeline as a function of tensors to a tensor."""

    def __init__(self, model: torch.nn.Module):
        super().__init__()
        self.model = model.eval()


class Denoiser(Part):
    def forward(self, x, time, words):
        return self.model(x, time, words, return_dict=False)[0]


class Decoder(Part):
    def forward(self, x):
        return self.model.decode(x, return_dict=False)[0]


class Encoder(Part):
    def forward(self, x):
        return self.model.encode(x, return_dict=False)[0].mean


def unet():
    return diffusers.UNet2DConditionModel(
        sample_size=16, block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=8, attention_head_dim=8, cross_attention_dim=24,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
    )


def vae():
    return diffusers.AutoencoderKL(
        block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=8, latent_channels=4, sample_size=32,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )


CASES = [
    Case(
        "sd_unet", lambda: Denoiser(unet()), lambda i: (torch.randn(1 + i, 4, 16, 16), torch.full((1 + i,), 7 + i, dtype=torch.int64), torch.randn(1 + i, 5, 24)),
        (BATCH, BATCH, BATCH),
    ),
    Case("sd_vae_decoder", lambda: Decoder(vae()), lambda i: (torch.randn(1 + i, 4, 8, 8),), (BATCH,)),
    Case("sd_vae_encoder", lambda: Encoder(vae()), lambda i: (torch.randn(1 + i, 3, 32, 32),), (BATCH,)),
]


def exports(_):
    return of(CASES)
