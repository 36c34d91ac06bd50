"""Writes what Captum, and PyTorch itself for attention, make of small networks with
seeded weights: NAME.onnx, and NAME.npz with the input, a baseline and the
attributions for class 1. Needs torch, onnx and captum 0.9. Arguments: the folder, and
the networks to write, or none for all."""

import copy
import sys
import warnings

import numpy
import torch
from captum.attr import (LRP, DeepLift, Deconvolution, FeatureAblation, GuidedBackprop, InputXGradient,
                         IntegratedGradients, NoiseTunnel, Occlusion, Saliency, ShapleyValues)
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule
from torch import nn

warnings.simplefilter("ignore")
CLASS = 1
WEIGHTED = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
# Inputs of networks that take no pictures of three colours: a signal, a volume,
# maps of four channels, and a row of features.
SHAPES = {"signal": (2, 48), "volume": (1, 6, 8, 7), "bands": (4, 10, 12), "row": (6,)}


class Residual(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body, self.act = body, nn.ReLU()

    def forward(self, x):
        return self.act(self.body(x) + x)


def conv(i, o, **how):
    return nn.Conv2d(i, o, 3, padding=1, **how)


class Gamma(GammaRule):
    """Captum leaves the bias as it is; the paper treats it as a weight."""

    def _manipulate_weights(self, module, inputs, outputs):
        super()._manipulate_weights(module, inputs, outputs)
        if getattr(module, "bias", None) is not None:
            module.bias.data = module.bias.data + self.gamma * module.bias.data.clamp(min=0)


class Positive(Alpha1_Beta0_Rule):
    def _manipulate_weights(self, module, inputs, outputs):
        super()._manipulate_weights(module, inputs, outputs)
        if getattr(module, "bias", None) is not None:
            module.bias.data = module.bias.data.clamp(min=0)


class Transformer(nn.Module):
    """A vision transformer of one layer with a gated perceptron. With relevant set
    its gradient times the input is AttnLRP as epsilon vanishes (arXiv 2402.05602):
    deviations are constants, activations multiply by what they scale with, and of
    a product each side gets half."""

    def __init__(self, width=8, heads=2):
        super().__init__()
        self.heads, self.relevant = heads, False
        self.patches = nn.Conv2d(3, width, 3, stride=3)
        self.positions = nn.Parameter(torch.empty(16, width))
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.gate, self.up, self.down = nn.Linear(width, 12), nn.Linear(width, 12), nn.Linear(12, width)
        self.hidden, self.head = nn.Linear(width, 10), nn.Linear(10, 4)

    def reset_parameters(self):
        nn.init.normal_(self.positions, std=0.3)
        for m in (self.norm1, self.norm2):
            nn.init.uniform_(m.weight, 0.5, 1.5)
            nn.init.uniform_(m.bias, -0.3, 0.3)

    def standardized(self, norm, x):
        if not self.relevant:
            return norm(x)
        deviation = (x.var(-1, unbiased=False, keepdim=True) + norm.eps).sqrt().detach()
        return (x - x.mean(-1, keepdim=True)) / deviation * norm.weight + norm.bias

    def activated(self, f, x):
        return x * (f(x) / x).detach() if self.relevant else f(x)

    def product(self, f, a, b):
        return (f(a, b.detach()) + f(a.detach(), b)) / 2 if self.relevant else f(a, b)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        q, k, v = (t.reshape(-1, 16, self.heads, 4).transpose(1, 2) for t in self.qkv(self.standardized(self.norm1, x)).chunk(3, -1))
        seen = torch.softmax(self.product(torch.matmul, q, k.transpose(2, 3)) / 2, -1)
        x = x + self.out(self.product(torch.matmul, seen, v).transpose(1, 2).reshape(-1, 16, 8))
        y = self.standardized(self.norm2, x)
        y = self.product(torch.mul, self.activated(nn.functional.silu, self.gate(y)), self.up(y))
        x = (x + self.down(y)).mean(1)
        return self.head(self.activated(nn.functional.gelu, self.hidden(x)))


def networks():
    yield "vgg", nn.Sequential(
        conv(3, 6), nn.ReLU(), conv(6, 8), nn.ReLU(), nn.MaxPool2d(2), conv(8, 8, stride=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(72, 10), nn.ReLU(), nn.Linear(10, 4))
    yield "nobias", nn.Sequential(
        conv(3, 6, bias=False), nn.ReLU(), nn.AvgPool2d(2), conv(6, 8, bias=False), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4, bias=False))
    yield "norm", nn.Sequential(
        conv(3, 6, bias=False), nn.BatchNorm2d(6), nn.ReLU(), conv(6, 6), nn.BatchNorm2d(6), nn.ReLU(),
        nn.AvgPool2d(3), nn.Flatten(), nn.Linear(96, 4))
    yield "smooth", nn.Sequential(
        conv(3, 6), nn.Sigmoid(), conv(6, 6), nn.Tanh(), conv(6, 6), nn.ELU(), conv(6, 6), nn.Softplus(),
        nn.AvgPool2d(3), nn.Flatten(), nn.Linear(96, 4))
    yield "residual", nn.Sequential(
        conv(3, 6), nn.BatchNorm2d(6), nn.ReLU(), Residual(nn.Sequential(conv(6, 6), nn.BatchNorm2d(6), nn.ReLU(), conv(6, 6))),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))
    yield "relu6", nn.Sequential(
        conv(3, 6), nn.ReLU6(), nn.Conv2d(6, 6, 3, padding=2, dilation=2, groups=3), nn.ReLU6(), nn.SiLU(),
        nn.MaxPool2d(3, 2, 1), conv(6, 6), nn.SiLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))
    yield "attention", Transformer()
    yield "signal", nn.Sequential(
        nn.Conv1d(2, 6, 5, padding=2), nn.ReLU(), nn.AvgPool1d(2), nn.Conv1d(6, 6, 3, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool1d(4), nn.Flatten(), nn.Linear(24, 4))
    yield "volume", nn.Sequential(
        nn.Conv3d(1, 4, 3, padding=1), nn.ReLU(), nn.AvgPool3d(2), nn.Conv3d(4, 4, 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(144, 4))
    yield "bands", nn.Sequential(
        conv(4, 6), nn.ReLU(), nn.AvgPool2d(2), conv(6, 6), nn.ReLU(),
        nn.Flatten(), nn.Linear(180, 4))
    yield "row", nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 4))


def folded(net):
    """The same network with batch normalizations in the convolutions."""
    layers = []
    for m in net:
        if isinstance(m, nn.BatchNorm2d):
            layers[-1] = torch.nn.utils.fusion.fuse_conv_bn_eval(layers[-1], m)
        else:
            layers.append(m)
    return nn.Sequential(*layers).eval()


def relevance(net, x, rule, pooling=EpsilonRule):
    net = folded(copy.deepcopy(net))
    for m in net.modules():
        if isinstance(m, WEIGHTED):
            m.rule = rule()
        elif "AvgPool" in type(m).__name__:
            m.rule = pooling()
        elif isinstance(m, (nn.MaxPool2d, nn.Flatten)):
            m.rule = EpsilonRule()
    return LRP(net).attribute(x, target=CLASS)


def attnlrp(net, x):
    net, x = copy.deepcopy(net).double(), x.double().requires_grad_()
    answer = net(x)
    net.relevant = True
    same = net(x)
    assert torch.allclose(answer, same)
    same[0, CLASS].backward()
    return x * x.grad


def attributions(name, net, x, base):
    yield "gradient", Saliency(net).attribute(x, target=CLASS, abs=False)
    for rule in ("gausslegendre", "riemann_left", "riemann_right", "riemann_middle"):
        yield "ig_" + rule, IntegratedGradients(net).attribute(x, base, target=CLASS, n_steps=17, method=rule)
    channels, space = x.shape[1], x.dim() - 2
    for window, stride in ((4, 3), (3, 1), (5, 5), (12, 12)):
        if space and window <= min(x.shape[2:]):
            yield f"occlusion_{window}_{stride}", Occlusion(copy.deepcopy(net).double()).attribute(
                x.double(), (channels,) + space * (window,), (channels,) + space * (stride,), base.double(), target=CLASS)
    if name == "row":
        yield "occlusion_1_1", FeatureAblation(net).attribute(x, base, target=CLASS)
        yield "kernelshap", ShapleyValues(net).attribute(x, base, target=CLASS)
    if name in SHAPES:
        yield "inputxgradient", InputXGradient(net).attribute(x, target=CLASS)
        yield "smoothgrad", NoiseTunnel(Saliency(net)).attribute(x, target=CLASS, abs=False, nt_samples=3, stdevs=0.0)
    if name in ("vgg", "nobias", "norm", "residual", *SHAPES):
        yield "guidedbackprop", GuidedBackprop(net).attribute(x, target=CLASS)
        yield "deconvnet", Deconvolution(net).attribute(x, target=CLASS)
    # Captum's shares do not add up where windows of max pooling overlap, and it takes the plain
    # gradient through SiLU, PReLU, SELU, adaptive max pooling, products and normalizations.
    if name in ("nobias", "norm", "residual", "smooth", *SHAPES):
        yield "deeplift", DeepLift(copy.deepcopy(net).double()).attribute(x.double(), base.double(), target=CLASS)
    if name in ("vgg", "nobias", "norm", *SHAPES):
        yield "lrpepsilon", relevance(net, x, lambda: EpsilonRule(1e-6), lambda: EpsilonRule(1e-6))
        yield "lrpepsilon_large", relevance(net, x, lambda: EpsilonRule(0.05), lambda: EpsilonRule(0.05))
        yield "lrpgamma", relevance(net, x, lambda: Gamma(gamma=0.25))
        yield "lrpalphabeta", relevance(net, x, Positive)
    if name == "attention":
        yield "attnlrp", attnlrp(net, x)


def main(folder, *names):
    for seed, (name, net) in enumerate(networks()):
        if names and name not in names:
            continue
        torch.manual_seed(seed)
        for m in net.modules():
            if isinstance(m, WEIGHTED + (Transformer,)):
                m.reset_parameters()
            if isinstance(m, nn.BatchNorm2d):
                for t, low, high in ((m.weight, 0.5, 1.5), (m.bias, -0.3, 0.3), (m.running_mean, -0.3, 0.3), (m.running_var, 0.5, 1.5)):
                    nn.init.uniform_(t, low, high)
        net.eval()
        shape = SHAPES.get(name, (3, 12, 12))
        x, base = torch.rand(1, *shape), torch.rand(1, *shape)
        torch.onnx.export(net, (x,), f"{folder}/{name}.onnx", dynamo=False, opset_version=17, input_names=["input"],
                          output_names=["logits"], dynamic_axes={"input": {0: "n"}, "logits": {0: "n"}},
                          training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
        arrays = {"input": x, "baseline": base}
        arrays.update(attributions(name, net, x, base))
        numpy.savez_compressed(f"{folder}/{name}.npz", **{k: v.detach().numpy().astype("float32") for k, v in arrays.items()})


main(*sys.argv[1:])
