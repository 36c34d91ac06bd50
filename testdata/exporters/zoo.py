"""Networks that nn/zoo builds too and torchvision has not, by the names of their publishers, with random weights."""

from __future__ import annotations

from functools import partial

import torch
from torch import nn

from case import Case
from torch_export import exports as of
from vision import BATCH, images, settled

EXACTLY = ("dynamo-raw", "ts17")


class UNet(nn.Module):
    """The U-Net for brain scans of Buda et al., called as in PyTorch's hub."""

    def __init__(self, width: int = 32, levels: int = 4):
        super().__init__()
        self.levels = range(1, levels + 1)
        channels = 3
        for i in self.levels:
            self.add_module(f"encoder{i}", self.block(f"enc{i}", channels, width << (i - 1)))
            channels = width << (i - 1)
        self.bottleneck = self.block("bottleneck", channels, 2 * channels)
        for i in reversed(self.levels):
            channels = width << (i - 1)
            self.add_module(f"upconv{i}", nn.ConvTranspose2d(2 * channels, channels, 2, 2))
            self.add_module(f"decoder{i}", self.block(f"dec{i}", 2 * channels, channels))
        self.conv = nn.Conv2d(width, 1, 1)

    @staticmethod
    def block(name: str, channels: int, width: int) -> nn.Sequential:
        layers = nn.Sequential()
        for i in 1, 2:
            layers.add_module(f"{name}conv{i}", nn.Conv2d(channels if i == 1 else width, width, 3, padding=1, bias=False))
            layers.add_module(f"{name}norm{i}", nn.BatchNorm2d(width))
            layers.add_module(f"{name}relu{i}", nn.ReLU())
        return layers

    def forward(self, x):
        skipped = []
        for i in self.levels:
            x = self.get_submodule(f"encoder{i}")(x)
            skipped.append(x)
            x = nn.functional.max_pool2d(x, 2)
        x = self.bottleneck(x)
        for i in reversed(self.levels):
            x = torch.cat([self.get_submodule(f"upconv{i}")(x), skipped.pop()], 1)
            x = self.get_submodule(f"decoder{i}")(x)
        return self.conv(x).sigmoid()


def yolov8n(size: int):
    from ultralytics.nn.tasks import DetectionModel

    detector = settled(DetectionModel("yolov8n.yaml", verbose=False), size)
    detector.model[-1].export = True  # decoded boxes alone
    return detector


CASES = [
    Case("unet", lambda: settled(UNet(), 32), partial(images, 32), BATCH, EXACTLY),
    Case("yolov8n", lambda: yolov8n(64), partial(images, 64), None, EXACTLY),
]


def exports(_):
    return of(CASES)
