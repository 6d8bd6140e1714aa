"""The digit network in numpy, forwards and backwards: pictures are [n, h, w, c], filters [out, 3, 3, in]."""
import numpy as np

# name, kind, output channels; a convolution is 3x3, SAME, RELU; a pool is 2x2, stride 2
LAYERS = [("stem", "conv", 16), ("wide", "conv", 24), ("half", "pool", 0), ("deep", "conv", 32), ("quarter", "pool", 0),
          ("head", "dense", 10)]


def initial(side, rng):
    """Random weights (He), zero biases: name -> [weight, bias]."""
    params, channels = {}, 1
    for name, kind, out in LAYERS:
        if kind == "pool":
            side //= 2
            continue
        shape = (out, 3, 3, channels) if kind == "conv" else (out, side * side * channels)
        spread = np.sqrt(2.0 / np.prod(shape[1:]))
        params[name] = [(rng.standard_normal(shape) * spread).astype(np.float32), np.zeros(out, np.float32)]
        channels = out
    return params


def patches(x):
    """Every 3x3 neighbourhood, zero outside: [n, h, w, c] to [n*h*w, 9*c]."""
    around = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    seen = np.lib.stride_tricks.sliding_window_view(around, (3, 3), (1, 2))
    return np.ascontiguousarray(seen.transpose(0, 1, 2, 4, 5, 3)).reshape(-1, 9 * x.shape[3])


def spread_back(d, shape):
    """The transpose of patches(): sums every patch's gradient back onto the picture."""
    n, h, w, c = shape
    out, d = np.zeros((n, h + 2, w + 2, c), np.float32), d.reshape(n, h, w, 3, 3, c)
    for y in range(3):
        for x in range(3):
            out[:, y:y + h, x:x + w] += d[:, :, :, y, x]
    return out[:, 1:-1, 1:-1]


def forward(params, x):
    """The logits, and what each layer was given and gave: [(input, patches, output)]."""
    trace = []
    for name, kind, out in LAYERS:
        cols = None
        if kind == "conv":
            w, b = params[name]
            cols = patches(x)
            y = np.maximum(cols @ w.reshape(out, -1).T + b, 0.0).reshape(*x.shape[:3], out)
        elif kind == "pool":
            n, h, w, c = x.shape
            y = x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))
        else:
            w, b = params[name]
            cols = x.reshape(len(x), -1)
            y = cols @ w.T + b
        trace.append((x, cols, y))
        x = y
    return x, trace


def backward(params, trace, d):
    """The gradient of each parameter, from that of the logits."""
    grads = {}
    for (name, kind, out), (x, cols, y) in zip(reversed(LAYERS), reversed(trace)):
        if kind == "pool":
            n, h, w, c = x.shape
            wide = np.broadcast_to(y[:, :, None, :, None], (n, h // 2, 2, w // 2, 2, c)).reshape(x.shape)
            d = np.broadcast_to(d[:, :, None, :, None], (n, h // 2, 2, w // 2, 2, c)).reshape(x.shape) * (x == wide)
            continue
        if kind == "conv":
            d = (d * (y > 0)).reshape(-1, out)
        w = params[name][0]
        grads[name] = [(d.T @ cols).reshape(w.shape), d.sum(0)]
        back = d @ w.reshape(out, -1)
        d = spread_back(back, x.shape) if kind == "conv" else back.reshape(x.shape)
    return grads


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)
