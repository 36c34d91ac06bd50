"""Networks of Transformers from small configurations, with random weights."""

from __future__ import annotations

import torch
import transformers

from case import Case
from torch_export import exports as of
from vision import settled

TOKENS = {0: "batch", 1: "length"}
SMALL = dict(vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, max_position_embeddings=40)


class Plain(torch.nn.Module):
    """A model of Transformers as a function of tensors to a tensor."""

    def __init__(self, model: torch.nn.Module, output: str, names: tuple):
        super().__init__()
        self.model, self.output, self.names = model, output, names
        self.eval()

    def forward(self, *args):
        return self.model(**dict(zip(self.names, args)), return_dict=True)[self.output]


def text(name: str, cls, config, output: str, eager=False, exporters: tuple = (), **options) -> Case:
    def build():
        model = cls(config(**(SMALL | options), attn_implementation="eager" if eager else "sdpa"))
        return Plain(model, output, ("input_ids", "attention_mask"))

    def inputs(i: int) -> tuple:
        n, length = 2 + i, 9 + i
        mask = torch.ones(n, length, dtype=torch.int64)
        mask[0, length - 3 :] = 0
        return torch.randint(3, 60, (n, length)), mask

    return Case(name, build, inputs, (TOKENS, TOKENS), exporters)


def pictures(name: str, cls, config, output: str, size=32, exporters: tuple = (), **options) -> Case:
    return Case(name, lambda: settled(Plain(cls(config(**options)), output, ("pixel_values",)), size), lambda i: (torch.randn(1 + i, 3, size, size),), ({0: "batch"},), exporters)


def paired(name: str, cls, config, output: str, names: tuple, inputs, dynamic: tuple, exporters: tuple = ()) -> Case:
    """A model of several kinds of inputs."""
    return Case(name, lambda: Plain(cls(config), output, names), inputs, dynamic, exporters)


def spoken(i: int) -> tuple:
    return torch.randn(1 + i, 20, 32), torch.randint(3, 60, (1 + i, 5 + i))


def translated(i: int) -> tuple:
    return torch.randint(3, 60, (1 + i, 7 + i)), torch.randint(3, 60, (1 + i, 4 + i))


class Cached(torch.nn.Module):
    """A language model that goes on from keys and values of earlier tokens, and returns them with those of the new ones."""

    def __init__(self, model: torch.nn.Module):
        super().__init__()
        self.model = model.eval()

    def forward(self, ids, mask, k0, v0, k1, v1):
        cache = transformers.DynamicCache()
        for layer, (k, v) in enumerate([(k0, v0), (k1, v1)]):
            cache.update(k, v, layer)
        made = self.model(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True)
        return made.logits, *[x for layer in made.past_key_values.layers for x in (layer.keys, layer.values)]


def continued(i: int) -> tuple:
    past, new = 6 + i, 1 + i
    state = [torch.randn(1 + i, 2, past, 8) for _ in range(4)]
    return torch.randint(3, 60, (1 + i, new)), torch.ones(1 + i, past + new, dtype=torch.int64), *state


t = transformers
PAST = {0: "batch", 2: "past"}
VIT = dict(image_size=32, patch_size=8, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)
CASES = [
    text("hf_bert", t.BertForSequenceClassification, t.BertConfig, "logits", exporters=("ts14", "ts17", "dynamo", "dynamo23")),
    text("hf_bert_eager", t.BertForMaskedLM, t.BertConfig, "logits", eager=True),
    text("hf_distilbert", t.DistilBertModel, t.DistilBertConfig, "last_hidden_state", dim=32, n_layers=2, n_heads=4, hidden_dim=64),
    text("hf_roberta", t.RobertaModel, t.RobertaConfig, "last_hidden_state"),
    text("hf_gpt2", t.GPT2LMHeadModel, t.GPT2Config, "logits", n_embd=32, n_layer=2, n_head=4, n_positions=40, use_cache=False),
    text("hf_distilbert_eager", t.DistilBertModel, t.DistilBertConfig, "last_hidden_state", eager=True, exporters=("ts17",), dim=32, n_layers=2, n_heads=4, hidden_dim=64),
    text("hf_llama", t.LlamaForCausalLM, t.LlamaConfig, "logits", num_key_value_heads=2, use_cache=False),
    text("hf_qwen3", t.Qwen3ForCausalLM, t.Qwen3Config, "logits", num_key_value_heads=2, head_dim=8, use_cache=False),
    text("hf_deberta", t.DebertaV2Model, t.DebertaV2Config, "last_hidden_state", eager=True, relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=8),
    text("hf_albert", t.AlbertModel, t.AlbertConfig, "last_hidden_state", embedding_size=16),
    pictures("hf_vit", t.ViTForImageClassification, t.ViTConfig, "logits", exporters=("ts17", "dynamo", "dynamo23"), **VIT),
    pictures("hf_deit", t.DeiTForImageClassification, t.DeiTConfig, "logits", **VIT),
    pictures("hf_dinov2", t.Dinov2Model, t.Dinov2Config, "last_hidden_state", image_size=32, patch_size=8, hidden_size=32, num_hidden_layers=2, num_attention_heads=4),
    pictures("hf_convnext", t.ConvNextForImageClassification, t.ConvNextConfig, "logits", hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 2, 1]),
    pictures("hf_swin", t.SwinForImageClassification, t.SwinConfig, "logits", image_size=32, patch_size=4, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4),
    pictures("hf_segformer", t.SegformerForSemanticSegmentation, t.SegformerConfig, "logits", 64, depths=[1, 1, 1, 1], hidden_sizes=[8, 16, 24, 32], num_attention_heads=[1, 2, 3, 4], decoder_hidden_size=32),
    pictures("hf_mobilevit", t.MobileViTForImageClassification, t.MobileViTConfig, "logits", 64, image_size=64, hidden_sizes=[16, 24, 32], neck_hidden_sizes=[8, 8, 16, 16, 24, 24, 32], initializer_range=0.3),
    text("hf_electra", t.ElectraModel, t.ElectraConfig, "last_hidden_state", embedding_size=16),
    text("hf_mistral", t.MistralForCausalLM, t.MistralConfig, "logits", num_key_value_heads=2, sliding_window=4, use_cache=False),
    text("hf_gemma2", t.Gemma2ForCausalLM, t.Gemma2Config, "logits", eager=True, num_key_value_heads=2, head_dim=8, sliding_window=4, use_cache=False),
    text("hf_phi", t.PhiForCausalLM, t.PhiConfig, "logits", use_cache=False),
    text("hf_neox", t.GPTNeoXForCausalLM, t.GPTNeoXConfig, "logits", use_cache=False),
    pictures("hf_yolos", t.YolosForObjectDetection, t.YolosConfig, "logits", image_size=[32, 32], patch_size=8, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, num_detection_tokens=5),
    pictures("hf_beit", t.BeitForImageClassification, t.BeitConfig, "logits", **VIT),
    pictures("hf_resnet", t.ResNetForImageClassification, t.ResNetConfig, "logits", embedding_size=8, hidden_sizes=[8, 16], depths=[1, 2], layer_type="bottleneck"),
    paired(
        "hf_clip", t.CLIPModel, t.CLIPConfig(text_config=dict(SMALL, bos_token_id=1, eos_token_id=59), vision_config=VIT, projection_dim=24), "logits_per_image",
        ("input_ids", "pixel_values"), lambda i: (torch.randint(3, 60, (2 + i, 9)), torch.randn(1 + i, 3, 32, 32)), ({0: "texts"}, {0: "pictures"}),
    ),
    paired(
        "hf_t5", t.T5ForConditionalGeneration, t.T5Config(vocab_size=60, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, decoder_start_token_id=0, use_cache=False), "logits",
        ("input_ids", "decoder_input_ids"), translated, (TOKENS, {0: "batch", 1: "written"}),
    ),
    paired(
        "hf_bart", t.BartForConditionalGeneration, t.BartConfig(vocab_size=60, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=40, use_cache=False), "logits",
        ("input_ids", "decoder_input_ids"), translated, (TOKENS, {0: "batch", 1: "written"}),
    ),
    paired(
        "hf_whisper", t.WhisperForConditionalGeneration, t.WhisperConfig(vocab_size=60, d_model=32, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=20, max_source_positions=16, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, use_cache=False), "logits",
        ("input_features", "decoder_input_ids"), spoken, ({0: "batch"}, {0: "batch", 1: "written"}),
    ),
    Case("hf_llama_cache", lambda: Cached(t.LlamaForCausalLM(t.LlamaConfig(**SMALL, num_key_value_heads=2))), continued, (TOKENS, {0: "batch", 1: "all"}, PAST, PAST, PAST, PAST)),
    Case("hf_whisper_encoder", lambda: Plain(t.WhisperModel(t.WhisperConfig(vocab_size=60, d_model=32, encoder_layers=2, decoder_layers=1, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=20, max_source_positions=16, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1)).encoder, "last_hidden_state", ("input_features",)), lambda i: (torch.randn(1 + i, 20, 32),), ({0: "batch"},)),
    Case("hf_wav2vec2", lambda: Plain(t.Wav2Vec2Model(t.Wav2Vec2Config(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, conv_dim=(16, 16, 16), conv_stride=(5, 2, 2), conv_kernel=(10, 3, 3), num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=4, num_feat_extract_layers=3)), "last_hidden_state", ("input_values",)), lambda i: (torch.randn(1 + i, 800),), ({0: "batch"},)),
]


def exports(_):
    return of(CASES)
