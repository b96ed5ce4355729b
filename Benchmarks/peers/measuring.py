"""What the peers' scripts measure with; imports no engine, whose memory would count."""
import math
import resource
import statistics
import time


def timed(step, seconds, minimum=3):
    step()
    samples = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(samples) < minimum:
        begin = time.perf_counter()
        step()
        samples.append(time.perf_counter() - begin)
    return samples


def row(metric, batch, sequence, seconds):
    median = statistics.median(seconds)
    if metric == "inference_latency":
        return dict(metric=metric, batch=batch, sequence=sequence, value=median * 1e3, unit="ms",
                    samples=[s * 1e3 for s in seconds])
    return dict(metric=metric, batch=batch, sequence=sequence, value=batch / median, unit="samples/s",
                samples=[batch / s for s in seconds])


def percentile(samples, share):
    return sorted(samples)[max(0, math.ceil(len(samples) * share / 100) - 1)]


def spread(batch, sequence, seconds):
    """How far the slowest calls are from the usual one, and the memory so far."""
    rows = [dict(metric=f"latency_p{share}", batch=batch, sequence=sequence, unit="ms", samples=[],
                 value=percentile(seconds, share) * 1e3) for share in (90, 99)]
    width = percentile(seconds, 95) - percentile(seconds, 5)
    rows.append(dict(metric="latency_spread", batch=batch, sequence=sequence, unit="±%", samples=[],
                     value=50 * width / statistics.median(seconds)))
    return rows + [peak_memory(batch, sequence)]


def peak_memory(batch, sequence):
    return dict(metric="peak_memory", batch=batch, sequence=sequence, unit="MB", samples=[],
                value=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
