"""Training of the digit network: freshly moved pictures every epoch, Adam with a cosine rate."""
import numpy as np

import network

EPOCHS, BATCH, RATE, DECAY = 120, 64, 3e-3, 1e-4


def moved(x, rng):
    """Each picture turned by up to 12 degrees, scaled by 0.8 to 1.1 and shifted by up to 0.8 pixels."""
    n, side = len(x), x.shape[1]
    half = (side - 1) / 2
    turn, size = rng.uniform(-0.21, 0.21, n), rng.uniform(0.8, 1.1, n)
    shift = rng.uniform(-0.8, 0.8, (2, n))
    at = np.arange(side) - half
    c, s = np.cos(turn) / size, np.sin(turn) / size
    y = c[:, None, None] * at[:, None] - s[:, None, None] * at + shift[0][:, None, None] + half
    z = s[:, None, None] * at[:, None] + c[:, None, None] * at + shift[1][:, None, None] + half
    framed = np.pad(x[..., 0], ((0, 0), (1, 1), (1, 1)))
    y, z, rows = np.clip(y + 1, 0, side + 0.999), np.clip(z + 1, 0, side + 0.999), np.arange(n)[:, None, None]
    y0, z0 = y.astype(int), z.astype(int)
    fy, fz = y - y0, z - z0
    top = framed[rows, y0, z0] * (1 - fz) + framed[rows, y0, z0 + 1] * fz
    low = framed[rows, y0 + 1, z0] * (1 - fz) + framed[rows, y0 + 1, z0 + 1] * fz
    return (top * (1 - fy) + low * fy).astype(np.float32)[..., None]


def train(x, labels, seed):
    """The network's parameters after all epochs on real-valued pictures [n, side, side, 1]."""
    rng = np.random.default_rng(seed)
    params = network.initial(x.shape[1], rng)
    first = {k: [np.zeros_like(p) for p in v] for k, v in params.items()}
    second = {k: [np.zeros_like(p) for p in v] for k, v in params.items()}
    steps, step = EPOCHS * (len(x) // BATCH), 0
    for _ in range(EPOCHS):
        shown, order = moved(x, rng), rng.permutation(len(x))
        for at in range(0, len(x) - BATCH + 1, BATCH):
            pick = order[at:at + BATCH]
            logits, trace = network.forward(params, shown[pick])
            d = network.softmax(logits)
            d[np.arange(BATCH), labels[pick]] -= 1.0
            step += 1
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            for name, pair in network.backward(params, trace, d / np.float32(BATCH)).items():
                for p, grad, m, v in zip(params[name], pair, first[name], second[name]):
                    m += 0.1 * (grad - m)
                    v += 0.001 * (grad * grad - v)
                    push = (m / (1 - 0.9 ** step)) / (np.sqrt(v / (1 - 0.999 ** step)) + 1e-7)
                    p -= np.float32(rate) * (push + np.float32(DECAY) * p)
    return params
