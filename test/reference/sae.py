"""Goldens of the SAEs: three steps of autograd and torch.optim.Adam (goldens/sae.safetensors), and a SAELens checkpoint (goldens/saelens)."""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "bench"))
from saeTorch import TopKSae, Trainer, top  # noqa: E402

D, N, K, BATCH, STEPS, LR, DEAD_AFTER = 12, 40, 4, 24, 3, 1e-3, 100
PARAMETERS = ("encoder", "decoder", "bias")


def state(prefix, trainer):
    sae, tensors = trainer.sae, {f"{prefix}/silent": trainer.silent.clone()}
    for name in PARAMETERS:
        parameter = getattr(sae, name)
        moments = trainer.optimiser.state.get(parameter, {})
        zeros = torch.zeros_like(parameter)
        tensors[f"{prefix}/{name}"] = parameter.detach().clone()
        tensors[f"{prefix}/{name}.m"] = moments.get("exp_avg", zeros).clone()
        tensors[f"{prefix}/{name}.v"] = moments.get("exp_avg_sq", zeros).clone()
    return tensors


def case(name, dead):
    """`dead` latents start as silent for longer than the limit; some of them are active again in the first batch."""
    rows = torch.nn.functional.normalize(torch.randn(N, D), dim=1)
    silent = torch.zeros(N)
    silent[:dead] = DEAD_AFTER + 1
    sae = TopKSae(rows, rows + 0.1 * torch.randn(N, D), 0.1 * torch.randn(D), K)
    with torch.no_grad():
        sae.decoder /= sae.decoder.norm(dim=1, keepdim=True)
    trainer = Trainer(sae, silent, DEAD_AFTER, LR)
    tensors = state(f"{name}/before", trainer)
    x = torch.randn(STEPS, BATCH, D)
    reports = torch.tensor([trainer.step(batch) for batch in x], dtype=torch.float32)
    return tensors | state(f"{name}/after", trainer) | {f"{name}/x": x, f"{name}/reports": reports}


torch.manual_seed(0)
torch.set_num_threads(1)
goldens = case("alive", 0) | case("some-dead", 4) | case("many-dead", 15)
settings = {"d": D, "n": N, "k": K, "batch": BATCH, "steps": STEPS, "learningRate": LR, "deadAfter": DEAD_AFTER}
save_file(goldens, HERE / "goldens" / "sae.safetensors", metadata={"settings": json.dumps(settings)})


def published(folder):
    """A TopK SAE as SAELens 6 saves it, what it computes on some cells, and the quality numbers of that."""
    d, n, k, cells = 6, 20, 3, 50
    weights = {"W_enc": torch.randn(d, n), "b_enc": torch.randn(n) - 4, "W_dec": 0.2 * torch.randn(n, d), "b_dec": torch.randn(d)}
    weights["b_enc"][4] = -100.0  # never active
    config = {"architecture": "topk", "d_in": d, "d_sae": n, "k": k, "dtype": "float32", "device": "cpu", "apply_b_dec_to_input": True,
              "normalize_activations": "none", "reshape_activations": "none", "rescale_acts_by_decoder_norm": False, "metadata": {"sae_lens_version": "6.18.0"}}
    x = torch.randn(cells, d) * torch.arange(1, d + 1) + 1
    z = top((x - weights["b_dec"]) @ weights["W_enc"] + weights["b_enc"], k)
    rebuilt = z @ weights["W_dec"] + weights["b_dec"]
    error, active = x - rebuilt, z > 0
    unit = torch.nn.functional.normalize(weights["W_dec"], dim=1)
    cosines = (unit @ unit.T).fill_diagonal_(-1).amax(1)
    quality = {
        "fvu": (error.pow(2).sum() / (x - x.mean(0)).pow(2).sum()).item(),
        "evPerDimension": (1 - error.var(0, correction=0) / x.var(0, correction=0)).mean().item(),
        "l0": active.sum(1).float().mean().item(),
        "deadOverLast": {str(window): 1 - active[cells - window:].any(0).float().mean().item() for window in (10, cells)},
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / "sae_weights.safetensors")
    save_file({"x": x, "z": z, "reconstruction": rebuilt, "density": active.float().mean(0), "max": z.amax(0),
               "mean": z.sum(0) / active.sum(0).clamp(min=1), "cosines": cosines}, folder / "expected.safetensors")
    (folder / "cfg.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "expected.json").write_text(json.dumps(quality, indent=2) + "\n")


published(HERE / "goldens" / "saelens")
