"""Writes what Captum makes of a small BERT with seeded weights, as a classifier of
sequences of tokens: tokens.onnx, and tokens.npz with the inputs, of which the mask
hides the last two tokens, and the attributions for class 1 summed over each token's
embedding. Needs torch, onnx, transformers and captum 0.9. Its folder is the only
argument."""

import sys

import numpy
import torch
from captum.attr import FeatureAblation, InputXGradient, IntegratedGradients, LayerIntegratedGradients
from transformers import BertConfig, BertForSequenceClassification

CLASS, PAD, STEPS = 1, 7, 17


class Logits(torch.nn.Module):
    def __init__(self, bert):
        super().__init__()
        self.bert = bert

    def forward(self, input_ids, attention_mask):
        return self.bert(input_ids=input_ids, attention_mask=attention_mask).logits


def main(folder):
    torch.manual_seed(0)
    bert = BertForSequenceClassification(BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=12, num_labels=3, initializer_range=0.3, attn_implementation="eager")).eval()
    net = Logits(bert).eval()
    ids = torch.tensor([[2, 17, 31, 8, 25, 3, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 1, 1, 0, 0]])
    words = bert.bert.embeddings.word_embeddings

    def of_embeddings(x):
        return bert(inputs_embeds=x, attention_mask=mask.expand(len(x), -1)).logits

    def of_ids(x):
        return net(x, mask.expand(len(x), -1))

    x = words(ids).detach()
    arrays = {
        "inputxgradient": InputXGradient(of_embeddings).attribute(x, target=CLASS).sum(-1),
        "ig_zero": IntegratedGradients(of_embeddings).attribute(x, target=CLASS, n_steps=STEPS).sum(-1),
        "ig_padding": LayerIntegratedGradients(of_ids, words).attribute(
            ids, torch.full_like(ids, PAD), target=CLASS, n_steps=STEPS).sum(-1),
        "occlusion_padding": FeatureAblation(of_ids).attribute(ids, PAD, target=CLASS),
    }
    torch.onnx.export(net, (ids, mask), f"{folder}/tokens.onnx", dynamo=False, opset_version=17, input_names=["input_ids", "attention_mask"],
                      output_names=["logits"], dynamic_axes={n: {0: "n", 1: "t"} for n in ("input_ids", "attention_mask")} | {"logits": {0: "n"}})
    arrays = {k: v.detach().numpy().astype("float32") for k, v in arrays.items()}
    numpy.savez_compressed(f"{folder}/tokens.npz", input_ids=ids.numpy(), attention_mask=mask.numpy(), **arrays)


main(sys.argv[1])
