"""Writes the fixtures of these tests: layers' inputs, weights and outputs by PyTorch.

Run with a Python that has torch and safetensors:  python make_fixtures.py
"""
import os

import torch
from safetensors.torch import save_file

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Fixtures")

torch.manual_seed(0)
tensors = {}


def case(name, module, x, output=None):
    module = module.eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, 0.4)
        for key, buffer in module.named_buffers():
            if buffer.is_floating_point():
                buffer.uniform_(0.5, 1.5)
        y = module(x) if output is None else output(module, x)
    tensors[f"{name}.input"] = x.contiguous()
    tensors[f"{name}.output"] = y.contiguous()
    for key, value in module.state_dict().items():
        tensors[f"{name}.state.{key}"] = value.clone().contiguous()


nn = torch.nn
case("dense_relu", nn.Sequential(nn.Linear(5, 7), nn.ReLU()), torch.randn(3, 5))
case("dense_softmax", nn.Sequential(nn.Linear(5, 4), nn.Softmax(-1)), torch.randn(3, 5))
case("dense_sequence", nn.Sequential(nn.Linear(4, 3), nn.Tanh()), torch.randn(2, 6, 4))
case("conv1d", nn.Conv1d(3, 4, 3, padding=1), torch.randn(2, 3, 8))
case("conv2d", nn.Conv2d(3, 5, 3, stride=2), torch.randn(2, 3, 9, 8))
case("conv2d_same", nn.Conv2d(2, 3, 3, padding="same"), torch.randn(2, 2, 6, 7))
case("max_pooling1d", nn.MaxPool1d(2), torch.randn(2, 3, 8))
case("max_pooling2d", nn.MaxPool2d(2), torch.randn(2, 3, 6, 8))
case("average_pooling1d", nn.AvgPool1d(2), torch.randn(2, 3, 8))
case("average_pooling2d", nn.AvgPool2d((2, 3)), torch.randn(2, 3, 6, 9))
case("batch_normalization", nn.BatchNorm2d(3, eps=1e-3, momentum=0.01), torch.randn(4, 3, 5, 5))
case("layer_normalization", nn.LayerNorm(6, eps=1e-3), torch.randn(3, 4, 6))
case("embedding", nn.Embedding(10, 4), torch.randint(0, 10, (3, 5)))
case("lstm", nn.LSTM(3, 4, batch_first=True), torch.randn(2, 5, 3), lambda m, x: m(x)[0])
case("lstm_last", nn.LSTM(3, 4, batch_first=True), torch.randn(2, 5, 3), lambda m, x: m(x)[0][:, -1])
case("lstm_both", nn.LSTM(3, 4, batch_first=True, bidirectional=True), torch.randn(2, 5, 3),
     lambda m, x: torch.cat([m(x)[1][0][0], m(x)[1][0][1]], -1))
case("gru", nn.GRU(3, 4, batch_first=True), torch.randn(2, 5, 3), lambda m, x: m(x)[0])
case("gru_last", nn.GRU(3, 4, batch_first=True), torch.randn(2, 5, 3), lambda m, x: m(x)[0][:, -1])

# Losses of probabilities or predictions and targets.
logits = torch.randn(6, 4)
labels = torch.tensor([0, 3, 1, 2, 2, 0])
tensors["loss.logits"] = logits
tensors["loss.labels"] = labels
tensors["loss.targets"] = torch.rand(6, 4)
F = nn.functional
tensors["loss.sparse_categorical"] = F.cross_entropy(logits, labels)
tensors["loss.categorical"] = F.cross_entropy(logits, F.one_hot(labels, 4).float())
tensors["loss.binary"] = F.binary_cross_entropy_with_logits(logits, tensors["loss.targets"])
tensors["loss.mean_squared"] = F.mse_loss(logits, tensors["loss.targets"])
tensors["loss.mean_absolute"] = F.l1_loss(logits, tensors["loss.targets"])
tensors["loss.huber"] = F.huber_loss(logits, tensors["loss.targets"])
save_file(tensors, os.path.join(folder, "layers.safetensors"))
