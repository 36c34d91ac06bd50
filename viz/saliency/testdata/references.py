"""Writes what Captum makes of small networks with seeded weights:
NAME.onnx, and NAME.npz with the input, a baseline and the attributions for
class 1. Needs torch, onnx and captum 0.9. Its folder is the only argument."""

import copy
import sys
import warnings

import numpy
import torch
from captum.attr import (LRP, DeepLift, Deconvolution, GuidedBackprop, GuidedGradCam,
                         IntegratedGradients, Occlusion, Saliency)
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule
from torch import nn

warnings.simplefilter("ignore")
CLASS = 1
WEIGHTED = (nn.Conv2d, nn.Linear)


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
        elif isinstance(m, (nn.AvgPool2d, nn.AdaptiveAvgPool2d)):
            m.rule = pooling()
        elif isinstance(m, (nn.MaxPool2d, nn.Flatten)):
            m.rule = EpsilonRule()
    return LRP(net).attribute(x, target=CLASS)


def attributions(name, net, x, base):
    yield "gradient", Saliency(net).attribute(x, target=CLASS, abs=False)
    for rule in ("gausslegendre", "riemann_left", "riemann_right", "riemann_middle"):
        yield "ig_" + rule, IntegratedGradients(net).attribute(x, base, target=CLASS, n_steps=17, method=rule)
    for window, stride in ((4, 3), (3, 1), (5, 5), (12, 12)):
        yield f"occlusion_{window}_{stride}", Occlusion(copy.deepcopy(net).double()).attribute(
            x.double(), (3, window, window), (3, stride, stride), base.double(), target=CLASS)
    if name in ("vgg", "nobias", "norm", "residual"):
        yield "guidedbackprop", GuidedBackprop(net).attribute(x, target=CLASS)
        yield "deconvnet", Deconvolution(net).attribute(x, target=CLASS)
    if name in ("nobias", "norm", "residual", "smooth"):
        yield "deeplift", DeepLift(copy.deepcopy(net).double()).attribute(x.double(), base.double(), target=CLASS)
    if name in ("vgg", "nobias", "norm"):
        yield "lrpepsilon", relevance(net, x, lambda: EpsilonRule(1e-6), lambda: EpsilonRule(1e-6))
        yield "lrpepsilon_large", relevance(net, x, lambda: EpsilonRule(0.05), lambda: EpsilonRule(0.05))
        yield "lrpgamma", relevance(net, x, lambda: Gamma(gamma=0.25))
        yield "lrpalphabeta", relevance(net, x, Positive)


def main(folder):
    for seed, (name, net) in enumerate(networks()):
        torch.manual_seed(seed)
        for m in net.modules():
            if isinstance(m, WEIGHTED):
                m.reset_parameters()
            if isinstance(m, nn.BatchNorm2d):
                for t, low, high in ((m.weight, 0.5, 1.5), (m.bias, -0.3, 0.3), (m.running_mean, -0.3, 0.3), (m.running_var, 0.5, 1.5)):
                    nn.init.uniform_(t, low, high)
        net.eval()
        x, base = torch.rand(1, 3, 12, 12), torch.rand(1, 3, 12, 12)
        torch.onnx.export(net, (x,), f"{folder}/{name}.onnx", dynamo=False, opset_version=17, input_names=["input"],
                          output_names=["logits"], dynamic_axes={"input": {0: "n"}, "logits": {0: "n"}},
                          training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
        arrays = {"input": x, "baseline": base}
        arrays.update(attributions(name, net, x, base))
        numpy.savez_compressed(f"{folder}/{name}.npz", **{k: v.detach().numpy().astype("float32") for k, v in arrays.items()})


main(sys.argv[1])
