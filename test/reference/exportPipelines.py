"""Tiny random pipelines with diffusers' own classes, one for each family of Stable Diffusion."""
import json
from pathlib import Path

import torch
from diffusers import (AutoencoderKL, DDIMScheduler, EulerAncestralDiscreteScheduler, LatentConsistencyModelPipeline, LCMScheduler, StableDiffusionPipeline,
                       StableDiffusionXLPipeline, UNet2DConditionModel)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

TOKENIZER = Path(__file__).resolve().parents[2] / "models" / "scenes" / "tokenizer"
NOISE = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1)


def shaken(model, seed):
    """Random weights of a useful size: what is initialised to 0 or 1 gets noise, too."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
            else:
                fan_in = parameter[0].numel()
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * fan_in ** -0.5)
    return model.eval()


def unet(seed, side=8, **changes):
    config = dict(sample_size=side, in_channels=4, out_channels=4, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4, cross_attention_dim=16, attention_head_dim=2,
                  down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"))
    return shaken(UNet2DConditionModel(**{**config, **changes}), seed)


def vae(seed, **changes):
    return shaken(AutoencoderKL(block_out_channels=(4, 8), norm_num_groups=2, down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2, **changes), seed)


def text(seed, width=16, projection=None, act="quick_gelu", **changes):
    vocabulary = len(json.loads((TOKENIZER / "vocab.json").read_text()))
    config = CLIPTextConfig(vocab_size=vocabulary, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=2, num_attention_heads=2, max_position_embeddings=32, hidden_act=act,
                            projection_dim=projection or width, bos_token_id=vocabulary - 2, eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1, **changes)
    return shaken((CLIPTextModelWithProjection if projection else CLIPTextModel)(config), seed)


def tokenizer(pad=None):
    made = CLIPTokenizer.from_pretrained(TOKENIZER)
    if pad is not None:
        made.pad_token = pad
    return made


def common():
    return dict(safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def sd1(side=8, **scale):
    changes = {}
    if side < 64:  # there, attention at the finest grid takes seconds
        changes = dict(down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"))
    return StableDiffusionPipeline(vae(3, **scale), text(1), tokenizer(), unet(2, side, **changes),
                                   DDIMScheduler(**NOISE), **common())


def sd2():
    """Stable Diffusion 2: v-prediction, linear projections, as many heads as widths ask for, padding with "!"."""
    return StableDiffusionPipeline(vae(13), text(11, act="gelu"), tokenizer("!"), unet(12, use_linear_projection=True, attention_head_dim=(2, 4)),
                                   DDIMScheduler(**NOISE, prediction_type="v_prediction"), **common())


def turbo():
    """SD-Turbo: the networks of Stable Diffusion 2, one to four steps without guidance."""
    pipeline = sd2()
    pipeline.register_modules(scheduler=EulerAncestralDiscreteScheduler(
        **{k: v for k, v in NOISE.items() if k not in ("clip_sample", "set_alpha_to_one")}, timestep_spacing="trailing", prediction_type="v_prediction"))
    return pipeline


def sdxl(depths=(1, 2), **scale):
    pipeline = StableDiffusionXLPipeline(
        vae(33, scaling_factor=0.13025, force_upcast=True, **scale), text(31, 16), text(35, 24, projection=24, act="gelu"), tokenizer(), tokenizer("!"),
        unet(32, transformer_layers_per_block=depths, cross_attention_dim=40, use_linear_projection=True, attention_head_dim=(2, 4), addition_embed_type="text_time", addition_time_embed_dim=8,
             projection_class_embeddings_input_dim=24 + 6 * 8),
        DDIMScheduler(**NOISE), add_watermarker=False)
    return pipeline


def lcm():
    return LatentConsistencyModelPipeline(vae(3), text(1), tokenizer(), unet(42, time_cond_proj_dim=32),
                                          LCMScheduler(**{k: v for k, v in NOISE.items() if k != "steps_offset"}), **common())
