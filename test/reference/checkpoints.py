"""Published SAE checkpoints in small (goldens/checkpoints/*): written by the libraries themselves where they install from PyPI (sae-lens, eai-sparsify, dictionary-learning),
else by modules with the published names, shapes and strides. Beside each: cells, and the latents and the reconstruction that the original computes of them."""
import json
import os
import shutil
from pathlib import Path

os.environ["SPARSIFY_DISABLE_TRITON"] = "1"  # its decoder in PyTorch
import torch  # noqa: E402
from dictionary_learning.dictionary import AutoEncoder, AutoEncoderNew, GatedAutoEncoder, JumpReluAutoEncoder
from dictionary_learning.trainers.batch_top_k import BatchTopKSAE
from dictionary_learning.trainers.matryoshka_batch_top_k import MatryoshkaBatchTopKSAE
from dictionary_learning.trainers.top_k import AutoEncoderTopK
from sae_lens.saes.batchtopk_sae import BatchTopKTrainingSAE, BatchTopKTrainingSAEConfig
from sae_lens.saes.gated_sae import GatedSAE, GatedSAEConfig
from sae_lens.saes.jumprelu_sae import JumpReLUSAE, JumpReLUSAEConfig
from sae_lens.saes.sae import SAE
from sae_lens.saes.standard_sae import StandardSAE, StandardSAEConfig
from sae_lens.saes.topk_sae import TopKSAE, TopKSAEConfig
from safetensors.torch import load_file, save_file
from sparsify import SparseCoder, SparseCoderConfig
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent / "goldens" / "checkpoints"
D, N, K, CELLS = 16, 64, 6, 12
SITE = "mid_block.attentions.0"


def randomise(module, spread=0.5):
    """Weights, biases and thresholds that all matter."""
    with torch.no_grad():
        for name, value in module.named_parameters():
            noise = torch.randn(value.shape)
            if "threshold" in name:
                value.copy_(0.3 + noise.abs())
            elif "r_mag" in name:
                value.copy_(0.3 * noise)
            elif value.ndim == 1:
                value.copy_(spread * noise)
            else:
                value.add_(0.2 * noise)  # in place: strides stay
    return module


X = torch.empty(0)


def golden(name, latents, reconstruction):
    save_file({"x": X.contiguous(), "z": latents.detach().float().contiguous(), "reconstruction": reconstruction.detach().float().contiguous()}, HERE / name / "expected.safetensors")


def folder(name):
    (HERE / name).mkdir(parents=True, exist_ok=True)
    return HERE / name


def saelens(name, sae):
    path = folder(name)
    sae.save_model(path)
    again = SAE.load_from_disk(path).to(dtype=torch.float32)
    latents = again.encode(X)
    golden(name, latents, again.decode(latents))


def saelens_all():
    common = {"d_in": D, "d_sae": N}
    saelens("saelens-topk", randomise(TopKSAE(TopKSAEConfig(**common, k=K))))
    saelens("saelens-topk-by-decoder-norm", randomise(TopKSAE(TopKSAEConfig(**common, k=K, rescale_acts_by_decoder_norm=True))))
    saelens("saelens-topk-layer-norm", randomise(TopKSAE(TopKSAEConfig(**common, k=K, normalize_activations="layer_norm"))))
    saelens("saelens-topk-constant-norm", randomise(TopKSAE(TopKSAEConfig(**common, k=K, normalize_activations="constant_norm_rescale"))))
    saelens("saelens-topk-bias-kept", randomise(TopKSAE(TopKSAEConfig(**common, k=K, apply_b_dec_to_input=False))))
    saelens("saelens-topk-bfloat16", randomise(TopKSAE(TopKSAEConfig(**common, k=K))).to(dtype=torch.bfloat16))
    saelens("saelens-standard", randomise(StandardSAE(StandardSAEConfig(**common))))
    saelens("saelens-jumprelu", randomise(JumpReLUSAE(JumpReLUSAEConfig(**common))))
    saelens("saelens-gated", randomise(GatedSAE(GatedSAEConfig(**common))))
    training = randomise(BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(**common, k=K)))
    training.topk_threshold = torch.tensor(1.25, dtype=torch.double)
    name = "saelens-batchtopk"
    training.save_inference_model(folder(name))
    again = SAE.load_from_disk(HERE / name)
    latents = again.encode(X)
    golden(name, latents, again.decode(latents))
    # a checkpoint during training, its inputs multiplied by a factor that lies beside it
    name, factor = "saelens-expected-average", 1.7
    sae = randomise(TopKSAE(TopKSAEConfig(**common, k=K, normalize_activations="expected_average_only_in")))
    sae.save_model(folder(name))
    (HERE / name / "activation_scaler.json").write_text(json.dumps({"scaling_factor": factor}))
    latents = sae.encode(factor * X)
    golden(name, latents, sae.decode(latents) / factor)


def saelens_before_6():
    for name, settings, sae in (
        ("saelens5-topk", {"activation_fn_str": "topk", "activation_fn_kwargs": {"k": K}}, TopKSAE(TopKSAEConfig(d_in=D, d_sae=N, k=K))),
        ("saelens5-standard", {"activation_fn_str": "relu", "activation_fn_kwargs": {}}, StandardSAE(StandardSAEConfig(d_in=D, d_sae=N))),
    ):
        randomise(sae)
        save_file({key: value.contiguous() for key, value in sae.state_dict().items()}, folder(name) / "sae_weights.safetensors")
        config = {"d_in": D, "d_sae": N, "dtype": "float32", "device": "cpu", "model_name": "any", "hook_name": "mid", "hook_layer": 0, "finetuning_scaling_factor": False,
                  "normalize_activations": False, "apply_b_dec_to_input": True, "architecture": "standard", "sae_lens_training_version": "4.3.0"}
        (HERE / name / "cfg.json").write_text(json.dumps(config | settings))
        again = SAE.load_from_disk(HERE / name)  # SAELens' own conversion
        assert type(again) is type(sae)
        latents = again.encode(X)
        golden(name, latents, again.decode(latents))


def dense(values, indices):
    return torch.zeros(len(values), N).scatter(1, indices, values)


def sparsify(name, config, where=SITE, dtype=None):
    coder = randomise(SparseCoder(D, config))
    if dtype:
        coder = coder.to(dtype)
    coder.save_to_disk(folder(f"{name}/{where}"))
    again = SparseCoder.load_from_disk(HERE / name / where).to(torch.float32)
    values, indices, _ = again.encode(X)
    reconstruction = again(X).sae_out
    golden(f"{name}/{where}", dense(values, indices), reconstruction)


def sparsify_all():
    sparsify("sparsify", SparseCoderConfig(k=K, expansion_factor=N // D))  # num_latents 0
    sparsify("sparsify-seeds", SparseCoderConfig(k=K, num_latents=N), f"{SITE}/seed0")
    sparsify("sparsify-seeds", SparseCoderConfig(k=K, num_latents=N), f"{SITE}/seed1")
    sparsify("sparsify-skip", SparseCoderConfig(k=K, num_latents=N, skip_connection=True))
    sparsify("sparsify-float16", SparseCoderConfig(k=K, num_latents=N), dtype=torch.float16)


def standardised(x):
    mean = x.mean(-1, keepdim=True)
    deviation = (x - mean).std(-1, keepdim=True)
    return (x - mean) / (deviation + 1e-5), mean, deviation


def top(scores, k=K):
    values, indices = scores.topk(k, dim=-1)
    return torch.zeros_like(scores).scatter(-1, indices, values.relu())


def saeuron():
    """As sparsify, with three keys more; see cywinski/SAeUron, SAE/sae.py."""
    for name, unit_norm in (("saeuron", False), ("saeuron-unit-norm", True)):
        coder = randomise(SparseCoder(D, SparseCoderConfig(k=K, num_latents=N)))
        path = folder(f"{name}/unet.up_blocks.1.attentions.1")
        coder.save_to_disk(path)
        config = json.loads((path / "cfg.json").read_text()) | {"batch_topk": True, "sample_topk": False, "input_unit_norm": unit_norm}
        (path / "cfg.json").write_text(json.dumps(config))
        x, mean, deviation = standardised(X) if unit_norm else (X, 0, 1)
        latents = top(coder.encoder(x - coder.b_dec).relu())
        golden(f"{name}/{path.name}", latents, (latents @ coder.W_dec + coder.b_dec) * deviation + mean)


def difflens():
    """1x1 convolutions under sparsify's file names; see foundation-model-research/DiffLens, difflens/dissecting/train_sae/sae.py."""
    encoder, decoder = randomise(nn.Conv2d(D, N, 1)), randomise(nn.Conv2d(N, D, 1))
    path = folder("difflens")
    save_file({"encoder.weight": encoder.weight.detach(), "encoder.bias": encoder.bias.detach(), "decoder.weight": decoder.weight.detach(), "decoder.bias": decoder.bias.detach()}, path / "sae.safetensors")
    (path / "cfg.json").write_text(json.dumps({"expansion_factor": 4, "normalize_decoder": True, "num_latents": N, "k": K, "multi_topk": False, "d_in": D}))
    picture = X.T.reshape(1, D, 3, 4)
    latents = top(encoder(picture).relu().permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
    rows = lambda value: value.reshape(value.shape[1], -1).T
    golden("difflens", rows(latents), rows(decoder(latents)))


class OpenAi(nn.Module):
    """Names and order of openai/sparse_autoencoder, model.py."""

    def __init__(self):
        super().__init__()
        self.pre_bias = nn.Parameter(torch.zeros(D))
        self.encoder = nn.Linear(D, N, bias=False)
        self.latent_bias = nn.Parameter(torch.zeros(N))
        self.decoder = nn.Linear(N, D, bias=False)
        self.register_buffer("stats_last_nonzero", torch.zeros(N, dtype=torch.long))
        self.register_buffer("latents_activation_frequency", torch.ones(N))
        self.register_buffer("latents_mean_square", torch.zeros(N))

    def scores(self, x):
        return F.linear(x - self.pre_bias, self.encoder.weight, self.latent_bias)


def openai():
    for name, topk in (("openai-topk", True), ("openai-relu", False)):
        sae = randomise(OpenAi())
        state = sae.state_dict() | {"activation": "TopK" if topk else "ReLU", "activation_state_dict": nn.ReLU().state_dict() | ({"k": K, "postact_fn": "ReLU"} if topk else {})}
        torch.save(state, folder(name) / "autoencoder.pt")
        x, mean, deviation = standardised(X) if topk else (X, 0, 1)
        latents = top(sae.scores(x)) if topk else sae.scores(x).relu()
        golden(name, latents, (sae.decoder(latents) + sae.pre_bias) * deviation + mean)


class SdxlUnbox(nn.Module):
    """Names, order and strides of surkovv/sdxl-unbox, SAE/sae.py."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(D, N, bias=False)
        self.decoder = nn.Linear(N, D, bias=False)
        self.pre_bias = nn.Parameter(torch.zeros(D))
        self.latent_bias = nn.Parameter(torch.zeros(N))
        self.register_buffer("stats_last_nonzero", torch.zeros(N, dtype=torch.long))
        self.decoder.weight.data = self.encoder.weight.data.T.clone().T.contiguous().T
        self.decoder.weight.data /= self.decoder.weight.data.norm(dim=0)


def sdxl_unbox():
    for name, bias in (("sdxl-unbox", True), ("sdxl-unbox-no-latent-bias", False)):
        where = f"{name}/unet.{SITE}_k{K}_hidden{N}_auxk8_bs64_lr0.0001/final"
        sae = randomise(SdxlUnbox())
        assert sae.decoder.weight.stride() == (1, D)
        state = sae.state_dict()
        if not bias:
            del state["latent_bias"]
        path = folder(where)
        torch.save({"state_dict": state}, path / "state_dict.pth")
        (path / "config.json").write_text(json.dumps({"n_dirs_local": N, "d_model": D, "k": K, "auxk": 8, "dead_steps_threshold": 100}))
        latents = top(sae.encoder(X - sae.pre_bias) + (sae.latent_bias if bias else 0))
        torch.save(latents.mean(0), path / "mean.pt")
        torch.save(latents.std(0), path / "std.pt")
        golden(where, latents, sae.decoder(latents) + sae.pre_bias)


def dictionary_learning(name, sae, state=None, k=None):
    path = folder(f"{name}/trainer_0")
    torch.save(sae.state_dict() if state is None else state, path / "ae.pt")
    trainer = {"dict_class": type(sae).__name__, "activation_dim": D, "dict_size": N, "lm_name": "any", "layer": 0} | ({"k": k} if k else {})
    (path / "config.json").write_text(json.dumps({"trainer": trainer, "buffer": {"d_submodule": D}}))
    latents = sae.encode(X)
    golden(f"{name}/trainer_0", latents, sae.decode(latents))


def dictionary_learning_all():
    topk = randomise(AutoEncoderTopK(D, N, K))
    assert topk.encoder.weight.stride() == (1, N)
    dictionary_learning("dictionary-topk", topk, k=K)
    batch = randomise(BatchTopKSAE(D, N, K))
    batch.threshold.fill_(1.1)
    dictionary_learning("dictionary-batchtopk", batch, k=K)
    matryoshka = randomise(MatryoshkaBatchTopKSAE(D, N, K, [16, 16, 32]))
    matryoshka.threshold.fill_(0.9)
    dictionary_learning("dictionary-matryoshka", matryoshka, k=K)
    dictionary_learning("dictionary-jumprelu", randomise(JumpReluAutoEncoder(D, N)))
    dictionary_learning("dictionary-gated", randomise(GatedAutoEncoder(D, N)))
    dictionary_learning("dictionary-new", randomise(AutoEncoderNew(D, N)))
    plain = randomise(AutoEncoder(D, N))
    path = folder("dictionary-standard/trainer_0")
    torch.save(plain.state_dict(), path / "ae.pt")
    again = AutoEncoder.from_pretrained(path / "ae.pt")  # scales latents by the decoder's columns
    dictionary_learning("dictionary-standard", again, state=plain.state_dict())
    # A backup during training on activations divided by norm_factor: the library multiplies biases by it when it saves.
    backup, factor = randomise(BatchTopKSAE(D, N, K)), 2.5
    backup.threshold.fill_(0.4)
    state = {key: value.clone() for key, value in backup.state_dict().items()}
    backup.scale_biases(factor)
    dictionary_learning("dictionary-backup", backup, state={"step": 100, "ae": state, "norm_factor": factor}, k=K)


def half_precision():
    """Thresholds are looked at on reading, so they must be read in every type that weights have."""
    saelens("saelens-jumprelu-bfloat16", randomise(JumpReLUSAE(JumpReLUSAEConfig(d_in=D, d_sae=N))).to(dtype=torch.bfloat16))
    batch = randomise(BatchTopKSAE(D, N, K)).to(torch.float16)
    batch.threshold.fill_(1.1)
    state = {key: value.clone() for key, value in batch.state_dict().items()}
    dictionary_learning("dictionary-batchtopk-float16", batch.float(), state=state, k=K)


if __name__ == "__main__":
    shutil.rmtree(HERE, ignore_errors=True)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    X = torch.randn(CELLS, D) * torch.linspace(0.5, 2, D) + 0.3
    for write in (saelens_all, saelens_before_6, sparsify_all, saeuron, difflens, openai, sdxl_unbox, dictionary_learning_all, half_precision):
        write()
