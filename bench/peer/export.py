"""Writes resnet18.onnx and resnet18.pt, with random weights, and photo.png into a folder."""

import os
import sys

import numpy as np
import torch
import torchvision
from PIL import Image

folder = sys.argv[1]
torch.manual_seed(0)
net = torchvision.models.resnet18(weights=None).eval()
torch.save(net.state_dict(), os.path.join(folder, "resnet18.pt"))
torch.onnx.export(
    net, torch.zeros(1, 3, 224, 224), os.path.join(folder, "resnet18.onnx"), dynamo=False, opset_version=17,
    input_names=["input"], output_names=["logits"], dynamic_axes={"input": {0: "n"}, "logits": {0: "n"}},
)
noise = np.random.default_rng(0).normal(size=(14, 14, 3))
pixels = np.uint8(np.clip(128 + 60 * noise, 0, 255))
Image.fromarray(pixels).resize((224, 224), Image.BICUBIC).save(os.path.join(folder, "photo.png"))
