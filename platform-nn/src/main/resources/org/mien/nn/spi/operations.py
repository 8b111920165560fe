  def linear(self: __torch__.Ops, x: Tensor, w: Tensor, onednn: bool) -> Tensor:
    return self.product(x, w, None, onednn)
  def linear_bias(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, onednn: bool) -> Tensor:
    return self.product(x, w, b, onednn)
  def linear_plus(self: __torch__.Ops, x: Tensor, w: Tensor, plus: Tensor, onednn: bool) -> Tensor:
    return torch.add_(self.product(x, w, None, onednn), plus)
  def linear_bias_plus(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, plus: Tensor, onednn: bool) -> Tensor:
    return torch.add_(self.product(x, w, b, onednn), plus)
  def product(self: __torch__.Ops, x: Tensor, w: Tensor, b: Optional[Tensor], onednn: bool) -> Tensor:
    if onednn:
      n = torch.size(x, 0)
      t = torch.size(x, 1)
      i = torch.size(w, 1)
      o = torch.size(w, 0)
      pixels = torch.permute(torch.reshape(x, [n, t, 1, i]), [0, 3, 1, 2])
      y = torch.conv2d(pixels, torch.reshape(w, [o, i, 1, 1]), b, [1, 1], [0, 0], [1, 2], 1)
      return torch._unsafe_view(torch.contiguous(torch.permute(y, [0, 2, 3, 1])), [n, t, o])
    return torch.linear(x, w, b)
  def conv2d(self: __torch__.Ops, x: Tensor, w: Tensor, stride: int, padding: List[int], groups: int, piece: int) -> Tensor:
    return self.convolution(x, w, None, stride, padding, groups, piece)
  def conv2d_bias(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, stride: int, padding: List[int], groups: int, piece: int) -> Tensor:
    return self.convolution(x, w, b, stride, padding, groups, piece)
  def convolution(self: __torch__.Ops, x: Tensor, w: Tensor, b: Optional[Tensor], stride: int, padding: List[int], groups: int, piece: int) -> Tensor:
    if torch.eq(piece, 0):
      return torch.conv2d(x, w, b, [stride, stride], padding, [1, 1], groups)
    if torch.gt(groups, 1):
      y = self.in_groups(x, w, stride, padding, groups, piece)
      if b is None:
        return y
      else:
        return torch.add(y, torch.reshape(b, [1, -1, 1, 1]))
    kernel = [torch.size(w, 2), torch.size(w, 3)]
    if torch.eq(torch.add(torch.add(kernel[0], kernel[1]), torch.add(padding[0], padding[1])), 2):
      return self.one_pixel(x, w, b, stride)
    if torch.ge(piece, torch.size(x, 0)):
      return torch.thnn_conv2d(self.in_rows(x), self.in_rows(w), kernel, b, [stride, stride], padding)
    weight = self.in_rows(w)
    pieces = annotate(List[Tensor], [])
    for some in torch.split(x, piece):
      pieces.append(torch.thnn_conv2d(self.in_rows(some), weight, kernel, b, [stride, stride], padding))
    return torch.cat(pieces)
  def in_groups(self: __torch__.Ops, x: Tensor, w: Tensor, stride: int, padding: List[int], groups: int, piece: int) -> Tensor:
    if torch.__and__(torch.eq(groups, torch.size(x, 1)), torch.eq(groups, torch.size(w, 0))):
      return self.depthwise(x, w, stride, padding)
    kernel = [torch.size(w, 2), torch.size(w, 3)]
    inputs = torch.chunk(x, groups, 1)
    weights = torch.chunk(w, groups, 0)
    blocks = annotate(List[Tensor], [])
    for i in range(groups):
      weight = self.in_rows(weights[i])
      pieces = annotate(List[Tensor], [])
      for some in torch.split(inputs[i], piece):
        pieces.append(torch.thnn_conv2d(self.in_rows(some), weight, kernel, None, [stride, stride], padding))
      blocks.append(torch.cat(pieces))
    return torch.cat(blocks, 1)
  def depthwise(self: __torch__.Ops, x: Tensor, w: Tensor, stride: int, padding: List[int]) -> Tensor:
    wide = self.padded(x, [padding[1], padding[1], padding[0], padding[0]], 0.)
    rows = torch.sub(torch.size(wide, 2), torch.size(w, 2))
    columns = torch.sub(torch.size(wide, 3), torch.size(w, 3))
    products = annotate(List[Tensor], [])
    for i in range(torch.size(w, 2)):
      for j in range(torch.size(w, 3)):
        some = torch.slice(torch.slice(wide, 2, i, torch.add(torch.add(i, rows), 1), stride), 3, j, torch.add(torch.add(j, columns), 1), stride)
        weight = torch.reshape(torch.select(torch.select(w, 3, j), 2, i), [1, -1, 1, 1])
        products.append(torch.mul(some, weight))
    y = products[0]
    for k in range(torch.sub(torch.len(products), 1)):
      y = torch.add(y, products[torch.add(k, 1)])
    return y
  def padded(self: __torch__.Ops, x: Tensor, around: List[int], value: float) -> Tensor:
    return torch.constant_pad_nd(x, around, value)
  def one_pixel(self: __torch__.Ops, x: Tensor, w: Tensor, b: Optional[Tensor], stride: int) -> Tensor:
    if torch.gt(stride, 1):
      x = torch.slice(torch.slice(x, 2, 0, None, stride), 3, 0, None, stride)
    pixels = torch.permute(x, [0, 2, 3, 1])
    y = torch.linear(pixels, torch.reshape(w, [torch.size(w, 0), torch.size(w, 1)]), b)
    return torch.permute(y, [0, 3, 1, 2])
  def in_rows(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.reshape(torch.reshape(x, [-1]), torch.size(x))
  def batch_norm(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, mean: Tensor, variance: Tensor, eps: float) -> Tensor:
    return torch.batch_norm(x, w, b, mean, variance, False, 0.10000000000000001, eps, True)
  def batch_norm_train(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, mean: Tensor, variance: Tensor, eps: float, momentum: float) -> List[Tensor]:
    m = torch.clone(torch.detach(mean))
    v = torch.clone(torch.detach(variance))
    y = torch.batch_norm(x, w, b, m, v, True, momentum, eps, True)
    return [y, m, v]
  def convolution_train(self: __torch__.Ops, x: Tensor, w: Tensor, bias: List[Tensor], norm: List[Tensor], eps: float, momentum: float, stride: int, padding: List[int], groups: int, piece: int, plus: List[Tensor], relu: bool) -> List[Tensor]:
    m = torch.clone(torch.detach(norm[2]))
    v = torch.clone(torch.detach(norm[3]))
    if torch.gt(torch.len(bias), 0):
      y = self.convolution(x, w, bias[0], stride, padding, groups, piece)
    else:
      y = self.convolution(x, w, None, stride, padding, groups, piece)
    y = torch.batch_norm(y, norm[0], norm[1], m, v, True, momentum, eps, True)
    if torch.gt(torch.len(plus), 0):
      y = torch.add_(y, plus[0])
    if relu:
      y = torch.relu_(y)
    return [y, m, v]
  def layer_norm(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, eps: float) -> Tensor:
    return torch.layer_norm(x, [torch.size(x, -1)], w, b, eps)
  def relu(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.relu(x)
  def sigmoid(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.sigmoid(x)
  def prelu(self: __torch__.Ops, x: Tensor, slope: Tensor) -> Tensor:
    return torch.prelu(x, slope)
  def gelu(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.gelu(x)
  def max_pool(self: __torch__.Ops, x: Tensor, kernel: int, stride: int, padding: List[int], ceil: bool) -> Tensor:
    return torch.max_pool2d(x, [kernel, kernel], [stride, stride], padding, [1, 1], ceil)
  def average_pool(self: __torch__.Ops, x: Tensor, rows: int, columns: int) -> Tensor:
    return torch.adaptive_avg_pool2d(x, [rows, columns])
  def global_average_pool(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.flatten(torch.adaptive_avg_pool2d(x, [1, 1]), 1)
  def pixel_shuffle(self: __torch__.Ops, x: Tensor, factor: int) -> Tensor:
    return torch.pixel_shuffle(x, factor)
  def resize(self: __torch__.Ops, x: Tensor, height: int, width: int, align: bool) -> Tensor:
    return torch.upsample_bilinear2d(x, [height, width], align, None, None)
  def cast(self: __torch__.Ops, x: Tensor, type: int) -> Tensor:
    return torch.to(x, type)
  def attention(self: __torch__.Ops, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    return torch.scaled_dot_product_attention(q, k, v)
  def self_attention(self: __torch__.Ops, qkv: Tensor, heads: int) -> Tensor:
    n = torch.size(qkv, 0)
    t = torch.size(qkv, 1)
    all = torch.permute(torch.reshape(qkv, [n, t, 3, heads, -1]), [2, 0, 3, 1, 4])
    y = torch.scaled_dot_product_attention(torch.select(all, 0, 0), torch.select(all, 0, 1), torch.select(all, 0, 2))
    return torch.reshape(torch.transpose(y, 1, 2), [n, t, -1])
  def block(self: __torch__.Ops, x: Tensor, norm1: List[Tensor], qkv: List[Tensor], proj: List[Tensor], norm2: List[Tensor], fc1: List[Tensor], fc2: List[Tensor], heads: int, eps: float, first: bool, onednn: List[int]) -> Tensor:
    y = x
    if first:
      y = self.layer_norm(x, norm1[0], norm1[1], eps)
    y = self.self_attention(self.product(y, qkv[0], qkv[1], torch.ne(onednn[0], 0)), heads)
    return self.after_attention(x, y, norm1, proj, norm2, fc1, fc2, eps, first, onednn)
  def block_of_first(self: __torch__.Ops, x: Tensor, norm1: List[Tensor], qkv: List[Tensor], proj: List[Tensor], norm2: List[Tensor], fc1: List[Tensor], fc2: List[Tensor], heads: int, eps: float, first: bool, onednn: List[int]) -> Tensor:
    y = x
    if first:
      y = self.layer_norm(x, norm1[0], norm1[1], eps)
    return self.block_of(torch.slice(x, 1, 0, 1), torch.slice(y, 1, 0, 1), y, norm1, qkv, proj, norm2, fc1, fc2, heads, eps, first, onednn)
  def block_of_some(self: __torch__.Ops, x: Tensor, norm1: List[Tensor], qkv: List[Tensor], proj: List[Tensor], norm2: List[Tensor], fc1: List[Tensor], fc2: List[Tensor], heads: int, eps: float, first: bool, onednn: List[int], places: Tensor) -> Tensor:
    y = x
    if first:
      y = self.layer_norm(x, norm1[0], norm1[1], eps)
    return self.block_of(self.pick(x, places), self.pick(y, places), y, norm1, qkv, proj, norm2, fc1, fc2, heads, eps, first, onednn)
  def block_of(self: __torch__.Ops, some_x: Tensor, some_y: Tensor, y: Tensor, norm1: List[Tensor], qkv: List[Tensor], proj: List[Tensor], norm2: List[Tensor], fc1: List[Tensor], fc2: List[Tensor], heads: int, eps: float, first: bool, onednn: List[int]) -> Tensor:
    n = torch.size(y, 0)
    t = torch.size(y, 1)
    d = torch.size(y, 2)
    some = torch.size(some_y, 1)
    q = self.product(some_y, torch.slice(qkv[0], 0, 0, d), torch.slice(qkv[1], 0, 0, d), torch.ne(onednn[0], 0))
    q = torch.transpose(torch.reshape(q, [n, some, heads, -1]), 1, 2)
    kv = self.product(y, torch.slice(qkv[0], 0, d), torch.slice(qkv[1], 0, d), torch.ne(onednn[1], 0))
    kv = torch.permute(torch.reshape(kv, [n, t, 2, heads, -1]), [2, 0, 3, 1, 4])
    y = torch.scaled_dot_product_attention(q, torch.select(kv, 0, 0), torch.select(kv, 0, 1))
    y = torch.reshape(torch.transpose(y, 1, 2), [n, some, -1])
    return self.after_attention(some_x, y, norm1, proj, norm2, fc1, fc2, eps, first, onednn)
  def after_attention(self: __torch__.Ops, x: Tensor, y: Tensor, norm1: List[Tensor], proj: List[Tensor], norm2: List[Tensor], fc1: List[Tensor], fc2: List[Tensor], eps: float, first: bool, onednn: List[int]) -> Tensor:
    x = torch.add_(self.product(y, proj[0], proj[1], torch.ne(onednn[2], 0)), x)
    y = x
    if first:
      y = self.layer_norm(x, norm2[0], norm2[1], eps)
    else:
      x = self.layer_norm(x, norm1[0], norm1[1], eps)
      y = x
    x = torch.add_(self.product(torch.gelu(self.product(y, fc1[0], fc1[1], torch.ne(onednn[3], 0))), fc2[0], fc2[1], torch.ne(onednn[4], 0)), x)
    if torch.__not__(first):
      x = self.layer_norm(x, norm2[0], norm2[1], eps)
    return x
  def uniform(self: __torch__.Ops, like: Tensor, key: int) -> Tensor:
    i = torch.arange(1, torch.add(torch.numel(like), 1), dtype=4, layout=None, device=ops.prim.device(like), pin_memory=False)
    z = torch.add(torch.mul(i, -7046029254386353131), key)
    z = torch.mul(torch.bitwise_xor(z, torch.bitwise_and(torch.__rshift__(z, 30), 17179869183)), -4658895280553007687)
    z = torch.mul(torch.bitwise_xor(z, torch.bitwise_and(torch.__rshift__(z, 27), 137438953471)), -7723592293110705685)
    z = torch.bitwise_xor(z, torch.bitwise_and(torch.__rshift__(z, 31), 8589934591))
    u = torch.mul(torch.to(torch.bitwise_and(torch.__rshift__(z, 40), 16777215), 6), 5.9604644775390625e-08)
    return torch.reshape(u, torch.size(like))
  def dropout(self: __torch__.Ops, x: Tensor, rate: float, key: int) -> Tensor:
    keep = torch.to(torch.ge(self.uniform(x, key), rate), ops.prim.dtype(x))
    return torch.mul(x, torch.div(keep, torch.sub(1., rate)))
  def pick(self: __torch__.Ops, x: Tensor, index: Tensor) -> Tensor:
    wide = torch.expand(torch.unsqueeze(index, -1), [-1, -1, torch.size(x, -1)])
    return torch.gather(x, 1, wide)
  def norm(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.linalg_vector_norm(x, 2, [-1])
  def distances(self: __torch__.Ops, a: Tensor, b: Tensor) -> Tensor:
    return torch.cdist(a, b, 2., 2)
  def cosine(self: __torch__.Ops, a: Tensor, b: Tensor) -> Tensor:
    return torch.cosine_similarity(a, b, -1, 1e-08)
  def cross_entropy(self: __torch__.Ops, logits: Tensor, targets: Tensor) -> Tensor:
    return torch.neg(torch.mean(torch.sum(torch.mul(torch.log_softmax(logits, -1), targets), [-1])))
  def cross_entropy_weighted(self: __torch__.Ops, logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    each = torch.neg(torch.sum(torch.mul(torch.log_softmax(logits, -1), targets), [-1]))
    return torch.div(torch.sum(torch.mul(each, weights)), torch.clamp_min(torch.sum(weights), 1.0e-12))
  def binary_cross_entropy(self: __torch__.Ops, logits: Tensor, targets: Tensor) -> Tensor:
    return torch.binary_cross_entropy_with_logits(logits, torch.type_as(targets, logits))
  def binary_cross_entropy_counted(self: __torch__.Ops, logits: Tensor, targets: Tensor, counts: Tensor) -> Tensor:
    each = torch.binary_cross_entropy_with_logits(logits, torch.type_as(targets, logits), None, None, 0)
    n = torch.type_as(counts, logits)
    return torch.div(torch.sum(torch.mul(each, n)), torch.clamp_min(torch.sum(n), 1.0e-12))
  def smooth_l1_counted(self: __torch__.Ops, a: Tensor, b: Tensor, counts: Tensor) -> Tensor:
    each = torch.smooth_l1_loss(a, torch.type_as(b, a), 0)
    n = torch.type_as(counts, a)
    return torch.div(torch.sum(torch.mul(each, n)), torch.clamp_min(torch.sum(n), 1.0e-12))
  def concordance(self: __torch__.Ops, a: Tensor, b: Tensor, counts: Tensor) -> Tensor:
    n = torch.type_as(counts, a)
    sum = torch.clamp_min(torch.sum(n, [0], True), 1.0e-12)
    y = torch.type_as(b, a)
    mean_a = torch.div(torch.sum(torch.mul(a, n), [0], True), sum)
    mean_y = torch.div(torch.sum(torch.mul(y, n), [0], True), sum)
    from_a = torch.sub(a, mean_a)
    from_y = torch.sub(y, mean_y)
    together = torch.div(torch.sum(torch.mul(torch.mul(from_a, from_y), n), [0], True), sum)
    var_a = torch.div(torch.sum(torch.mul(torch.mul(from_a, from_a), n), [0], True), sum)
    var_y = torch.div(torch.sum(torch.mul(torch.mul(from_y, from_y), n), [0], True), sum)
    apart = torch.sub(mean_a, mean_y)
    all = torch.add(torch.add(var_a, var_y), torch.mul(apart, apart))
    return torch.squeeze(torch.div(torch.mul(together, 2.0), torch.clamp_min(all, 1.0e-12)), 0)
  def smooth_l1(self: __torch__.Ops, a: Tensor, b: Tensor) -> Tensor:
    return torch.smooth_l1_loss(a, b)
  def traced(self: __torch__.Ops, x: Tensor) -> List[Tensor]:
    if ops.prim.requires_grad(x):
      return [torch.detach(x)]
    return annotate(List[Tensor], [])
  def gradient(self: __torch__.Ops, y: Tensor, x: Tensor) -> Tensor:
    g = torch.grad([y], [x], None, True, True, False)[0]
    return unchecked_cast(Tensor, g)
  def gradients(self: __torch__.Ops, y: Tensor, xs: List[Tensor], again: bool) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    if ops.prim.requires_grad(y):
      found = torch.grad([y], xs, None, again, False, True)
      for i in range(len(xs)):
        g = found[i]
        if g is None:
          out.append(torch.zeros([0]))
        else:
          last = False
          if torch.eq(torch.dim(xs[i]), 4):
            last = torch.__not__(torch.is_contiguous(xs[i]))
          if last:
            out.append(torch.contiguous(g, memory_format=2))
          else:
            out.append(torch.contiguous(g))
    return out
  def distinct(self: __torch__.Ops, known: List[Tensor], arrays: List[Tensor]) -> List[Tensor]:
    seen = annotate(List[Tensor], [])
    for i in range(len(known)):
      seen.append(torch.as_strided(known[i], [1], [1], 0))
    out = annotate(List[Tensor], [])
    for j in range(len(arrays)):
      first = torch.as_strided(arrays[j], [1], [1], 0)
      fresh = True
      for k in range(len(seen)):
        if torch.is_set_to(first, seen[k]):
          fresh = False
      if fresh:
        seen.append(first)
        out.append(arrays[j])
    return out
  def norm_of_all(self: __torch__.Ops, g: List[Tensor]) -> Tensor:
    return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(g, 2)), 2)
  def scale(self: __torch__.Ops, g: List[Tensor], factor: float) -> None:
    torch._foreach_mul_(g, factor)
    return None
  def add_all(self: __torch__.Ops, sum: List[Tensor], g: List[Tensor], weight: float) -> None:
    torch._foreach_add_(sum, g, alpha=weight)
    return None
  def follow(self: __torch__.Ops, average: List[Tensor], w: List[Tensor], decay: float) -> None:
    torch._foreach_mul_(average, decay)
    torch._foreach_add_(average, w, alpha=torch.sub(1., decay))
    return None
  def sgd(self: __torch__.Ops, w: List[Tensor], g: List[Tensor], lr: float, decay: float) -> None:
    if torch.ne(decay, 0.):
      torch._foreach_add_(g, w, alpha=decay)
    torch._foreach_add_(w, g, alpha=torch.neg(lr))
    return None
  def sgd_momentum(self: __torch__.Ops, w: List[Tensor], g: List[Tensor], b: List[Tensor], first: bool, lr: float, momentum: float, nesterov: bool, decay: float) -> None:
    if torch.ne(decay, 0.):
      torch._foreach_add_(g, w, alpha=decay)
    if first:
      torch._foreach_zero_(b)
    else:
      torch._foreach_mul_(b, momentum)
    torch._foreach_add_(b, g)
    if nesterov:
      torch._foreach_add_(g, b, alpha=momentum)
      torch._foreach_add_(w, g, alpha=torch.neg(lr))
    else:
      torch._foreach_add_(w, b, alpha=torch.neg(lr))
    return None
  def alike(self: __torch__.Ops, g: List[Tensor], w: List[Tensor]) -> List[Tensor]:
    out = annotate(List[Tensor], [])
    for i in range(torch.len(g)):
      if torch.eq(torch.stride(g[i]), torch.stride(w[i])):
        out.append(g[i])
      else:
        out.append(torch.copy_(torch.empty_like(w[i]), g[i]))
    return out
  def adam(self: __torch__.Ops, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], lr: float, beta1: float, beta2: float, decay: float, eps: float) -> None:
    n = annotate(List[Tensor], [])
    torch._foreach_add_(t, 1)
    torch._fused_adam_(w, self.alike(g, w), m, v, n, t, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
    return None
  def adamw(self: __torch__.Ops, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor], lr: float, beta1: float, beta2: float, decay: float, eps: float) -> None:
    n = annotate(List[Tensor], [])
    torch._foreach_add_(t, 1)
    torch._fused_adamw_(w, self.alike(g, w), m, v, n, t, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
    return None
  def copy(self: __torch__.Ops, to: Tensor, value: Tensor) -> None:
    torch.copy_(to, value)
    return None
  def rows(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.contiguous(x)
  def channels_last(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.clone(x, memory_format=2)
  def pixels_channels_last(self: __torch__.Ops, rgb: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    rows = torch.to(torch.flatten(rgb, 2), 6)
    return torch.permute(torch.reshape(torch.addcmul(shift, rows, scale), torch.size(rgb)), [0, 3, 1, 2])
  def pixels(self: __torch__.Ops, rgb: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return torch.contiguous(self.pixels_channels_last(rgb, scale, shift))
