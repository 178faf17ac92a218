"""The networks of the pipeline: the classes of diffusers and transformers at a small size."""
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

TOKENS = 32          # length of every prompt, in tokens
TEXT_WIDTH = 128
LATENT = 16          # side of a latent, in cells; a cell is 8x8 pixels
LATENT_CHANNELS = 4


def autoencoder():
    return AutoencoderKL(
        block_out_channels=(16, 16, 32, 64), layers_per_block=1, norm_num_groups=8, latent_channels=LATENT_CHANNELS,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
        mid_block_add_attention=False, sample_size=8 * LATENT, scaling_factor=1.0,
    )


def text_encoder(tokenizer):
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=TEXT_WIDTH, intermediate_size=4 * TEXT_WIDTH, num_hidden_layers=3,
        num_attention_heads=4, max_position_embeddings=TOKENS, projection_dim=TEXT_WIDTH, hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    ))


def unet():
    return UNet2DConditionModel(
        sample_size=LATENT, in_channels=LATENT_CHANNELS, out_channels=LATENT_CHANNELS, block_out_channels=(96, 112),
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        layers_per_block=1, attention_head_dim=4, norm_num_groups=16, cross_attention_dim=TEXT_WIDTH,
    )


def scheduler():
    """Stable Diffusion's schedule, with DDIM as its sampler."""
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000, clip_sample=False,
        set_alpha_to_one=False, steps_offset=1, prediction_type="epsilon", timestep_spacing="leading",
    )
