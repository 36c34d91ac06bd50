"""Networks of torchvision, with random weights."""

from __future__ import annotations

from functools import partial

import torch
import torchvision
from torchvision import models

from case import Case
from torch_export import exports as of

BATCH = ({0: "batch"},)
# With a graph that has the very weights of the network, which folding rounds.
EXACTLY = ("ts17", "dynamo", "dynamo-raw")
PLACES = ({0: "batch", 2: "height", 3: "width"},)


def settled(model: torch.nn.Module, size: int, batch: int = 4) -> torch.nn.Module:
    """Gives batch normalizations the statistics of noise, as training would, so that values stay in range."""
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for m in norms:
        m.momentum = 1.0
    model.train()
    if norms:
        with torch.no_grad():
            model(torch.randn(batch, 3, size, size))
    return model.eval()


def images(size: int, i: int, batch: tuple = (1, 2)) -> tuple:
    return (torch.randn(batch[i], 3, size, size),)


def places(size: int, i: int) -> tuple:
    return (torch.randn(1 + i, 3, size + 32 * i, size),)


def net(name: str, size: int = 64, exporters: tuple = (), build=None, **config) -> Case:
    make = build or partial(getattr(models, name), weights=None, **config)
    return Case(name, lambda: settled(make(), size), partial(images, size), BATCH, exporters)


def vgg11():
    """The convolutions at full width and a small classifier, which would be 400 MB."""
    model = models.vgg11(weights=None)
    model.avgpool = torch.nn.Identity()
    model.classifier = torch.nn.Sequential(
        torch.nn.Linear(512, 128), torch.nn.ReLU(True), torch.nn.Dropout(), torch.nn.Linear(128, 128), torch.nn.ReLU(True), torch.nn.Dropout(), torch.nn.Linear(128, 1000)
    )
    return model


def vit_small():
    return models.VisionTransformer(image_size=64, patch_size=16, num_layers=3, num_heads=4, hidden_dim=64, mlp_dim=128, num_classes=10)


def swin_small():
    return models.SwinTransformer(patch_size=[4, 4], embed_dim=24, depths=[2, 2], num_heads=[2, 4], window_size=[4, 4], num_classes=10)


def maxvit_small():
    return models.MaxVit((64, 64), stem_channels=16, partition_size=4, block_channels=[16, 32], block_layers=[1, 1], head_dim=8, stochastic_depth_prob=0.0, num_classes=10)


class Out(torch.nn.Module):
    """The one output of interest of a network of torchvision that returns a dictionary."""

    def __init__(self, model: torch.nn.Module):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


def segmentation(name: str):
    return Out(getattr(models.segmentation, name)(weights=None, weights_backbone=None, num_classes=5))


class Detector(torch.nn.Module):
    """A detector as a function of one picture."""

    def __init__(self, model: torch.nn.Module):
        super().__init__()
        self.model = model

    def forward(self, x):
        return tuple(self.model([x])[0].values())


def detector(name: str, size: int = 96, **config):
    """Weights start so small that all places score alike, and rounding decides which come first; these spread them."""
    model = getattr(models.detection, name)(weights=None, weights_backbone=None, **config)
    settled(model.backbone, size, 2)
    for part in [model.rpn.head.cls_logits, model.roi_heads.box_predictor.cls_score] if hasattr(model, "rpn") else []:
        part.weight.data *= 30
    return Detector(model).eval()


def picture(i: int) -> tuple:
    return (torch.rand(3, 96, 128),)


BOXES = dict(num_classes=4, min_size=96, max_size=128, box_detections_per_img=20)
CASES = [
    net("resnet18", exporters=("ts11", "ts17", "dynamo", "dynamo-static", "dynamo-raw")),
    net("resnet50", exporters=EXACTLY),
    net("mobilenet_v2", exporters=("ts11", "dynamo", "dynamo-raw")),
    net("mobilenet_v3_small", exporters=("ts13", "ts17", "dynamo", "dynamo-raw")),
    net("mobilenet_v3_large", exporters=("dynamo-raw",)),
    net("efficientnet_b0", exporters=EXACTLY),
    net("densenet121", exporters=("ts17", "dynamo-static", "dynamo-raw")),
    net("inception_v3", 96, build=partial(models.inception_v3, weights=None, init_weights=False, aux_logits=False), exporters=EXACTLY),
    net("googlenet", build=partial(models.googlenet, weights=None, init_weights=False, aux_logits=False), exporters=EXACTLY),
    net("shufflenet_v2_x0_5", exporters=("ts11", "ts17", "dynamo")),
    net("shufflenet_v2_x1_0", exporters=("dynamo-raw",)),
    net("mnasnet0_5"),
    net("regnet_y_400mf"),
    net("convnext_tiny", exporters=("ts17", "dynamo", "dynamo23", "dynamo-raw")),
    net("squeezenet1_1", exporters=("ts9", "ts17", "dynamo", "dynamo-raw")),
    net("vgg11", 32, build=vgg11, exporters=EXACTLY),
    net("vgg11_bn", build=lambda: torchvision.models.vgg11_bn(weights=None).features),
    net("vit", build=vit_small, exporters=("ts14", "ts17", "dynamo", "dynamo23", "dynamo-static")),
    net("swin", build=swin_small, exporters=("ts17", "dynamo-static", "dynamo")),
    net("maxvit", build=maxvit_small, exporters=("ts17", "dynamo-static")),
    Case("fcn_resnet50", lambda: settled(segmentation("fcn_resnet50"), 64), partial(places, 64), PLACES, EXACTLY),
    Case("deeplabv3_mobilenet", lambda: settled(segmentation("deeplabv3_mobilenet_v3_large"), 64), partial(places, 64), PLACES, ("ts11", "ts17", "dynamo", "dynamo-raw")),
    Case("lraspp", lambda: settled(segmentation("lraspp_mobilenet_v3_large"), 64), partial(places, 64), PLACES, EXACTLY),
    Case("ssdlite", lambda: detector("ssdlite320_mobilenet_v3_large", 320, num_classes=4, score_thresh=0.3), picture, None),
    Case("ssd", lambda: detector("ssd300_vgg16", 300, num_classes=4, score_thresh=0.3), picture, None, ("ts17",)),
    Case("fasterrcnn", lambda: detector("fasterrcnn_mobilenet_v3_large_320_fpn", **BOXES, box_score_thresh=0.2), picture, None),
    Case("retinanet", lambda: detector("retinanet_resnet50_fpn", num_classes=4, min_size=96, max_size=128, score_thresh=0.02), picture, None, ("ts17",)),
    Case("maskrcnn", lambda: detector("maskrcnn_resnet50_fpn", **BOXES, box_score_thresh=0.2), picture, None, ("ts17",)),
    Case("keypointrcnn", lambda: detector("keypointrcnn_resnet50_fpn", **BOXES | {"num_classes": 2}, box_score_thresh=0.4), picture, None, ("ts17",)),
    Case("r3d_18", lambda: models.video.r3d_18(weights=None, num_classes=10).eval(), lambda i: (torch.randn(1 + i, 3, 4, 32, 32),), BATCH),
]


def exports(_):
    return of(CASES)
