# SPDX-License-Identifier: Apache-2.0
# Copyright the Mien contributors
"""Python PyTorch's side of ./mien bench: eager, default layout, fused AdamW where there is one;
with --tuned the layout that convolutions are fastest in.

Says 'ready' with versions once it is warm, answers each line 'go' with a number, 'end' with its
peak memory in MB.
"""
import argparse
import csv
import glob
import io
import os
import resource
import sys
import tempfile
import time

import numpy
import PIL
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
SIDE = 112
# Networks of convolutions, which an expert runs with the channels last.
CONVOLUTIONS = ("train", "infer-1", "infer-16", "ir50-predict-1", "ir50-predict-16", "predict",
                "predict-faces")
LAYOUT = torch.contiguous_format


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or before != after:
            self.downsample = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


def resnet18(classes=7):
    """As torchvision has it."""
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True),
              nn.MaxPool2d(3, 2, 1)]
    before = 64
    for i in range(4):
        after = 64 << i
        layers += [Block(before, after, 1 if i == 0 else 2), Block(after, after, 1)]
        before = after
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))


class Encoder(nn.Module):
    """A block of a vision transformer, as timm has it."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(),
                                 nn.Linear(4 * width, width))

    def forward(self, x):
        n, t, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(n, t, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v)
        x = x + self.proj(y.transpose(1, 2).reshape(n, t, width))
        return x + self.mlp(self.norm2(x))


class VitTiny(nn.Module):
    """Patches of 16 of 224 x 224, twelve blocks of width 192, three heads."""

    def __init__(self, classes=7, width=192):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 16, 16)
        self.cls = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.positions = nn.Parameter(0.02 * torch.randn(1, 197, width))
        self.blocks = nn.Sequential(*[Encoder(width, 3) for _ in range(12)])
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.positions
        return self.head(self.norm(self.blocks(x))[:, 0])


class Improved(nn.Module):
    """A block of IR-50, as face.evoLVe has it."""

    def __init__(self, before, after, stride):
        super().__init__()
        if before == after:
            self.shortcut = nn.MaxPool2d(1, stride)
        else:
            self.shortcut = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
        self.residual = nn.Sequential(
            nn.BatchNorm2d(before), nn.Conv2d(before, after, 3, 1, 1, bias=False),
            nn.PReLU(after), nn.Conv2d(after, after, 3, stride, 1, bias=False),
            nn.BatchNorm2d(after))

    def forward(self, x):
        return self.residual(x) + self.shortcut(x)


def ir50():
    """With its output layer, from faces of 112 x 112 to embeddings of 512."""
    layers = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64)]
    before = 64
    for i, blocks in enumerate((3, 4, 14, 3)):
        after = 64 << i
        for j in range(blocks):
            layers.append(Improved(before, after, 2 if j == 0 else 1))
            before = after
    return nn.Sequential(*layers, nn.BatchNorm2d(512), nn.Dropout(0.5), nn.Flatten(),
                         nn.Linear(512 * 7 * 7, 512), nn.BatchNorm1d(512))


class MaskedAutoencoder(nn.Module):
    """On ViT-T as its published code has it: three quarters hidden, targets normalised by patch;
    decoder of eight blocks of width 128, four heads."""

    def __init__(self, width=192, inner=128, places=196):
        super().__init__()
        self.patch = nn.Conv2d(3, width, 16, 16)
        self.cls = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 1 + places, width), requires_grad=False)
        self.blocks = nn.Sequential(*[Encoder(width, 3) for _ in range(12)])
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.embed = nn.Linear(width, inner)
        self.mask = nn.Parameter(0.02 * torch.randn(1, 1, inner))
        self.decoder_positions = nn.Parameter(
            torch.randn(1, 1 + places, inner), requires_grad=False)
        self.decoder_blocks = nn.Sequential(*[Encoder(inner, 4) for _ in range(8)])
        self.decoder_norm = nn.LayerNorm(inner, eps=1e-6)
        self.pred = nn.Linear(inner, 3 * 16 * 16)

    def forward(self, image):
        x = self.patch(image).flatten(2).transpose(1, 2) + self.positions[:, 1:]
        n, places, width = x.shape
        seen = places // 4
        order = torch.rand(n, places).argsort(1)
        restore = order.argsort(1)
        x = torch.gather(x, 1, order[:, :seen, None].expand(-1, -1, width))
        cls = (self.cls + self.positions[:, :1]).expand(n, -1, -1)
        x = self.embed(self.norm(self.blocks(torch.cat([cls, x], 1))))
        masks = self.mask.expand(n, places - seen, -1)
        y = torch.cat([x[:, 1:], masks], 1)
        y = torch.gather(y, 1, restore[:, :, None].expand(-1, -1, y.shape[2]))
        y = torch.cat([x[:, :1], y], 1) + self.decoder_positions
        y = self.pred(self.decoder_norm(self.decoder_blocks(y)))[:, 1:]
        target = image.reshape(n, 3, 14, 16, 14, 16).permute(0, 2, 4, 3, 5, 1)
        target = target.reshape(n, places, -1)
        mean = target.mean(-1, keepdim=True)
        target = (target - mean) / (target.var(-1, keepdim=True) + 1e-6) ** 0.5
        hidden = (restore >= seen).float()
        return ((y - target).square().mean(-1) * hidden).sum() / hidden.sum()


def laid_out(what):
    """A network, or its input, in the layout of this process."""
    if isinstance(what, nn.Module):
        return what.to(memory_format=LAYOUT)
    return what.contiguous(memory_format=LAYOUT)


def adamw(net, facts, side, **keys):
    weights = [weight for weight in net.parameters() if weight.requires_grad]
    try:
        optimizer = torch.optim.AdamW(weights, lr=1e-3, fused=True, **keys)
        optimizer.zero_grad()
        net(laid_out(torch.zeros(2, 3, side, side))).sum().backward()
        optimizer.step()
        facts["adamw"] = "fused"
    except (RuntimeError, TypeError):
        optimizer = torch.optim.AdamW(weights, lr=1e-3, foreach=True, **keys)
        facts["adamw"] = "foreach"
    return optimizer


def pretrain(facts, n, side):
    net = MaskedAutoencoder()
    optimizer = adamw(net, facts, side, weight_decay=0.05, betas=(0.9, 0.95))
    return steps(optimizer, net, torch.randn(n, 3, side, side))


def train(facts, net, n, side):
    laid_out(net).train()
    optimizer = adamw(net, facts, side, weight_decay=0.01)
    labels = torch.arange(n) % 7
    return steps(optimizer, lambda x: F.cross_entropy(net(x), labels),
                 laid_out(torch.randn(n, 3, side, side)))


def steps(optimizer, loss_of, x):
    def once():
        begin = time.perf_counter()
        optimizer.zero_grad()
        loss = loss_of(x)
        loss.backward()
        optimizer.step()
        loss.item()
        return 1e3 * (time.perf_counter() - begin)
    return once


def infer(net, n, side):
    """To probabilities."""
    laid_out(net).eval()
    x = laid_out(torch.randn(n, 3, side, side))

    def once():
        begin = time.perf_counter()
        with torch.inference_mode():
            torch.softmax(net(x), -1).numpy()
        return 1e3 * (time.perf_counter() - begin)
    return once


def embed(net, n):
    laid_out(net).eval()
    x = laid_out(torch.randn(n, 3, SIDE, SIDE))

    def once():
        begin = time.perf_counter()
        with torch.inference_mode():
            net(x).numpy()
        return 1e3 * (time.perf_counter() - begin)
    return once


def to_tensor(facts):
    """From an image to a normalised tensor: torchvision's way, where it is there and whole."""
    try:
        from torchvision import __version__, transforms
        facts["to tensor"] = "torchvision " + __version__
        return transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, DEVIATION)])
    except ModuleNotFoundError:
        facts["to tensor"] = "numpy " + numpy.__version__
    except Exception as e:  # a torchvision of another torch fails in many ways
        facts["to tensor"] = f"numpy {numpy.__version__}; torchvision is broken: {e}"
    mean = numpy.array(MEAN, numpy.float32)
    deviation = numpy.array(DEVIATION, numpy.float32)

    def convert(image):
        x = numpy.asarray(image, numpy.float32)
        x = (x / 255 - mean) / deviation
        return torch.from_numpy(numpy.ascontiguousarray(x.transpose(2, 0, 1)))
    return convert


def read(folder):
    paths = sorted(glob.glob(os.path.join(folder, "*.jpg")))
    return [open(path, "rb").read() for path in paths]


def images(facts, folder):
    convert = to_tensor(facts)
    files = read(folder)

    def once():
        begin = time.perf_counter()
        for start in range(0, len(files), 16):
            torch.stack([convert(Image.open(io.BytesIO(file)).convert("RGB"))
                         for file in files[start:start + 16]])
        return len(files) / (time.perf_counter() - begin)
    return once


def weights(folder):
    path = os.path.join(os.path.dirname(os.path.abspath(folder)), "weights.pth")
    only = {"weights_only": True} if "weights_only" in torch.load.__code__.co_varnames else {}

    def once():
        begin = time.perf_counter()
        state = torch.load(path, map_location="cpu", **only)
        size = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
        return size / 1e6 / (time.perf_counter() - begin)
    return once


def predict(facts, folder):
    convert = to_tensor(facts)
    net = laid_out(resnet18()).eval()
    paths = sorted(glob.glob(os.path.join(folder, "*.jpg")))

    def once(paths=paths):
        begin = time.perf_counter()
        for path in paths:
            image = Image.open(path).convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)
            probabilities(net, convert(image))
        return len(paths) / (time.perf_counter() - begin)

    once.warm = lambda: once(paths[:10])
    return once


def probabilities(net, x):
    with torch.inference_mode():
        return torch.softmax(net(laid_out(x[None])), -1)[0].tolist()


def predict_faces(facts, folder, yunet):
    """From files to a table, with the rules of the platform's step yunet: 0.7 is the lowest score,
    24 pixels the smallest face, 1024 the longer side of the search, 0.25 the margin; of several
    faces the largest, and beyond the edge its pixels again."""
    import cv2
    facts["opencv"] = cv2.__version__
    convert = to_tensor(facts)
    net = laid_out(resnet18()).eval()
    detector = cv2.FaceDetectorYN.create(yunet, "", (32, 32), 0.7, 0.3, 5000)
    paths = sorted(glob.glob(os.path.join(folder, "*.jpg")))

    def largest(image):
        height, width = image.shape[:2]
        shrink = min(1, 1024 / max(height, width))
        small = image if shrink == 1 else cv2.resize(
            image, (round(width * shrink), round(height * shrink)), interpolation=cv2.INTER_AREA)
        detector.setInputSize(small.shape[1::-1])
        rows = detector.detect(small)[1]
        boxes = [(row[:4] / shrink, row[14]) for row in (() if rows is None else rows)
                 if row[2] / shrink >= 24]
        return max(boxes, key=lambda box: box[0][2] * box[0][3], default=None)

    def square(image, x, y, width, height):
        side = max(1, round(1.5 * max(width, height)))
        left = round(x + width / 2 - side / 2)
        top = round(y + height / 2 - side / 2)
        right = left + side - image.shape[1]
        bottom = top + side - image.shape[0]
        if min(left, top) < 0 or max(right, bottom) > 0:
            edges = [max(0, edge) for edge in (-top, bottom, -left, right)]
            image = cv2.copyMakeBorder(image, *edges, cv2.BORDER_REPLICATE)
            left, top = max(0, left), max(0, top)
        return image[top:top + side, left:left + side]

    def once(paths=paths):
        begin = time.perf_counter()
        found = 0
        with tempfile.TemporaryFile("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            for path in paths:
                image = cv2.imread(path)
                face = largest(image)
                if face is None:
                    table.writerow([path])
                    continue
                found += 1
                crop = square(image, *face[0])
                way = cv2.INTER_AREA if len(crop) >= SIDE else cv2.INTER_LINEAR
                rgb = cv2.cvtColor(cv2.resize(crop, (SIDE, SIDE), interpolation=way),
                                   cv2.COLOR_BGR2RGB)
                scores = probabilities(net, convert(rgb))
                table.writerow([path, 1, *face[0], face[1], scores.index(max(scores)), *scores])
        if found < 0.9 * len(paths):
            raise RuntimeError(f"found a face in {found} of {len(paths)} photographs only")
        return len(paths) / (time.perf_counter() - begin)

    once.warm = lambda: once(paths[:10])
    return once


def idle():
    """Memory in MB before the first network."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return str(next(int(line.split()[1]) / 1024 for line in status
                            if line.startswith("VmRSS:")))
    except OSError:
        return "nan"


def main():
    global LAYOUT
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    parser = argparse.ArgumentParser()
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--warm", type=float, default=3, help="seconds")
    parser.add_argument("name")
    parser.add_argument("files", nargs="*")
    given = parser.parse_args()
    facts = {"idle": idle(), "version": sys.version.split()[0], "torch": torch.__version__,
             "pillow": PIL.__version__}
    if given.tuned and given.name in CONVOLUTIONS:
        LAYOUT = torch.channels_last
        facts["layout"] = "channels last, where there are convolutions"
    once = {"train": lambda folder: train(facts, resnet18(), 16, SIDE),
            "infer-1": lambda folder: infer(resnet18(), 1, SIDE),
            "infer-16": lambda folder: infer(resnet18(), 16, SIDE),
            "vit-train": lambda folder: train(facts, VitTiny(), 8, 224),
            "mae-train": lambda folder: pretrain(facts, 16, 224),
            "vit-predict": lambda folder: infer(VitTiny(), 1, 224),
            "ir50-predict-1": lambda folder: embed(ir50(), 1),
            "ir50-predict-16": lambda folder: embed(ir50(), 16),
            "input": lambda folder: images(facts, folder), "weights": weights,
            "predict": lambda folder: predict(facts, folder),
            "predict-faces": lambda folder, yunet: predict_faces(facts, folder, yunet),
            }[given.name](*given.files)
    warm = getattr(once, "warm", once)
    begin = time.perf_counter()
    warm()
    while time.perf_counter() - begin < given.warm:
        warm()
    # A fact is one line, whatever an error has said.
    print("\t".join(["ready"] + [f"{key}={' '.join(fact.split())}" for key, fact in facts.items()]),
          flush=True)
    for line in sys.stdin:
        if line.strip() == "end":
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
            return
        print(once(), flush=True)


if __name__ == "__main__":
    main()
