"""Exports the PyTorch weights to ONNX in the folder layout, and with the names, of optimum's Stable Diffusion exporter."""
import argparse
import json
import os
import shutil
import tempfile
import warnings
from pathlib import Path

import diffusers
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

import architecture
import judge
import storage
import tokenizer as prompts
import world

OPSET = 17
MODELS = storage.HERE.parent.parent / "models" / "scenes"
PIPELINE = {
    "_class_name": "StableDiffusionPipeline", "_diffusers_version": diffusers.__version__,
    "feature_extractor": [None, None], "image_encoder": [None, None], "requires_safety_checker": False,
    "safety_checker": [None, None], "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
}
PERCEPTUAL = {
    "model": "perceptual.onnx", "inputs": ["image", "other"], "output": "distance", "name": "Scenes features",
    "definition": "1 - cosine of the image encoder's features after each of its 4 stages, at the size of the picture, averaged over stages",
}


def judge_networks(tokenizer):
    return {"segmenter": judge.Segmenter(), "image_encoder": judge.ImageEncoder(),
            "text_encoder": judge.TextEncoder(len(tokenizer), tokenizer.pad_token_id)}


def save_weights(folder: Path, unet=None, text_encoder=None, vae=None, judges=None):
    """Writes the given networks as fp32 safetensors, in diffusers' layout, beside the tokenizer and the scheduler."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "tokenizer").exists():
        prompts.load()
        shutil.copytree(storage.WEIGHTS / "tokenizer", folder / "tokenizer")
    architecture.scheduler().save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text(json.dumps(PIPELINE, indent=2) + "\n")
    for name, network in {"unet": unet, "text_encoder": text_encoder, "vae": vae}.items():
        if network is not None:
            network.save_pretrained(folder / name)
    for name, network in (judges or {}).items():
        (folder / "judge").mkdir(exist_ok=True)
        save_file({k: v.contiguous() for k, v in network.state_dict().items()}, folder / "judge" / f"{name}.safetensors")


def load_judges(folder: Path, tokenizer):
    networks = judge_networks(tokenizer)
    for name, network in networks.items():
        network.load_state_dict(load_file(folder / "judge" / f"{name}.safetensors"))
        network.eval()
    return networks


def _onnx(network, inputs, path, outputs, axes):
    """`axes`: for each input or output, the names of its dynamic dimensions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, tuple(inputs.values()), path, input_names=list(inputs), output_names=outputs,
                          dynamic_axes=axes, opset_version=OPSET, do_constant_folding=True, dynamo=False)


def _half_of_autoencoder(weights, part):
    """The autoencoder with the forward pass that one of its two ONNX files needs; it stays the top module, for its names."""
    vae = AutoencoderKL.from_pretrained(weights / "vae").eval()
    if part == "vae_encoder":
        vae.forward = lambda sample: vae.encode(sample).latent_dist.parameters
    else:
        vae.forward = lambda latent_sample: vae.decode(latent_sample, return_dict=False)
    return vae


def _pipeline(weights, target):
    for name in ("tokenizer", "scheduler"):
        shutil.copytree(weights / name, target / name)
    shutil.copy(weights / "model_index.json", target)

    text = CLIPTextModel.from_pretrained(weights / "text_encoder").eval()
    forward_text = text.forward
    text.forward = lambda input_ids: forward_text(input_ids=input_ids, return_dict=True).to_tuple()[:2]
    _onnx(text, {"input_ids": torch.randint(500, (2, architecture.TOKENS))}, target / "text_encoder/model.onnx",
          ["last_hidden_state", "pooler_output"],
          {"input_ids": {0: "batch_size", 1: "sequence_length"},
           "last_hidden_state": {0: "batch_size", 1: "sequence_length"}, "pooler_output": {0: "batch_size"}})

    unet = UNet2DConditionModel.from_pretrained(weights / "unet").eval()
    forward_unet = unet.forward
    unet.forward = lambda sample, timestep, encoder_hidden_states: forward_unet(
        sample, timestep, encoder_hidden_states, return_dict=False)
    _onnx(unet, {"sample": torch.randn(2, 4, 16, 16), "timestep": torch.tensor(7.0),
                 "encoder_hidden_states": torch.randn(2, architecture.TOKENS, architecture.TEXT_WIDTH)},
          target / "unet/model.onnx", ["out_sample"],
          {"sample": {0: "batch_size", 2: "height", 3: "width"},
           "encoder_hidden_states": {0: "batch_size", 1: "sequence_length"},
           "out_sample": {0: "batch_size", 2: "height", 3: "width"}})

    for part, inputs, output in [("vae_encoder", {"sample": torch.randn(2, 3, 128, 128)}, "latent_parameters"),
                                 ("vae_decoder", {"latent_sample": torch.randn(2, 4, 16, 16)}, "sample")]:
        side = {"sample": "sample", "latent_parameters": "latent", "latent_sample": "latent"}
        _onnx(_half_of_autoencoder(weights, part), inputs, target / part / "model.onnx", [output],
              {name: {0: "batch_size", 2: f"{side[name]}_height", 3: f"{side[name]}_width"} for name in (*inputs, output)})
        (target / part / "config.json").write_text((weights / "vae/config.json").read_text())
    for name in ("text_encoder", "unet"):
        shutil.copy(weights / name / "config.json", target / name)


def _judge(weights, target):
    networks = load_judges(weights, prompts.load(weights / "tokenizer"))
    image = {"image": torch.rand(2, 3, world.SIZE, world.SIZE)}
    maps = ["thing_logits", "colour_logits", "background_logits", "style_logits"]
    _onnx(networks["segmenter"], image, target / "segmenter.onnx", maps, {n: {0: "batch_size"} for n in ("image", *maps)})
    _onnx(networks["image_encoder"], image, target / "image_encoder.onnx", ["embedding"],
          {n: {0: "batch_size"} for n in ("image", "embedding")})
    _onnx(networks["text_encoder"], {"input_ids": torch.randint(500, (2, architecture.TOKENS))}, target / "text_encoder.onnx",
          ["embedding"], {n: {0: "batch_size"} for n in ("input_ids", "embedding")})
    _perceptual(networks, target)
    (target / "judge.json").write_text(json.dumps({
        "image": {"size": [world.SIZE, world.SIZE], "layout": "NCHW", "channels": "RGB", "range": [0, 1],
                  "preprocessing": "pixel / 255, or (vae sample / 2 + 0.5) clamped to [0, 1]"},
        "segmenter": {
            "model": "segmenter.onnx", "input": "image",
            "outputs": {"thing_logits": {"shape": ["batch", 7, 128, 128], "vocabulary": ["none", *world.THINGS]},
                        "colour_logits": {"shape": ["batch", 7, 128, 128], "vocabulary": ["none", *world.COLOURS]},
                        "background_logits": {"shape": ["batch", 5], "vocabulary": world.BACKGROUNDS},
                        "style_logits": {"shape": ["batch", 3], "vocabulary": world.STYLES}},
            "colour": "meaningful on the pixels of a thing: a thing's colour is the argmax of its colour logits summed over its pixels"},
        "dual_encoder": {
            "image": {"model": "image_encoder.onnx", "input": "image", "output": "embedding"},
            "text": {"model": "text_encoder.onnx", "input": "input_ids", "output": "embedding", "tokenizer": "../tokenizer",
                     "max_length": architecture.TOKENS, "padding": "max_length"},
            "width": judge.EMBEDDING, "normalised": True, "similarity": "dot product"},
        "places": {"names": world.PLACES, "centres": world.CENTRES.tolist(), "rule": "the nearest centre to the thing's centroid, in pixels"},
        "perceptual": PERCEPTUAL,
    }, indent=2) + "\n")


def _perceptual(networks, target):
    image = torch.rand(2, 3, world.SIZE, world.SIZE)
    names = ["image", "other", "distance"]
    _onnx(judge.Perceptual(networks["image_encoder"]).eval(), {"image": image, "other": image.flip(0)}, target / "perceptual.onnx",
          names[2:], {name: {0: "batch_size"} for name in names})


def add_perceptual(weights: Path, target: Path):
    """Writes the perceptual network anew and leaves the others, whose hashes labels refer to, as they are."""
    _perceptual(load_judges(weights, prompts.load(weights / "tokenizer")), target / "judge")
    path = target / "judge" / "judge.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "perceptual": PERCEPTUAL}, indent=2) + "\n")


def export(weights: Path, target: Path):
    """Exports everything that `weights` has into a fresh folder and moves its parts into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent))
    try:
        _pipeline(weights, fresh)
        if (weights / "judge").exists():
            (fresh / "judge").mkdir()
            _judge(weights, fresh / "judge")
        for part in sorted(fresh.iterdir()):
            old = target / part.name
            aside = target.parent / f".old-{part.name}"
            if old.exists():
                os.rename(old, aside)
            os.rename(part, old)
            if aside.exists():
                shutil.rmtree(aside) if aside.is_dir() else aside.unlink()
    finally:
        shutil.rmtree(fresh)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--weights", type=Path, default=storage.WEIGHTS)
    arguments.add_argument("--to", type=Path, default=MODELS)
    arguments.add_argument("--random", action="store_true", help="first write untrained weights there, to try the tools on")
    arguments.add_argument("--perceptual", action="store_true", help="only the judge's perceptual network, from its image encoder")
    options = arguments.parse_args()
    if options.perceptual:
        return add_perceptual(options.weights, options.to)
    if options.random:
        torch.manual_seed(0)
        tokenizer = prompts.load()
        save_weights(options.weights, architecture.unet(), architecture.text_encoder(tokenizer), architecture.autoencoder(),
                     judge_networks(tokenizer))
    export(options.weights, options.to)


if __name__ == "__main__":
    main()
