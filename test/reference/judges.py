"""Fixtures of judges: tiny CLIP, CLIPSeg and LPIPS networks with random weights, exported as the usual tools name them (goldens/judges/NAME,
each a judge folder), with what the originals answer (expected.safetensors). Needs torchvision and lpips besides requirements.txt."""
import json
import shutil
import sys
import warnings
from pathlib import Path

import lpips
import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPSegConfig, CLIPSegForImageSegmentation

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = HERE / "goldens" / "judges"
SCENES = ROOT / "recipes" / "scenes"
sys.path.append(str(SCENES))
import export  # noqa: E402
import judge  # noqa: E402
import tokenizer as prompts  # noqa: E402

CAPTIONS = ["a red house", "blue tree"]
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
SIDE = 16


def pictures():
    """Two pictures of different shape with edges and gradients."""
    rng = np.random.default_rng(0)
    wide = np.zeros((40, 56, 3), np.uint8)
    wide[..., 0] = np.linspace(0, 255, 56)[None]
    wide[10:25, 12:40] = (250, 40, 10)
    noise = rng.integers(0, 256, (24, 24, 3)).astype(np.uint8)
    return {"wide": wide, "square": noise}


def onnx(network, inputs, path, outputs):
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(network, tuple(inputs.values()), path, input_names=list(inputs), output_names=outputs, opset_version=17, dynamo=False)


def feeds(tokenizer, text, pixels):
    ids = prompts.encode(tokenizer, [text])
    end = (ids[0] == tokenizer.eos_token_id).nonzero()[0].item()
    return {"input_ids": ids, "pixel_values": pixels, "attention_mask": (torch.arange(ids.shape[1]) <= end).long()[None]}


def text_config(tokenizer):
    return dict(vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
                max_position_embeddings=32, eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.bos_token_id, pad_token_id=tokenizer.pad_token_id)


def write(folder, config, expected):
    (folder / "judge.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file({name: value.contiguous() for name, value in expected.items()}, folder / "expected.safetensors")


def picture_format(resize, fit):
    return {"size": [SIDE, SIDE], "resize": resize, "fit": fit, "layout": "NCHW", "channels": "RGB", "range": [0, 1], "mean": CLIP_MEAN, "std": CLIP_STD}


def clip(tokenizer, images):
    torch.manual_seed(1)
    config = CLIPConfig(text_config=text_config(tokenizer), projection_dim=12,
                        vision_config=dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=SIDE, patch_size=4))
    model = CLIPModel(config).eval()
    processor = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    call = model.forward
    model.forward = lambda input_ids, pixel_values, attention_mask: (
        lambda out: (out.logits_per_image, out.logits_per_text, out.text_embeds, out.image_embeds))(call(input_ids=input_ids, pixel_values=pixel_values, attention_mask=attention_mask))
    expected = {}
    for name, image in images.items():
        pixels = processor(Image.fromarray(image), return_tensors="pt")["pixel_values"]
        expected[f"pixels/{name}"] = pixels
        for text in CAPTIONS:
            with torch.no_grad():
                _, _, texts, embeds = model(**feeds(tokenizer, text, pixels))
            expected[f"image/{name}"], expected[f"text/{text}"] = embeds[0], texts[0]
    # One file for both halves, as optimum exports CLIPModel.
    onnx(model, feeds(tokenizer, CAPTIONS[0], pixels), TARGET / "clip/model.onnx", ["logits_per_image", "logits_per_text", "text_embeds", "image_embeds"])
    write(TARGET / "clip", {"dual_encoder": {
        "image": {"model": "model.onnx", "input": "pixel_values", "output": "image_embeds", "preprocessing": picture_format("bicubic", "cover")},
        "text": {"model": "model.onnx", "input": "input_ids", "attention_mask": "attention_mask", "output": "text_embeds", "tokenizer": "../tokenizer"}}}, expected)


def clipseg(tokenizer, images):
    torch.manual_seed(2)
    config = CLIPSegConfig(text_config=text_config(tokenizer), projection_dim=12, reduce_dim=8, extract_layers=[0, 1], decoder_num_attention_heads=2,
                           decoder_intermediate_size=16,
                           vision_config=dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=SIDE, patch_size=4))
    model = CLIPSegForImageSegmentation(config).eval()
    processor = CLIPImageProcessorPil(size={"height": SIDE, "width": SIDE}, do_center_crop=False, resample=2)
    call = model.forward
    model.forward = lambda input_ids, pixel_values, attention_mask: call(input_ids=input_ids, pixel_values=pixel_values, attention_mask=attention_mask).logits
    expected = {}
    for name, image in images.items():
        pixels = processor(Image.fromarray(image), return_tensors="pt")["pixel_values"]
        for text in CAPTIONS:
            with torch.no_grad():
                expected[f"logits/{name}/{text}"] = model(**feeds(tokenizer, text, pixels))
    middle = torch.sigmoid(torch.cat([v.flatten() for v in expected.values()])).median().item()
    onnx(model, feeds(tokenizer, CAPTIONS[0], pixels), TARGET / "clipseg/model.onnx", ["logits"])
    write(TARGET / "clipseg", {"text_segmenter": {
        "model": "model.onnx", "input": "pixel_values", "output": "logits", "threshold": middle, "preprocessing": picture_format("bilinear", "stretch"),
        "text": {"input": "input_ids", "attention_mask": "attention_mask", "tokenizer": "../tokenizer"}}}, expected)


WIDTHS = (3, 4, 6, 8, 8, 8)


class Thin(torch.nn.Module):
    """What LPIPS asks of a backbone, with the five stages of AlexNet a few channels wide, so that the fixture stays small."""

    def __init__(self, requires_grad=False, pretrained=False):
        super().__init__()
        self.stages = torch.nn.ModuleList(torch.nn.Conv2d(a, b, 3, 2 if i < 2 else 1, 1) for i, (a, b) in enumerate(zip(WIDTHS, WIDTHS[1:])))

    def forward(self, x):
        outputs = []
        for stage in self.stages:
            x = torch.relu(stage(x))
            outputs.append(x)
        return outputs


def lpips_network(spatial):
    """LPIPS itself over a thin backbone; its weights of layers are positive, as the learned ones are."""
    lpips.lpips.pn.alexnet = Thin
    model = lpips.LPIPS(pretrained=False, net="alex", pnet_rand=True, spatial=spatial, verbose=False)
    model.lins = torch.nn.ModuleList(lpips.lpips.NetLinLayer(width, use_dropout=True) for width in WIDTHS[1:])
    for layer, lin in enumerate(model.lins):
        setattr(model, f"lin{layer}", lin)
    torch.manual_seed(4)
    for name, parameter in model.named_parameters():
        torch.nn.init.normal_(parameter, std=0.3)
        if "lin" in name:
            parameter.data.abs_()
    return model.eval()


def lpips_networks(images):
    a = torch.from_numpy(images["square"].copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
    b = a.flip(3)
    for folder, spatial in ((TARGET / "lpips", True), (TARGET / "lpips-scalar", False)):
        model = lpips_network(spatial)
        with torch.no_grad():
            distance = model(a, b)
        onnx(model, {"in0": a, "in1": b}, folder / "model.onnx", ["distance"])
        write(folder, {"image": {"size": [24, 24], "layout": "NCHW", "channels": "RGB", "range": [-1, 1]},
                       "perceptual": {"model": "model.onnx", "inputs": ["in0", "in1"], "output": "distance", "name": "LPIPS (thin, random)"}},
              {"distance": distance})


def scenes():
    """The perceptual distance of Scenes' own judge, by torch, between its renderings and distortions of them."""
    network = judge.Perceptual(export.load_judges(SCENES / "weights", prompts.load(SCENES / "weights/tokenizer"))["image_encoder"]).eval()
    sheet = np.array(Image.open(HERE / "goldens/renderings.png").convert("RGB")).reshape(-1, 128, 128, 3)
    image = torch.from_numpy(sheet[:2].copy()).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        return {"distance/next": network(image[:1], image[1:]), "distance/mirrored": network(image[:1], image[:1].flip(3))}


def resized(images):
    out = {}
    for name, image in images.items():
        out[f"picture/{name}"] = torch.from_numpy(image)
        for filter, resample in (("bicubic", Image.BICUBIC), ("bilinear", Image.BILINEAR)):
            for height, width in ((16, 16), (31, 23), (64, 90)):
                out[f"resized/{name}/{filter}/{height}x{width}"] = torch.from_numpy(np.array(Image.fromarray(image).resize((width, height), resample)))
    return out


def main():
    torch.set_num_threads(1)
    shutil.rmtree(TARGET, ignore_errors=True)
    tokenizer = prompts.load(SCENES / "weights/tokenizer")
    images = pictures()
    clip(tokenizer, images)
    clipseg(tokenizer, images)
    lpips_networks(images)
    save_file({name: value.contiguous() for name, value in {**resized(images), **scenes()}.items()}, TARGET / "pictures.safetensors")


if __name__ == "__main__":
    main()
