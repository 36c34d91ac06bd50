"""What bench/cam asks of PyTorch, TorchCAM and pytorch-grad-cam.

    peer.py time DIR LIB METHOD   print the seconds of each round as JSON
    peer.py picture DIR LIB METHOD OUT.png   a whole process, as a user writes it
"""

import json
import os
import sys
import time

import numpy as np
import torch
import torchvision
from PIL import Image

THREADS = int(os.environ.get("OMP_NUM_THREADS", "2"))
CLASS, LAYER = 3, "layer4"
torch.set_num_threads(THREADS)


def network(folder):
    net = torchvision.models.resnet18(weights=None)
    net.load_state_dict(torch.load(os.path.join(folder, "resnet18.pt"), weights_only=True))
    return net.eval()


def picture(folder):
    rgb = np.float32(Image.open(os.path.join(folder, "photo.png")).convert("RGB")) / 255
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    return rgb, torch.from_numpy(((rgb - mean) / std).transpose(2, 0, 1)[None].copy())


def maker(lib, method, net):
    """A function from a picture to its map, at the layer's or the picture's size."""
    if lib == "torchcam":
        import torchcam.methods as tcm

        kinds = {"gradcam": "GradCAM", "gradcam++": "GradCAMpp", "xgradcam": "XGradCAM", "layercam": "LayerCAM", "scorecam": "ScoreCAM"}
        cam = getattr(tcm, kinds[method])(net, LAYER)
        return lambda x: cam(CLASS, net(x))[0][0].numpy()
    import pytorch_grad_cam as pgc
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    kinds = {
        "gradcam": "GradCAM", "gradcam++": "GradCAMPlusPlus", "xgradcam": "XGradCAM", "layercam": "LayerCAM",
        "hirescam": "HiResCAM", "eigencam": "EigenCAM", "scorecam": "ScoreCAM", "ablationcam": "AblationCAM",
    }
    cam = getattr(pgc, kinds[method])(net, [net.layer4])
    return lambda x: cam(x, [ClassifierOutputTarget(CLASS)])[0]


def measure(folder, lib, method):
    _, x = picture(folder)
    make = maker(lib, method, network(folder))
    slow = method in ("scorecam", "ablationcam")
    seconds = []
    if not slow:
        for _ in range(3):
            make(x.clone())
    for _ in range(1 if slow else 15):
        start = time.perf_counter()
        make(x.clone())
        seconds.append(time.perf_counter() - start)
    print(json.dumps(seconds))


def whole(folder, lib, method, out):
    rgb, x = picture(folder)
    heat = maker(lib, method, network(folder))(x)
    if lib == "torchcam":
        from torchcam.utils import overlay_mask

        photo = Image.fromarray(np.uint8(255 * rgb))
        overlay_mask(photo, Image.fromarray(heat, mode="F"), alpha=0.5).save(out)
        return
    from pytorch_grad_cam.utils.image import show_cam_on_image

    Image.fromarray(show_cam_on_image(rgb, heat, use_rgb=True)).save(out)


if __name__ == "__main__":
    {"time": measure, "picture": whole}[sys.argv[1]](*sys.argv[2:])
