"""Writes what pytorch-grad-cam, TorchCAM, Captum, SciPy and scikit-image make of
a small network, a picture and a map: net.onnx and reference.json beside this
file. Needs torch, onnx, grad-cam, torchcam, captum, scipy, scikit-image.
"""
import json
import pathlib

import numpy as np
import torch
from captum.metrics import sensitivity_max
from pytorch_grad_cam.metrics import arcc, road
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr
from skimage.feature import hog
from skimage.metrics import structural_similarity
from torchcam.metrics import ClassificationMetric, DeletionInsertionMetric

here = pathlib.Path(__file__).parent
H, W, CLASS = 24, 20, 2
torch.manual_seed(5)
net = torch.nn.Sequential(
    torch.nn.Conv2d(3, 6, 3, padding=1), torch.nn.ReLU(),
    torch.nn.Conv2d(6, 8, 3, padding=1, stride=2), torch.nn.ReLU(),
    torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 5),
).eval()
with torch.no_grad():
    net[-1].weight *= 6
random = np.random.default_rng(5)


def smooth(shape, sigma):
    return gaussian_filter(random.standard_normal(shape), sigma)


picture = np.stack([smooth((H, W), 2) for _ in range(3)])
picture = (picture / picture.std()).astype(np.float32)
x = torch.from_numpy(picture)[None]
scaled = lambda a: (a - a.min()) / (a.max() - a.min())
heat = scaled(smooth((H, W), 3)).astype(np.float32)
other = scaled(0.5 * heat + 0.4 * scaled(smooth((H, W), 2))).astype(np.float32)


class Given:
    """A CAM extractor that returns the map it was given."""

    def __init__(self):
        self.model = net

    def __call__(self, *args, **kwargs):
        return [torch.from_numpy(heat)[None]]

    def fuse_cams(self, cams):
        return cams[0]

    def _hooks_off(self):
        import contextlib
        return contextlib.nullcontext()


softmax = lambda out: torch.softmax(out, -1)
targets = [lambda out: torch.softmax(out, -1)[CLASS]]


def gradient_heat(input_tensor, targets=None, **_):
    """The magnitude of the gradient of the logit, scaled to 0 to 1."""
    out = []
    for row in input_tensor:
        with torch.enable_grad():
            leaf = row[None].detach().clone().requires_grad_(True)
            net(leaf)[0, CLASS].backward()
        g = leaf.grad[0].abs().sum(0).numpy()
        out.append((g - g.min()) / (g.max() - g.min() + 1e-8))
    return np.stack(out)


curves = DeletionInsertionMetric(Given(), softmax, steps=20)
curves.update(x, CLASS)
confidence = ClassificationMetric(Given(), softmax)
confidence.update(x, CLASS)

quiet = road.NoisyLinearImputer(noise=0)
road_scores = []
for percentile in [10, 30, 50, 70, 90]:
    # 'percentile' cuts at a quantile of the heat: 90 removes the top tenth.
    score = lambda remover: road.PerturbationConfidenceMetric(remover(percentile, quiet))(x, heat[None], targets, net, return_diff=False)[0]
    road_scores.append([float(score(road.RemoveMostRelevantFirst)), float(score(road.RemoveLeastRelevantFirst))])

own = gradient_heat(x)
deltas = torch.from_numpy(random.uniform(-0.2, 0.2, (2, 3, H, W)).round(3).astype(np.float32))
sensitivity = sensitivity_max(
    lambda inputs: (torch.from_numpy(gradient_heat(inputs[0] if isinstance(inputs, tuple) else inputs)).float(),),
    x, perturb_func=lambda inputs: (inputs[0] if isinstance(inputs, tuple) else inputs) + deltas, n_perturb_samples=2)

with torch.no_grad():
    probability = float(softmax(net(x))[0, CLASS])
rounded = lambda v: [rounded(e) for e in v] if isinstance(v, list) else float(f"{v:.8g}") if isinstance(v, float) else v
reference = {
    "w": W, "h": H, "class": CLASS, "picture": picture.ravel().tolist(), "heat": heat.ravel().tolist(), "other": other.ravel().tolist(),
    "probability": probability,
    "deletion": curves.deletion,
    "insertion": curves.insertion,
    "drop": confidence.drop, "increase": confidence.increase,
    "road": road_scores,
    "complexity": float(arcc.Complexity()(heat[None])[0]),
    "own_complexity": float(arcc.Complexity()(own)[0]),
    "coherency": float(arcc.Coherency()(x, own, targets, net, gradient_heat)[0]),
    "deltas": deltas.numpy().reshape(2, -1).tolist(), "sensitivity": float(sensitivity[0]),
    "spearman": float(spearmanr(heat.ravel(), other.ravel()).statistic),
    "ssim": float(structural_similarity(heat, other, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1)),
    "hog": float(np.corrcoef(*[hog(v, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(1, 1), block_norm="L2") for v in (heat, other)])[0, 1]),
}
(here / "reference.json").write_text(json.dumps({k: rounded(v) for k, v in reference.items()}) + "\n")
torch.onnx.export(net, (x,), str(here / "net.onnx"), input_names=["image"], output_names=["logits"],
                  dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}}, dynamo=False, opset_version=17)
print({k: v for k, v in reference.items() if isinstance(v, float)})
