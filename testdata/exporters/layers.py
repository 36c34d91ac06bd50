"""Small modules that make the exporters write what networks of every field are made of."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from case import Case
from torch_export import ALL, exports as of

BATCH = ({0: "batch"},)


class Apply(nn.Module):
    """A function of tensors as a module."""

    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, *args):
        return self.f(*args)


def function(name: str, f, *shapes, exporters: tuple = (), dynamic=True, **flags) -> Case:
    """A case of a function of noise; an extent of 0 is the batch."""
    axes = tuple({0: "batch"} if s and s[0] == 0 else None for s in shapes)
    axes = axes if dynamic and any(axes) else None

    def inputs(i: int) -> tuple:
        return tuple(torch.randn(*[d or 2 + i for d in s]) for s in shapes)

    return Case(name, lambda: Apply(f).eval(), inputs, axes, exporters, parts=True, **flags)


def module(name: str, build, *shapes, exporters: tuple = (), **flags) -> Case:
    case = function(name, None, *shapes, exporters=exporters, **flags)
    case.build = lambda: build().eval()
    return case


class Residual(nn.Module):
    def __init__(self, width: int, out: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.skip = nn.Sequential(nn.Conv2d(width, out, 1, stride, bias=False), nn.BatchNorm2d(out)) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.skip(x))


class SmallResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1), nn.ReLU())
        self.layer1 = nn.Sequential(Residual(8, 8, 1), Residual(8, 8, 1))
        self.layer2 = nn.Sequential(Residual(8, 16, 2), Residual(16, 16, 1))
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(self.stem(x)))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Double(nn.Sequential):
    def __init__(self, width: int, out: int, norm):
        super().__init__(nn.Conv2d(width, out, 3, padding=1), norm(out), nn.LeakyReLU(0.1), nn.Conv2d(out, out, 3, padding=1), norm(out), nn.SiLU())


class UNet(nn.Module):
    """Two levels; up by transposed convolution or by interpolation to the skip's size."""

    def __init__(self, learned: bool, norm=nn.BatchNorm2d):
        super().__init__()
        self.down1, self.down2, self.bottom = Double(3, 8, norm), Double(8, 16, norm), Double(16, 32, norm)
        self.up2 = nn.ConvTranspose2d(32, 16, 2, 2) if learned else None
        self.up1 = nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1) if learned else None
        self.merge2, self.merge1 = Double(32 if learned else 48, 16, norm), Double(16 if learned else 24, 8, norm)
        self.head = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(F.max_pool2d(a, 2))
        y = self.bottom(F.max_pool2d(b, 2))
        y = self.merge2(torch.cat([self.rise(y, b, self.up2), b], 1))
        return self.head(self.merge1(torch.cat([self.rise(y, a, self.up1), a], 1)))

    def rise(self, x, skip, up):
        return up(x) if up is not None else F.interpolate(x, size=skip.shape[2:], mode="bilinear", align_corners=False)


class YOLOHead(nn.Module):
    """Grid offsets, anchors and sigmoid, as detectors decode boxes."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(16, 3 * 9, 1)
        self.register_buffer("anchors", torch.tensor([[10.0, 13], [16, 30], [33, 23]]))

    def forward(self, x):
        n, _, h, w = x.shape
        y = self.conv(x).view(n, 3, 9, h, w).permute(0, 1, 3, 4, 2).sigmoid()
        grid = torch.stack(torch.meshgrid(torch.arange(w, device=x.device), torch.arange(h, device=x.device), indexing="xy"), -1).view(1, 1, h, w, 2)
        xy = (y[..., :2] * 2 - 0.5 + grid) * 8
        wh = (y[..., 2:4] * 2) ** 2 * self.anchors.view(1, 3, 1, 1, 2)
        return torch.cat([xy, wh, y[..., 4:]], -1).view(n, -1, 9)


class Branches(nn.Module):
    """What torch.jit.script keeps: a loop whose length is data, and a branch."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: torch.Tensor, steps: torch.Tensor) -> torch.Tensor:
        total = torch.zeros_like(x)
        for _ in range(int(steps)):
            total = torch.tanh(self.linear(total) + x)
        if bool(total.sum() > 0):
            total = total * 2
        else:
            total = total - 1
        return total


class While(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n = 0
        while bool(x.abs().max() > 0.5) and n < 20:
            x = x * 0.75
            n += 1
        return x + n


class Cond(nn.Module):
    """torch.cond, which the dynamo exporter makes an If of."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: self.linear(x).relu(), lambda x: self.linear(x).sin(), (x,))


def scan(x):
    from torch._higher_order_ops.scan import scan

    def step(c, v):
        c = 0.5 * c + v
        return c, c.tanh()

    return scan(step, torch.zeros_like(x[0]), x, dim=0)[1]


def upsamples(x):
    shapes = {"scale_factor": 2}, {"size": (11, 7)}
    out = [F.interpolate(x, mode=m, **s) for m in ("nearest", "bilinear", "bicubic") for s in shapes]
    return (*out, F.interpolate(x, size=(9, 10), mode="bilinear", align_corners=True), F.interpolate(x, scale_factor=1.5, mode="bicubic", align_corners=True))


def antialias(x):
    return F.interpolate(x, size=(5, 6), mode="bilinear", antialias=True), F.interpolate(x, size=(5, 6), mode="bicubic", antialias=True)


def pools(x):
    return (
        F.max_pool2d(x, 3, 2, 1), F.max_pool2d(x, 3, 2, 1, ceil_mode=True), F.max_pool2d(x, 2, dilation=2), F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
        F.avg_pool2d(x, 3, 2, 1, ceil_mode=True), F.adaptive_avg_pool2d(x, (4, 3)), F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, (4, 3)), F.lp_pool2d(x, 2, 3),
    )


def activations(x):
    names = (
        "relu relu6 elu selu celu gelu silu mish hardswish hardsigmoid hardtanh leaky_relu softplus softsign tanhshrink hardshrink softshrink logsigmoid sigmoid tanh threshold glu softmax log_softmax softmin"
    ).split()
    more = {"threshold": {"threshold": 0.1, "value": -2.0}, "glu": {"dim": 1}, "softmax": {"dim": 1}, "log_softmax": {"dim": -1}, "softmin": {"dim": 1}}
    return (*(getattr(F, n)(x, **more.get(n, {})) for n in names), F.gelu(x, approximate="tanh"), F.rrelu(x), F.prelu(x, torch.tensor([0.2])))


def unary(x):
    y = x.abs() + 0.5
    names = "exp expm1 sin cos tan sinh cosh asinh atan erf floor ceil round trunc frac sign neg sigmoid square".split()
    positive = "log log2 log10 log1p sqrt rsqrt reciprocal".split()
    z = x.clamp(-0.9, 0.9)
    return (*(getattr(torch, n)(x) for n in names), *(getattr(torch, n)(y) for n in positive), z.asin(), z.acos(), z.atanh(), (y + 1).acosh())


def binary(x, y):
    p = y.abs() + 0.5
    return (
        x + y, x - y, x * y, x / p, p**x, x.pow(3), torch.maximum(x, y), torch.minimum(x, y), torch.fmod(x, p), torch.remainder(x, p), torch.floor_divide(x, p),
        torch.atan2(x, y), torch.where(x > y, x, y), torch.lerp(x, y, 0.3), torch.addcmul(x, x, y, value=0.5), torch.addcdiv(x, x, p, value=0.5), x.clamp(min=-0.5), x.clamp(-1, 1),
        torch.hypot(x, y), (x > 0) & (y > 0), (x > 0) ^ (y > 0), ~(x >= y), x.ne(y), torch.isclose(x, x), torch.logaddexp(x, y), torch.rsub(x, 1), torch.copysign(x, y),
    )


def reductions(x):
    return (
        x.sum(), x.sum(1), x.mean((1, 2), keepdim=True), x.amax(2), x.amin((0, 1)), x.max(1).values, x.max(1).indices, x.min(1).values, x.std(1), x.var((1, 2)), x.var(1, correction=0),
        x.norm(), x.norm(dim=1), x.norm(p=1, dim=1), torch.linalg.vector_norm(x, 3, 1), x.logsumexp(1), x.abs().prod(1), x.argmax(1), x.argmin(), (x > 0).any(1), (x > 0).all(), x.abs().log().sum(-1),
        torch.aminmax(x).max, F.normalize(x, dim=1), F.cosine_similarity(x, x.flip(1), 1),
    )


def sorting(x):
    top = x.topk(3, 1)
    low = x.topk(2, -1, largest=False)
    ordered = x.sort(1, descending=True)
    return top.values, top.indices, low.values, ordered.values, ordered.indices, x.argsort(1), x.sort(-1).values[..., 1]


def indexing(x, y):
    rows = torch.tensor([2, 0, 1])
    wide = x.clone()
    wide[:, 1:3] = y[:, :2]
    wide[:, 0] = 1.5
    wide[..., -1] *= 2
    return (
        x[:, rows], x[:, :, rows[0] : 4], x[:, ::2, 1:-1], x[..., None], x.index_select(1, rows), x.gather(1, rows.view(1, 3, 1).expand(x.shape[0], 3, x.shape[2])), wide,
        x.scatter(1, rows.view(1, 3, 1).expand(x.shape[0], 3, 2), 7.0), x.scatter_add(1, rows.view(1, 3, 1).expand(x.shape[0], 3, 2), y[:, :3, :2]), x.index_add(1, rows, y[:, :3]),
        x.index_put((torch.tensor([0, 1]), torch.tensor([1, 2])), torch.tensor(5.0)), x.masked_fill(x > 0.5, -1.0), x.take_along_dim(x.argsort(1), 1), x[x.shape[0] - 1], x.narrow(1, 1, 2), x.select(2, 1),
        x.scatter_reduce(1, rows.view(1, 3, 1).expand(x.shape[0], 3, 2), y[:, :3, :2], "amax"), torch.take(x, rows), x.unfold(2, 3, 2),
    )


def masked(x):
    """Shapes that depend on elements."""
    return x[x > 0], x.nonzero(), (x > 0).sum() + x.shape[1]


def shaping(x):
    n, c, h = x.shape
    return (
        x.view(n, -1), x.reshape(-1, h), x.flatten(1), x.transpose(1, 2), x.permute(2, 0, 1), x.unsqueeze(0).squeeze(0), x.expand(3, n, c, h), x.repeat(1, 2, 1), torch.cat([x, x * 2], 1), torch.stack([x, -x], 2),
        *x.split(2, 1), *x.chunk(2, 2), x.flip(1), x.roll(1, 1), torch.tile(x, (2, 1)), x.unflatten(1, (2, -1)), x.repeat_interleave(2, 1), x.movedim(0, -1), x.tril(), x.triu(1), torch.rot90(x, 1, (1, 2)), x.mT,
    )


def creating(x):
    n, c = x.shape
    r = torch.arange(c, device=x.device)
    return (
        torch.zeros(n, 3) + x[:, :3], torch.ones_like(x), torch.full((n, c), 2.5), r.float() * x, torch.linspace(0, 1, 5), torch.eye(c) @ x.T, F.one_hot(x.argmax(1), c), torch.zeros_like(x).fill_(3), torch.arange(n), x.new_ones(n),
        torch.tril(torch.ones(c, c)), torch.bucketize(x, torch.tensor([-1.0, 0.0, 1.0])), torch.outer(r, r), (r[None] <= r[:, None]), torch.triu_indices(4, 4), torch.cartesian_prod(torch.arange(2), torch.arange(3)),
    )


def cumulative(x):
    return x.cumsum(1), x.cumsum(-1), x.abs().cumprod(1), x.diff(dim=1), x.cumsum(0)


def products(x, y):
    return (
        torch.einsum("bij,bkj->bik", x, y), torch.einsum("bij,bij->bi", x, y), torch.einsum("bij->bji", x), torch.einsum("...ij,...kj->...ik", x, y), torch.einsum("bii->bi", x[:, :, :4]), torch.einsum("bij,kj,bi->bk", x, y[0], x[..., 0]),
        x @ y.mT, torch.bmm(x, y.mT), torch.baddbmm(torch.ones(4, 4), x, y.mT, beta=0.5, alpha=2), torch.tensordot(x, y, ([1, 2], [1, 2])), torch.matmul(x, y[0, 0]), torch.addmm(torch.ones(4), x[0], y[0].T), x[0].mv(y[0, 0]), x[0, 0].dot(y[0, 0]),
        F.linear(x, y[0]), torch.cdist(x, y), torch.cross(x[..., :3], y[..., :3], dim=-1), torch.kron(x[0], y[0]),
    )


def grids(x, g):
    g = g.tanh()
    theta = g[:, :2, :3, 0]
    return (
        F.grid_sample(x, g, align_corners=False), F.grid_sample(x, g, mode="nearest", padding_mode="border", align_corners=True), F.grid_sample(x, g * 2, mode="bicubic", padding_mode="reflection", align_corners=False),
        F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False),
    )


def rearranging(x):
    return F.pixel_shuffle(x, 2), F.pixel_unshuffle(x, 2), F.channel_shuffle(x, 4), F.unfold(x, 3, padding=1, stride=2), F.fold(F.unfold(x, 2, stride=2), (8, 6), 2, stride=2), F.pixel_shuffle(x, 2).mean(1)


def padding(x):
    return F.pad(x, (1, 2)), F.pad(x, (1, 2, 3, 0), value=0.5), F.pad(x, (1, 2, 2, 1), mode="reflect"), F.pad(x, (1, 2, 2, 1), mode="replicate"), F.pad(x, (1, 2, 2, 1), mode="circular"), F.pad(x, (-1, 1, 0, -2))


def casting(x):
    return x.int(), x.long() // 2, x.long() % 3, x.bool(), x.double() * 2, x.half().float(), x.abs().to(torch.uint8), x.to(torch.bfloat16).float(), (x * 10).int() >> 1, (x * 10).int() & 5, x.isnan(), torch.nan_to_num(x / 0), x.isinf()


def spectral(x):
    f = torch.fft.rfft(x)
    return f.abs(), torch.view_as_real(torch.fft.fft(x)), torch.fft.irfft(f, n=x.shape[-1])


def stft(x):
    return torch.view_as_real(torch.stft(x, 16, 4, window=torch.hann_window(16), return_complex=True))


def losses(x, y):
    t = y.argmax(1)
    return F.cross_entropy(x, t), F.nll_loss(x.log_softmax(1), t, reduction="none"), F.mse_loss(x, y), F.l1_loss(x, y), F.smooth_l1_loss(x, y), F.binary_cross_entropy_with_logits(x, y.sigmoid()), F.kl_div(x.log_softmax(1), y.softmax(1), reduction="batchmean"), F.huber_loss(x, y)


class Norms(nn.Module):
    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList([
            nn.BatchNorm2d(8), nn.InstanceNorm2d(8), nn.InstanceNorm2d(8, affine=True), nn.GroupNorm(4, 8), nn.LayerNorm([6, 5]), nn.LayerNorm(5, bias=False), nn.LocalResponseNorm(3), nn.RMSNorm(5), nn.GroupNorm(1, 8, affine=False),
            nn.BatchNorm2d(8, affine=False),
        ])

    def forward(self, x):
        return tuple(n(x) for n in self.norms)


class Convs(nn.Module):
    """Two dimensions: strides, dilation, groups, paddings, transposed."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([
            nn.Conv2d(8, 6, 3), nn.Conv2d(8, 6, (3, 1), (2, 1), (1, 0)), nn.Conv2d(8, 8, 3, padding=2, dilation=2), nn.Conv2d(8, 16, 3, groups=8, padding=1), nn.Conv2d(8, 4, 5, groups=2, stride=2, padding=2),
            nn.Conv2d(8, 6, 4, padding="same"), nn.Conv2d(8, 6, 3, padding=1, padding_mode="reflect"), nn.Conv2d(8, 6, 3, padding=1, padding_mode="circular"), nn.Conv2d(8, 6, 1, stride=2), nn.ConvTranspose2d(8, 6, 3, 2),
            nn.ConvTranspose2d(8, 6, 3, 2, 1, 1, bias=False), nn.ConvTranspose2d(8, 8, 4, 2, 1, groups=4), nn.ConvTranspose2d(8, 6, 3, dilation=2),
        ])

    def forward(self, x):
        return tuple(c(x) for c in self.convs)


class Convs1(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([
            nn.Conv1d(4, 8, 5, 2, 2), nn.Conv1d(4, 4, 3, groups=4, dilation=3), nn.Conv1d(4, 8, 1), nn.ConvTranspose1d(4, 6, 8, 4, 2), nn.MaxPool1d(3, 2), nn.AvgPool1d(4, 2), nn.AdaptiveAvgPool1d(5), nn.Upsample(scale_factor=2),
            nn.Upsample(scale_factor=2, mode="linear"), nn.BatchNorm1d(4), nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 4, 3, padding=1)),
        ])

    def forward(self, x):
        return tuple(c(x) for c in self.convs)


class Convs3(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([
            nn.Conv3d(3, 8, 3, 1, 1), nn.Conv3d(3, 6, (1, 3, 3), (1, 2, 2), groups=3), nn.ConvTranspose3d(3, 4, 2, 2), nn.MaxPool3d(2), nn.AvgPool3d((1, 2, 2)), nn.AdaptiveAvgPool3d(2), nn.Upsample(scale_factor=2, mode="trilinear"),
            nn.InstanceNorm3d(3), nn.BatchNorm3d(3),
        ])

    def forward(self, x):
        return tuple(c(x) for c in self.convs)


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.sum, self.mean = nn.EmbeddingBag(20, 6, mode="sum"), nn.EmbeddingBag(20, 6, mode="mean")
        self.embed = nn.Embedding(20, 6, padding_idx=0, max_norm=None)

    def forward(self, x):
        return self.sum(x), self.mean(x), self.embed(x)


def trained(build):
    """A network in training mode, without randomness."""

    def make():
        model = build()
        model.train()
        return model

    return make


class Dropouts(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.bn, self.fc = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(8, 10)

    def forward(self, x):
        x = F.dropout2d(self.bn(self.conv(x)).relu(), 0.2, self.training).mean((2, 3))
        return self.fc(F.dropout(x, 0.5, self.training))


def half(build, dtype):
    """A network that computes in 16 bits, with inputs and outputs of 32."""

    class Half(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = build().eval().to(dtype)

        def forward(self, x):
            return self.model(x.to(dtype)).float()

    return Half


SCRIPTED = ("ts11", "ts17")
CASES = [
    module("smallresnet", SmallResNet, (0, 3, 16, 16), exporters=ALL),
    Case("smallresnet_train", trained(SmallResNet), lambda i: (torch.randn(4, 3, 16, 16),), None, ("ts13", "ts17", "dynamo")),
    Case("dropout_train", trained(Dropouts), lambda i: (torch.randn(4, 3, 16, 16),), None, ("ts13", "ts17", "dynamo"), stochastic=True),
    module("smallresnet_fp16", half(SmallResNet, torch.float16), (0, 3, 16, 16), rounds=True),
    module("smallresnet_bf16", half(SmallResNet, torch.bfloat16), (0, 3, 16, 16), rounds=True),
    Case("unet_transposed", lambda: UNet(True).eval(), lambda i: (torch.randn(1 + i, 3, 32, 32 + 16 * i),), ({0: "batch", 3: "width"},), ("ts11", "ts17", "dynamo", "dynamo-raw")),
    Case("unet_bilinear", lambda: UNet(False).eval(), lambda i: (torch.randn(1 + i, 3, 36, 44 + 16 * i),), ({0: "batch", 3: "width"},), ("ts11", "ts17", "dynamo", "dynamo-static")),
    Case("unet_groupnorm", lambda: UNet(True, lambda c: nn.GroupNorm(4, c)).eval(), lambda i: (torch.randn(1 + i, 3, 32, 32),), BATCH, ("ts17", "dynamo", "dynamo-raw")),
    Case("unet_instancenorm", lambda: UNet(False, nn.InstanceNorm2d).eval(), lambda i: (torch.randn(1 + i, 3, 32, 32),), BATCH),
    Case("yolo_head", lambda: YOLOHead().eval(), lambda i: (torch.randn(1 + i, 16, 6, 5 + 3 * i),), ({0: "batch", 3: "width"},), ("ts11", "ts17", "dynamo", "dynamo-static")),
    Case("script_branches", lambda: torch.jit.script(Branches().eval()), lambda i: (torch.randn(2, 8), torch.tensor(3)), None, SCRIPTED),
    Case("script_while", lambda: torch.jit.script(While().eval()), lambda i: (torch.randn(2, 8),), None, SCRIPTED),
    Case("cond", lambda: Cond().eval(), lambda i: (torch.randn(2, 8),), None, ("dynamo", "dynamo23", "dynamo-raw")),
    function("scan", scan, (5, 4), exporters=("dynamo",)),
    function("upsamples", upsamples, (0, 4, 6, 5), exporters=("ts11", "ts13", "ts17", "dynamo", "dynamo-static", "dynamo23")),
    function("antialias", antialias, (0, 3, 12, 13), exporters=("ts20", "dynamo")),
    function("pools", pools, (0, 4, 12, 9), exporters=("ts11", "ts17", "dynamo", "dynamo-static", "dynamo23")),
    function("activations", activations, (0, 6, 5), exporters=ALL),
    function("unary", unary, (0, 7), exporters=("ts17", "dynamo", "dynamo23")),
    function("binary", binary, (0, 4, 5), (4, 1), exporters=("ts17", "dynamo", "dynamo-raw")),
    function("reductions", reductions, (0, 4, 5), exporters=("ts11", "ts13", "ts18", "dynamo", "dynamo-raw")),
    function("sorting", sorting, (0, 6, 5), exporters=("ts11", "ts17", "dynamo", "dynamo23")),
    function("indexing", indexing, (0, 4, 5), (0, 4, 5), exporters=("ts11", "ts16", "ts18", "dynamo", "dynamo-static")),
    function("masked", masked, (4, 5), exporters=("ts11", "ts17", "dynamo")),
    function("shaping", shaping, (0, 4, 5), exporters=("ts9", "ts13", "ts17", "dynamo", "dynamo-raw", "dynamo-static")),
    function("creating", creating, (0, 5), exporters=("ts11", "ts17", "dynamo", "dynamo-static")),
    function("cumulative", cumulative, (0, 4, 5), exporters=("ts11", "ts17", "dynamo")),
    function("products", products, (0, 4, 5), (0, 4, 5), exporters=("ts12", "ts17", "dynamo", "dynamo-static")),
    function("grids", grids, (0, 3, 6, 5), (0, 4, 4, 2), exporters=("ts16", "ts20", "dynamo", "dynamo-static")),
    function("rearranging", rearranging, (0, 8, 8, 6), exporters=("ts11", "ts18", "dynamo", "dynamo-static")),
    function("padding", padding, (0, 3, 6, 5), exporters=("ts9", "ts11", "ts17", "dynamo", "dynamo-static")),
    function("casting", casting, (0, 5), exporters=("ts17", "dynamo", "dynamo23")),
    function("spectral", spectral, (0, 16), exporters=("ts17", "dynamo", "dynamo-static")),
    function("stft", stft, (0, 64), exporters=("ts17", "dynamo", "dynamo-static")),
    function("losses", losses, (0, 5), (0, 5), exporters=("ts13", "ts17", "dynamo")),
    module("norms", Norms, (0, 8, 6, 5), exporters=("ts11", "ts17", "ts18", "dynamo", "dynamo23", "dynamo-raw")),
    module("convs", Convs, (0, 8, 10, 9), exporters=("ts9", "ts13", "ts17", "dynamo", "dynamo-static")),
    module("convs1d", Convs1, (0, 4, 24), exporters=("ts11", "ts17", "dynamo", "dynamo-static")),
    module("convs3d", Convs3, (0, 3, 6, 6, 6), exporters=("ts11", "ts17", "dynamo", "dynamo-static")),
    Case("embeddings", lambda: Bag().eval(), lambda i: (torch.randint(0, 20, (2 + i, 5)),), BATCH, ("ts11", "ts17", "dynamo", "dynamo-static"), parts=True),
    module("parametrized", lambda: nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(6, 8)), nn.utils.parametrizations.orthogonal(nn.Linear(8, 8)), nn.ELU()), (0, 6)),
]


def exports(_):
    return of(CASES)
