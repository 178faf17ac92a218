"""The trainer's step in eager PyTorch: autograd, torch.optim.Adam, nothing fused.

As a program (saeTorch.py D N K BATCH THREADS) it takes one step for every line of its input and answers with the milliseconds it took.
"""
import sys
import time

import torch

AUX_WEIGHT = 1 / 32


class TopKSae(torch.nn.Module):
    def __init__(self, encoder, decoder, bias, k):
        super().__init__()
        self.encoder = torch.nn.Parameter(encoder.clone())
        self.decoder = torch.nn.Parameter(decoder.clone())
        self.bias = torch.nn.Parameter(bias.clone())
        self.k = k

    def pre(self, x):
        return torch.nn.functional.linear(x - self.bias, self.encoder)


def top(pre, k):
    values, indices = pre.topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, indices, values.relu())


class Trainer:
    """`silent` counts, for each latent, the steps since it was last active."""

    def __init__(self, sae, silent, dead_after, lr):
        self.sae, self.silent, self.dead_after = sae, silent.clone(), dead_after
        self.optimiser = torch.optim.Adam(sae.parameters(), lr=lr)

    def step(self, x):
        sae = self.sae
        batch, d = x.shape
        pre = sae.pre(x)
        z = top(pre, sae.k)
        error = z @ sae.decoder + sae.bias - x
        squared_error = error.pow(2).sum()
        loss = squared_error / (batch * d)
        dead = self.silent > self.dead_after
        count, aux = int(dead.sum()), d // 2
        if count:
            rebuilt = top(pre[:, dead], min(count, aux)) @ sae.decoder[dead]
            loss = loss + AUX_WEIGHT * min(1, count / aux) * (rebuilt + error.detach()).pow(2).sum() / (batch * d)
        self.optimiser.zero_grad()
        loss.backward()
        with torch.no_grad():
            gradient, weights = sae.decoder.grad, sae.decoder
            gradient -= (gradient * weights).sum(1, keepdim=True) * weights
            self.optimiser.step()
            weights /= weights.norm(dim=1, keepdim=True)
            self.silent = torch.where((z > 0).any(0), torch.zeros_like(self.silent), self.silent + 1)
        return squared_error.item(), count


def main(d, n, k, batch, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    rows = torch.nn.functional.normalize(torch.randn(n, d), dim=1)
    trainer = Trainer(TopKSae(0.5 * rows, rows, torch.zeros(d), k), torch.zeros(n), 1e9, 1e-3)
    x = torch.randn(batch, d)
    for _ in sys.stdin:
        start = time.perf_counter()
        trainer.step(x)
        print(1000 * (time.perf_counter() - start), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
