"""Networks that torchvision does not have, with the parameters of the libraries
that they are known from: DeiT as in timm, BERT as in Hugging Face's transformers,
and a tagger. They use what PyTorch has for each part."""

import torch
from torch import nn
from torch.nn import functional as F


def attend(q, k, v, heads, mask=None):
    """Attention of several heads over [batch, tokens, width]."""
    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        return self.proj(attend(*self.qkv(x).chunk(3, -1), self.heads))


class Perceptron(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.attn, self.mlp = Attention(width, heads), Perceptron(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Patches(nn.Module):
    def __init__(self, size, width):
        super().__init__()
        self.proj = nn.Conv2d(3, width, size, size)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class DeiT(nn.Module):
    def __init__(self, width=192, depth=12, heads=3, side=224, patch=16, classes=1000):
        super().__init__()
        self.patch_embed = Patches(patch, width)
        self.cls_token = nn.Parameter(torch.empty(1, 1, width))
        self.pos_embed = nn.Parameter(torch.empty(1, (side // patch) ** 2 + 1, width))
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(depth)))
        self.norm, self.head = nn.LayerNorm(width, 1e-6), nn.Linear(width, classes)

    def forward(self, x):
        x = self.patch_embed(x)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        return self.head(self.norm(self.blocks(x))[:, 0])


class Embeddings(nn.Module):
    def __init__(self, width, vocabulary, positions):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocabulary, width)
        self.position_embeddings = nn.Embedding(positions, width)
        self.token_type_embeddings = nn.Embedding(2, width)
        self.LayerNorm = nn.LayerNorm(width, 1e-12)

    def forward(self, tokens, sentences):
        places = torch.arange(tokens.shape[1])[None]
        return self.LayerNorm(self.word_embeddings(tokens) + self.token_type_embeddings(sentences) + self.position_embeddings(places))


class Output(nn.Module):
    def __init__(self, inner, width):
        super().__init__()
        self.dense, self.LayerNorm = nn.Linear(inner, width), nn.LayerNorm(width, 1e-12)

    def forward(self, x, around):
        return self.LayerNorm(self.dense(x) + around)


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention = nn.ModuleDict({
            "self": nn.ModuleDict({name: nn.Linear(width, width) for name in ("query", "key", "value")}),
            "output": Output(width, width),
        })
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, 4 * width)})
        self.output = Output(4 * width, width)

    def forward(self, x, mask):
        part = self.attention["self"]
        y = attend(part["query"](x), part["key"](x), part["value"](x), self.heads, mask)
        x = self.attention["output"](y, x)
        return self.output(F.gelu(self.intermediate["dense"](x)), x)


class MiniLM(nn.Module):
    def __init__(self, width=384, depth=6, heads=12, vocabulary=30522, positions=512):
        super().__init__()
        self.embeddings = Embeddings(width, vocabulary, positions)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(Layer(width, heads) for _ in range(depth))})

    def forward(self, tokens, counts, sentences):
        mask = (1 - counts[:, None, None].float()) * torch.finfo(torch.float32).min
        x = self.embeddings(tokens, sentences)
        for layer in self.encoder["layer"]:
            x = layer(x, mask)
        return x


class Tagger(nn.Module):
    def __init__(self, vocabulary=20_000, width=128, hidden=256, tags=17):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.lstm = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.tag = nn.Linear(2 * hidden, tags)

    def forward(self, words):
        return self.tag(self.lstm(self.embedding(words))[0])


NETWORKS = {"deit_tiny": DeiT, "minilm": MiniLM, "lstm_tagger": Tagger}
