"""How fast PyTorch and onnxruntime run an encoder of our measures, with a head for feelings.

    python encoder_speed.py 1x32 64x32 ...

Prints a line of JSON for each runtime and shape. Weights are random: they do not change the speed.
Needs torch, onnx, onnxscript and onnxruntime.
"""

import json
import sys
import tempfile
import time
import warnings
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "models/training"))
from network import Encoder, Feelings  # noqa: E402

RUNS, RUN_S = 5, 1.5
PIECES = 21479


class Reader(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder(PIECES)
        self.feelings = Feelings()

    def forward(self, pieces, casings, lengths, shares):
        states = self.encoder(pieces, casings, lengths)
        return self.feelings(states[-1], shares, "story")


def rate(count, work):
    work()
    best = 0.0
    for _ in range(RUNS):
        began, times = time.perf_counter(), 0
        while time.perf_counter() - began < RUN_S:
            work()
            times += 1
        best = max(best, count * times / (time.perf_counter() - began))
    return best


def inputs(windows, length):
    pieces = torch.randint(5, PIECES, (windows, length))
    casings = torch.ones((windows, length), dtype=torch.long)
    lengths = torch.full((windows,), length)
    shares = torch.full((windows, 1, length), 1.0 / length)
    return pieces, casings, lengths, shares


def say(runtime, windows, length, pieces_per_s):
    print(json.dumps({"runtime": runtime, "length": length, "windows": windows, "pieces_per_s": pieces_per_s}), flush=True)


def main():
    shapes = [tuple(map(int, shape.split("x"))) for shape in sys.argv[1:]]
    torch.manual_seed(1)
    reader = Reader().eval()
    with torch.inference_mode():
        for windows, length in shapes:
            batch = inputs(windows, length)
            say("PyTorch", windows, length, rate(windows * length, lambda: reader(*batch)))

    import onnxruntime

    warnings.filterwarnings("ignore")
    names = ["pieces", "casings", "lengths", "shares"]
    with tempfile.TemporaryDirectory() as folder:
        for windows, length in shapes:
            batch = inputs(windows, length)
            path = Path(folder) / f"{windows}x{length}.onnx"
            torch.onnx.export(reader, batch, path, input_names=names, verbose=False)
            session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
            feed = {i.name: t.numpy() for i, t in zip(session.get_inputs(), batch)}
            with torch.inference_mode():
                gap = (torch.from_numpy(session.run(None, feed)[0]) - reader(*batch)).abs().max().item()
            assert gap < 1e-3, f"onnxruntime differs from PyTorch by {gap}"
            say("onnxruntime", windows, length, rate(windows * length, lambda: session.run(None, feed)))


if __name__ == "__main__":
    main()
