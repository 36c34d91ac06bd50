"""Writes the references of TestPeers: small networks with random weights, and
the maps that TorchCAM and pytorch-grad-cam make of them.

    python viz/cam/testdata/peers.py viz/cam/testdata/peers

needs torch, torchvision, torchcam, grad-cam and onnx. For each network it
writes NAME.onnx and NAME.npz. The arrays are "input", "logits", and for each
layer "torchcam/METHOD/LAYER" and "gradcam/METHOD/LAYER": the map in the layer's
own size and not scaled, what is negative cut off but in maps of a component,
whose sign is arbitrary. FullGrad's has the picture's size and is scaled. Maps that pytorch-grad-cam
scales to 0 to 1 and enlarges are "gradcam/METHOD/fused", of all layers, and
"gradcam/METHOD/augmented/LAYER"; "gradcam/METHOD/smoothed/LAYER" is a component.
"""

import os
import sys
import warnings

import numpy as np
import pytorch_grad_cam as pgc
import torch
import torchcam.methods as tcm
from pytorch_grad_cam.ablation_layer import AblationLayer, AblationLayerVit
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn
from torchvision.models.vision_transformer import VisionTransformer

CLASSES, SIDE, CLASS = 5, 24, 3


class Vgg(nn.Module):
    """No batch normalization, and hidden linear layers."""

    def __init__(self):
        super().__init__()
        conv = lambda i, o: [nn.Conv2d(i, o, 3, padding=1), nn.ReLU()]
        self.block1 = nn.Sequential(*conv(3, 6), *conv(6, 8), nn.MaxPool2d(2))
        self.block2 = nn.Sequential(*conv(8, 10), *conv(10, 12))
        self.pool = nn.AdaptiveAvgPool2d(3)
        self.head = nn.Sequential(nn.Linear(12 * 9, 16), nn.ReLU(), nn.Linear(16, CLASSES))

    def forward(self, x):
        return self.head(torch.flatten(self.pool(self.block2(self.block1(x))), 1))


class Dense(nn.Module):
    """Layers that read all layers before them, normalized first."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, stride=2, padding=1)
        self.grow = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(6 + 4 * i), nn.ReLU(), nn.Conv2d(6 + 4 * i, 4, 3, padding=1, bias=False))
            for i in range(3)
        )
        self.norm = nn.Sequential(nn.BatchNorm2d(18), nn.ReLU())
        self.fc = nn.Linear(18, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        for layer in self.grow:
            x = torch.cat([x, layer(x)], 1)
        return self.fc(self.norm(x).mean((2, 3)))


class Mobile(nn.Module):
    """Depthwise convolutions and ReLU6, with a residual sum."""

    def __init__(self):
        super().__init__()

        def unit(i, o, stride):
            return nn.Sequential(
                nn.Conv2d(i, 2 * i, 1, bias=False), nn.BatchNorm2d(2 * i), nn.ReLU6(),
                nn.Conv2d(2 * i, 2 * i, 3, stride, 1, groups=2 * i, bias=False), nn.BatchNorm2d(2 * i), nn.ReLU6(),
                nn.Conv2d(2 * i, o, 1, bias=False), nn.BatchNorm2d(o),
            )

        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6())
        self.unit1, self.unit2 = unit(8, 8, 1), unit(8, 10, 2)
        self.last = nn.Sequential(nn.Conv2d(10, 20, 1, bias=False), nn.BatchNorm2d(20), nn.ReLU6())
        self.fc = nn.Linear(20, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        x = self.last(self.unit2(x + self.unit1(x)))
        return self.fc(x.mean((2, 3)))


class Silu(nn.Module):
    """SiLU, whose curvature ShapleyCAM sees, and squeeze and excitation."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.SiLU())
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 4, 1), nn.SiLU(), nn.Conv2d(4, 8, 1), nn.Sigmoid())
        self.last = nn.Sequential(nn.Conv2d(8, 12, 3, 2, 1), nn.BatchNorm2d(12), nn.SiLU())
        self.fc = nn.Sequential(nn.Linear(12, 10), nn.SiLU(), nn.Linear(10, CLASSES))

    def forward(self, x):
        x = self.stem(x)
        return self.fc(self.last(x * self.squeeze(x)).mean((2, 3)))


class Plain(nn.Module):
    """No bias anywhere, a picture higher than wide."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(3, 8, 5, 2, 2, bias=False), nn.ReLU())
        self.conv2 = nn.Sequential(nn.Conv2d(8, 14, 3, 2, 1, bias=False), nn.ReLU())
        self.fc = nn.Linear(14, CLASSES, bias=False)

    def forward(self, x):
        return self.fc(self.conv2(self.conv1(x)).amax((2, 3)))


class Group(nn.Module):
    """Group normalization, which is exported as instance normalization between
    two reshapes, before a residual sum and on its shortcut."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.GroupNorm(4, 8), nn.GELU())
        self.body = nn.Sequential(nn.Conv2d(8, 12, 3, 2, 1, groups=2), nn.GroupNorm(3, 12))
        self.short = nn.Sequential(nn.Conv2d(8, 12, 1, 2), nn.GroupNorm(1, 12))
        self.act = nn.GELU()
        self.fc = nn.Linear(12, CLASSES)

    def forward(self, x):
        x = self.stem(x)
        return self.fc(self.act(self.body(x) + self.short(x)).mean((2, 3)))


class Signal(nn.Module):
    """Two channels of samples."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv1d(2, 6, 7, 2, 3), nn.ReLU())
        self.conv2 = nn.Sequential(nn.Conv1d(6, 8, 5, 2, 2), nn.ReLU())
        self.fc = nn.Linear(8, CLASSES)

    def forward(self, x):
        return self.fc(self.conv2(self.conv1(x)).mean(2))


class Volume(nn.Module):
    """One channel of voxels."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv3d(1, 4, 3, 1, 1), nn.ReLU())
        self.conv2 = nn.Sequential(nn.Conv3d(4, 6, 3, 2, 1), nn.ReLU())
        self.fc = nn.Linear(6, CLASSES)

    def forward(self, x):
        return self.fc(self.conv2(self.conv1(x)).mean((2, 3, 4)))


def vit():
    return VisionTransformer(image_size=SIDE, patch_size=6, num_layers=3, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=CLASSES)


def grid(x):
    """A vision transformer's tokens as maps."""
    x = x[:, 1:]
    side = int(x.shape[1] ** 0.5)
    return x.reshape(x.shape[0], side, side, -1).permute(0, 3, 1, 2)


NETWORKS = {
    "vgg": (Vgg, ["block1.3", "block2"], (SIDE, SIDE)),
    "dense": (Dense, ["grow.1", "norm"], (SIDE, SIDE)),
    "mobile": (Mobile, ["unit1", "last"], (SIDE, SIDE)),
    "silu": (Silu, ["stem", "last"], (SIDE, SIDE)),
    "plain": (Plain, ["conv1", "conv2"], (32, SIDE)),
    "signal": (Signal, ["conv1", "conv2"], (2, 96)),
    "volume": (Volume, ["conv1", "conv2"], (1, 8, 12, 10)),
    "vit": (vit, ["encoder.layers.encoder_layer_1", "encoder.layers.encoder_layer_2.ln_1"], (SIDE, SIDE)),
    "group": (Group, ["body", "act"], (SIDE, 30)),
}

GRADCAM = {
    "gradcam": pgc.GradCAM, "gradcam++": pgc.GradCAMPlusPlus, "xgradcam": pgc.XGradCAM, "layercam": pgc.LayerCAM,
    "hirescam": pgc.HiResCAM, "elementwise": pgc.GradCAMElementWise, "shapleycam": pgc.ShapleyCAM,
    "scorecam": pgc.ScoreCAM, "ablationcam": pgc.AblationCAM, "eigencam": pgc.EigenCAM,
    "eigengradcam": pgc.EigenGradCAM, "kpcacam": pgc.KPCA_CAM, "fem": pgc.FEM,
}

TORCHCAM = {
    "gradcam": (tcm.GradCAM, {}), "gradcam++": (tcm.GradCAMpp, {}), "xgradcam": (tcm.XGradCAM, {}),
    "layercam": (tcm.LayerCAM, {}), "finercam": (tcm.FinerCAM, {}), "scorecam": (tcm.ScoreCAM, {}),
    "sscam": (tcm.SSCAM, {"std": 1e-12, "num_samples": 2}), "iscam": (tcm.ISCAM, {"num_samples": 3}),
    "smoothgradcam++": (tcm.SmoothGradCAMpp, {"std": 1e-12, "num_samples": 2}),
}


def randomized(build, seed):
    torch.manual_seed(seed)
    net = build()
    for name, m in net.named_modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.3)
            m.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.3)
        elif isinstance(m, (nn.LayerNorm, nn.GroupNorm)):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.normal_(m.bias, 0, 0.3)
        elif isinstance(m, (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)):
            nn.init.kaiming_normal_(m.weight)
            if m.bias is not None:
                nn.init.normal_(m.bias, 0, 0.3)
    return net.eval()


def layer_of(net, path):
    return dict(net.named_modules())[path]


def gradcam_maps(net, x, paths, out):
    reshape = grid if isinstance(net, VisionTransformer) else None
    target = [ClassifierOutputTarget(CLASS)]
    for name, method in GRADCAM.items():
        for path in paths:
            kwargs = {"reshape_transform": reshape}
            if name == "ablationcam":
                kwargs["ablation_layer"] = AblationLayerVit() if reshape else AblationLayer()
            cam = method(net, [layer_of(net, path)], **kwargs)
            raw, inner = [], cam.get_cam_image
            cam.get_cam_image = lambda *a, **k: raw.append(inner(*a, **k)) or raw[-1]
            try:
                with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):  # has second derivatives
                    cam(x.clone(), target)
            except (RuntimeError, ValueError) as err:
                print("left out:", name, path, err)
                continue
            out[f"gradcam/{name}/{path}"] = raw[0][0] if "eigen" in name else np.maximum(raw[0][0], 0)
            if name in ("gradcam", "layercam"):
                out[f"gradcam/{name}/augmented/{path}"] = cam(x.clone(), target, aug_smooth=True)[0]
            if name in ("gradcam", "layercam"):
                raw.clear()
                cam(x.clone(), target, eigen_smooth=True)
                out[f"gradcam/{name}/smoothed/{path}"] = raw[0][0]
        if name in ("gradcam", "layercam"):
            layers = [layer_of(net, p) for p in paths]
            out[f"gradcam/{name}/fused"] = method(net, layers, reshape_transform=reshape)(x.clone(), target)[0]
    if reshape is None:
        out["gradcam/fullgrad"] = pgc.FullGrad(net, [])(x.clone(), target)[0]


def torchcam_maps(net, x, paths, out):
    if isinstance(net, VisionTransformer):
        with tcm.LeGrad(net, list(net.encoder.layers)) as cam:
            inner = x.clone().requires_grad_()
            out["torchcam/legrad"] = cam(CLASS, net(inner), normalized=False)[0][0].detach().numpy()
        return
    for name, (method, kwargs) in TORCHCAM.items():
        if x.ndim == 3 and name in ("scorecam", "sscam", "iscam"):
            continue  # TorchCAM does not interpolate masks of signals
        for path in paths:
            with method(net, layer_of(net, path), input_shape=tuple(x.shape[1:]), **kwargs) as cam:
                inner = x.clone().requires_grad_()
                scores = net(inner)
                out[f"torchcam/{name}/{path}"] = cam(CLASS, scores, normalized=False)[0][0].detach().numpy()


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for seed, (name, (build, paths, size)) in enumerate(NETWORKS.items(), 11):
        net = randomized(build, seed)
        x = torch.randn(1, *size) if name in ("signal", "volume") else torch.randn(1, 3, *size)
        out = {"input": x.numpy(), "logits": net(x).detach().numpy()}
        torchcam_maps(net, x, paths, out)
        torch.onnx.export(
            net, x, os.path.join(folder, name + ".onnx"), dynamo=False, opset_version=17, do_constant_folding=False,
            training=torch.onnx.TrainingMode.PRESERVE, input_names=["input"], output_names=["logits"],
            dynamic_axes={"input": {0: "n"}, "logits": {0: "n"}},
        )
        if name not in ("signal", "volume"):
            gradcam_maps(net, x, paths, out)
        np.savez_compressed(os.path.join(folder, name + ".npz"), **{k: np.float32(v) for k, v in out.items()})
        print(name, out["logits"][0], len(out), "arrays")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(sys.argv[1])
