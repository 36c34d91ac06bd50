"""What bench/saliency asks of PyTorch and Captum.

    peer.py time DIR METHOD       print the seconds of one map
    peer.py picture DIR METHOD OUT.png   a whole process, as a user writes it
"""

import os
import sys
import time

import numpy as np
import torch
import torchvision
from PIL import Image

CLASS = 3
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))


def load(folder):
    net = torchvision.models.resnet18(weights=None)
    net.load_state_dict(torch.load(os.path.join(folder, "resnet18.pt"), weights_only=True))
    rgb = np.float32(Image.open(os.path.join(folder, "photo.png")).convert("RGB")) / 255
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    return net.eval().requires_grad_(False), rgb, torch.from_numpy(((rgb - mean) / std).transpose(2, 0, 1)[None].copy())


def attribution(net, x, method):
    from captum.attr import IntegratedGradients, Occlusion

    if method == "ig":
        return IntegratedGradients(net).attribute(x, target=CLASS, n_steps=50)
    return Occlusion(net).attribute(x, (3, 15, 15), strides=(3, 8, 8), target=CLASS)


def measure(folder, method):
    import captum.attr  # noqa: F401  its import is no part of the time

    net, _, x = load(folder)
    net(x)
    start = time.perf_counter()
    attribution(net, x, method)
    print(time.perf_counter() - start)


def whole(folder, method, out):
    from captum.attr import visualization
    import matplotlib

    matplotlib.use("Agg")
    net, rgb, x = load(folder)
    shares = attribution(net, x, method)[0].permute(1, 2, 0).numpy()
    figure, _ = visualization.visualize_image_attr(shares, rgb, method="blended_heat_map", sign="all", use_pyplot=False)
    figure.savefig(out)


if __name__ == "__main__":
    {"time": measure, "picture": whole}[sys.argv[1]](*sys.argv[2:])
