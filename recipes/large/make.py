"""Makes a pipeline of Stable Diffusion 1.4's shape with random weights: a U-Net of 860 M parameters, its text encoder and its VAE decoder, as optimum's exporter lays them out.

    python recipes/large/make.py [--to recipes/large/.cache/sd14]

The same seed gives the same weights. What it makes (4.1 GB) is for measuring size and speed; its pictures are noise. It needs 5 GB of memory and some minutes.
"""
import argparse
import gc
import json
import shutil
import warnings
from pathlib import Path

import diffusers
import onnx
import torch
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

OPSET = 17
SIDE, TOKENS, WIDTH = 64, 77, 768
DEFAULT = Path(__file__).resolve().parent / ".cache" / "sd14"
VOCABULARY = 49408


def unet():
    torch.manual_seed(14)
    return UNet2DConditionModel(
        sample_size=SIDE, in_channels=4, out_channels=4, layers_per_block=2, block_out_channels=(320, 640, 1280, 1280),
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",), up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        cross_attention_dim=WIDTH, attention_head_dim=8).eval()


def text_encoder():
    torch.manual_seed(15)
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=3072, projection_dim=WIDTH, num_hidden_layers=12, num_attention_heads=12,
        max_position_embeddings=TOKENS, hidden_act="quick_gelu", bos_token_id=VOCABULARY - 2, eos_token_id=VOCABULARY - 1)).eval()


def vae():
    torch.manual_seed(16)
    return AutoencoderKL(
        in_channels=3, out_channels=3, latent_channels=4, layers_per_block=2, block_out_channels=(128, 256, 512, 512), norm_num_groups=32, sample_size=512,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, scaling_factor=0.18215).eval()


def scheduler():
    return PNDMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", num_train_timesteps=1000, steps_offset=1, skip_prk_steps=True,
                         set_alpha_to_one=False)


def write_tokenizer(folder: Path):
    """CLIP's layout with letters alone: every text has ids, none of them meant."""
    folder.mkdir(parents=True, exist_ok=True)
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable] + [chr(256 + place) for place in range(len(rest))]
    words = letters + [f"{letter}</w>" for letter in letters]
    words += [f"unused{place}" for place in range(VOCABULARY - 2 - len(words))] + ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: place for place, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    names = {"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
    (folder / "tokenizer_config.json").write_text(json.dumps({**names, "model_max_length": TOKENS, "tokenizer_class": "CLIPTokenizer"}))
    (folder / "special_tokens_map.json").write_text(json.dumps(names))


def export(network, inputs, path: Path, outputs, axes):
    """In the legacy exporter's names. What is too large for one file goes through a folder of its own into `model.onnx_data`."""
    scratch = path.parent / "scratch"
    scratch.mkdir(parents=True)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, tuple(inputs.values()), str(scratch / "model.onnx"), input_names=list(inputs), output_names=outputs,
                          dynamic_axes=axes, opset_version=OPSET, do_constant_folding=True, dynamo=False)
    join_files(scratch / "model.onnx", path)
    shutil.rmtree(scratch)


def join_files(source: Path, target: Path):
    """Puts the files of single weights, where there are any, one after the other into one, and copies no more than one of them at a time."""
    model = onnx.load(source, load_external_data=False)
    data = target.with_name("model.onnx_data")
    with open(data, "wb") as file:
        for weight in model.graph.initializer:
            if weight.data_location != onnx.TensorProto.EXTERNAL:
                continue
            place = {entry.key: entry.value for entry in weight.external_data}
            with open(source.parent / place["location"], "rb") as one:
                one.seek(int(place.get("offset", 0)))
                values = one.read(int(place["length"])) if "length" in place else one.read()
            file.write(b"\0" * (-file.tell() % 4096))  # a page: then it can be mapped by anybody
            del weight.external_data[:]
            for key, value in {"location": data.name, "offset": file.tell(), "length": len(values)}.items():
                weight.external_data.add(key=key, value=str(value))
            file.write(values)
    if data.stat().st_size == 0:
        data.unlink()
    onnx.save_model(model, target)


def export_unet(folder: Path):
    network = unet()
    forward = network.forward
    network.forward = lambda sample, timestep, encoder_hidden_states: forward(sample, timestep, encoder_hidden_states, return_dict=False)
    network.save_config(folder)
    side = SIDE // 4  # traced small; sides are free
    export(network, {"sample": torch.randn(2, 4, side, side), "timestep": torch.tensor(7.0), "encoder_hidden_states": torch.randn(2, TOKENS, WIDTH)},
           folder / "model.onnx", ["out_sample"],
           {"sample": {0: "batch_size", 2: "height", 3: "width"}, "encoder_hidden_states": {0: "batch_size", 1: "sequence_length"},
            "out_sample": {0: "batch_size", 2: "height", 3: "width"}})


def export_text_encoder(folder: Path):
    network = text_encoder()
    forward = network.forward
    network.forward = lambda input_ids: forward(input_ids=input_ids, return_dict=True).to_tuple()[:2]
    network.config.save_pretrained(folder)
    axes = {0: "batch_size", 1: "sequence_length"}
    export(network, {"input_ids": torch.randint(VOCABULARY, (2, TOKENS))}, folder / "model.onnx", ["last_hidden_state", "pooler_output"],
           {"input_ids": axes, "last_hidden_state": axes, "pooler_output": {0: "batch_size"}})


def export_vae_decoder(folder: Path):
    network = vae()
    network.forward = lambda latent_sample: network.decode(latent_sample, return_dict=False)
    network.save_config(folder)
    export(network, {"latent_sample": torch.randn(1, 4, 16, 16)}, folder / "model.onnx", ["sample"],
           {"latent_sample": {0: "batch_size", 2: "latent_height", 3: "latent_width"}, "sample": {0: "batch_size", 2: "height", 3: "width"}})


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--to", type=Path, default=DEFAULT)
    folder = arguments.parse_args().to
    shutil.rmtree(folder, ignore_errors=True)
    write_tokenizer(folder / "tokenizer")
    scheduler().save_pretrained(folder / "scheduler")
    parts = {"scheduler": ["diffusers", "PNDMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
             "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"], "feature_extractor": [None, None],
             "image_encoder": [None, None], "safety_checker": [None, None]}
    for name, work in {"text_encoder": export_text_encoder, "vae_decoder": export_vae_decoder, "unet": export_unet}.items():
        print(name, flush=True)
        (folder / name).mkdir()
        work(folder / name)
        gc.collect()
    # Last: a folder without it is not a pipeline, so that half of one is never taken for one.
    (folder / "model_index.json").write_text(json.dumps({
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": diffusers.__version__, "requires_safety_checker": False, **parts}, indent=2) + "\n")


if __name__ == "__main__":
    main()
