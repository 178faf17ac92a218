"""Goldens of the SAE trainer: three steps of autograd and torch.optim.Adam. Writes goldens/sae.safetensors."""
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "bench"))
from saeTorch import TopKSae, Trainer  # noqa: E402

D, N, K, BATCH, STEPS, LR, DEAD_AFTER = 12, 40, 4, 24, 3, 1e-3, 100
PARAMETERS = ("encoder", "decoder", "encoder_bias", "decoder_bias")


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
    sae = TopKSae(rows, rows + 0.1 * torch.randn(N, D), 0.1 * torch.randn(N), 0.1 * torch.randn(D), K)
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
save_file(goldens, HERE / "goldens" / "sae.safetensors", metadata={key: str(value) for key, value in settings.items()})
