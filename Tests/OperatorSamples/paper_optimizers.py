"""Optimizers that PyTorch lacks in their papers' form, written out from the papers.

Each takes a weight, its gradient, a dictionary of what is remembered and the step's number from 1, and returns the new
weight.
"""

import math

import numpy as np


def lion(w, g, s, t, lr=1e-2, b1=0.9, b2=0.99, wd=0.1):
    m = s.get("m", np.zeros_like(w))
    direction = np.sign(b1 * m + (1 - b1) * g)
    s["m"] = b2 * m + (1 - b2) * g
    return w - lr * (direction + wd * w)


def lamb(w, g, s, t, lr=1e-2, b1=0.9, b2=0.999, eps=1e-6, wd=0.01):
    m = s["m"] = b1 * s.get("m", 0) + (1 - b1) * g
    v = s["v"] = b2 * s.get("v", 0) + (1 - b2) * g * g
    r = (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps) + wd * w
    wn, rn = np.linalg.norm(w), np.linalg.norm(r)
    return w - lr * (wn / rn if wn > 0 and rn > 0 else 1) * r


def lars(w, g, s, t, lr=0.1, momentum=0.9, wd=1e-2, trust=1e-2, eps=1e-8):
    wn, gn = np.linalg.norm(w), np.linalg.norm(g)
    local = trust * wn / (gn + wd * wn + eps) if wn > 0 and gn > 0 else 1
    v = s["v"] = momentum * s.get("v", 0) + lr * local * (g + wd * w)
    return w - v


def adafactor(w, g, s, t, lr=None, eps=(1e-30, 1e-3), clip=1.0, decay=-0.8, wd=0.0, b1=None):
    rms = lambda x: math.sqrt(float(np.mean(x * x)))
    rate = lr if lr is not None else min(1e-2, 1 / math.sqrt(t))
    rate *= max(eps[1], rms(w))
    b2 = 1 - t**decay
    u = g * g + eps[0]
    if w.ndim > 1:
        r = s["r"] = b2 * s.get("r", 0) + (1 - b2) * u.mean(-1)
        c = s["c"] = b2 * s.get("c", 0) + (1 - b2) * u.mean(-2)
        step = g / np.sqrt(np.outer(r / r.mean(), c))
    else:
        v = s["v"] = b2 * s.get("v", 0) + (1 - b2) * u
        step = g / np.sqrt(v)
    step = step / max(1, rms(step) / clip) * rate
    if b1 is not None:
        step = s["m"] = b1 * s.get("m", 0) + (1 - b1) * step
    return w - wd * rate * w - step
