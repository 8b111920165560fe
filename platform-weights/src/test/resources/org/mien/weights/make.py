# SPDX-License-Identifier: Apache-2.0
# Copyright the Mien contributors
"""Makes the files of weights beside it: python3 make.py FOLDER, with PyTorch and NumPy.

Those in the repository were made by PyTorch 1.13.1 and NumPy 1.24.2. Element i of each tensor, row
by row from 0, is i / 8 - 1 where nothing else is said: exact in every type.
"""
import collections
import os
import sys

import numpy
import torch


def ramp(*shape):
    count = int(numpy.prod(shape)) if shape else 1
    return (torch.arange(count, dtype=torch.float64) / 8 - 1).reshape(shape).float()


def everything():
    """A state dict with all that ours must read."""
    state = collections.OrderedDict()
    for name in ("float64", "float32", "float16", "bfloat16"):
        state[name] = ramp(2, 3, 4).to(getattr(torch, name))
    for name in ("int64", "int32", "int16", "int8", "uint8"):
        state[name] = torch.arange(6).reshape(2, 3).to(getattr(torch, name))
    state["bool"] = torch.tensor([True, False, True])
    state["scalar"] = torch.tensor(7)
    state["empty"] = torch.zeros(0, 3)
    state["parameter"] = torch.nn.Parameter(ramp(5))
    shared = ramp(4, 6)
    state["shared.all"] = shared
    state["shared.row"] = shared[2]
    state["shared.columns"] = shared[:, 1:3]  # not contiguous, begins within the storage
    state["shared.steps"] = shared[::2, ::3]
    state["transposed"] = ramp(3, 5).t()  # element (i, j) is that of (j, i)
    state["channels_last"] = ramp(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    state["expanded"] = ramp(3, 1).expand(3, 4)
    return state


def module():
    """A small network as users save it."""
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 3), torch.nn.BatchNorm2d(2))
    for parameter in net.parameters():
        parameter.data = ramp(*parameter.shape)
    return net


class Scripted(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.body = module()

    def forward(self, x):
        return self.body(x)


def main(folder):
    def save(name, value, zipped=True):
        torch.save(value, os.path.join(folder, name), _use_new_zipfile_serialization=zipped)

    save("zip.pth", everything())
    save("legacy.pth", everything(), zipped=False)
    net = module()
    optimizer = torch.optim.Adam(net.parameters())
    net(ramp(1, 3, 4, 4)).sum().backward()
    optimizer.step()
    state = {"module." + name: value for name, value in module().state_dict().items()}
    checkpoint = {
        "epoch": 3,
        "best": torch.tensor(0.5),
        "optimizer": optimizer.state_dict(),
        "checkpoint": {"state_dict": state},
        "history": [0.1, 0.2, numpy.float64(0.3)],
        "size": torch.Size([2, 3]),
        "type": torch.float16,
    }
    save("wrapped.pth", checkpoint)
    save("wrapped-legacy.pth", checkpoint, zipped=False)
    save("whole-model.pth", net)
    torch.jit.script(Scripted().eval()).save(os.path.join(folder, "torchscript.pt"))
    arrays = {
        "f4": ramp(2, 3).numpy(),
        "f8": ramp(2, 3).numpy().astype(">f8"),
        "f2": ramp(2, 3).numpy().astype("f2"),
        "i8": numpy.arange(3),
        "columns": numpy.asfortranarray(ramp(3, 4).numpy()),
        "scalar": numpy.array(2.5),
    }
    numpy.savez(os.path.join(folder, "stored.npz"), **arrays)
    numpy.savez_compressed(os.path.join(folder, "deflated.npz"), **arrays)
    numpy.save(os.path.join(folder, "rows.npy"), ramp(4, 2, 3).numpy())


if __name__ == "__main__":
    main(sys.argv[1])
