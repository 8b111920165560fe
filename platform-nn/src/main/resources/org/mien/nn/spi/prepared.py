  def pack_convolution(self: __torch__.Ops, w: Tensor, bias: List[Tensor], norm: List[Tensor], eps: float, ours: bool, stride: int, padding: List[int], groups: int, size: List[int]) -> List[Tensor]:
    b = torch.zeros([torch.size(w, 0)])
    if torch.gt(torch.len(bias), 0):
      b = bias[0]
    if torch.gt(torch.len(norm), 0):
      factor = torch.div(norm[0], torch.sqrt(torch.add(norm[3], eps)))
      if ours:
        w = torch.mul_(w, torch.reshape(factor, [-1, 1, 1, 1]))
      else:
        w = torch.mul(w, torch.reshape(factor, [-1, 1, 1, 1]))
      b = torch.add(torch.mul(torch.sub(b, norm[2]), factor), norm[1])
    w = torch.contiguous(w, memory_format=2)
    packed = ops.mkldnn._reorder_convolution_weight(w, padding, [stride, stride], [1, 1], groups, size)
    return [packed, torch.clone(b)]
  def run_convolution(self: __torch__.Ops, x: Tensor, form: List[Tensor], stride: int, padding: List[int], groups: int, relu: bool) -> Tensor:
    then = "none"
    if relu:
      then = "relu"
    return ops.mkldnn._convolution_pointwise(torch.contiguous(x, memory_format=2), form[0], form[1], padding, [stride, stride], [1, 1], groups, then, annotate(List[Optional[number]], []), None)
  def run_convolution_plus(self: __torch__.Ops, x: Tensor, plus: Tensor, form: List[Tensor], stride: int, padding: List[int], groups: int, relu: bool) -> Tensor:
    if torch.eq(torch.numel(plus), torch.mul(torch.size(plus, 0), torch.size(plus, 1))):
      sum = torch.add(self.run_convolution(x, form, stride, padding, groups, False), plus)
      if relu:
        sum = torch.relu(sum)
      return sum
    then = annotate(Optional[str], None)
    if relu:
      then = "relu"
    x = torch.contiguous(x, memory_format=2)
    plus = torch.contiguous(plus, memory_format=2)
    return ops.mkldnn._convolution_pointwise(x, plus, form[0], form[1], padding, [stride, stride], [1, 1], groups, "add", 1., then, annotate(List[Optional[number]], []), None)
  def pack_linear(self: __torch__.Ops, w: Tensor, bias: List[Tensor]) -> List[Tensor]:
    b = torch.zeros([torch.size(w, 0)])
    if torch.gt(torch.len(bias), 0):
      b = bias[0]
    return [ops.mkldnn._reorder_linear_weight(w, None), torch.clone(b)]
  def run_linear(self: __torch__.Ops, x: Tensor, form: List[Tensor]) -> Tensor:
    return ops.mkldnn._linear_pointwise(torch.contiguous(x), form[0], form[1], "none", annotate(List[Optional[number]], []), None)
  def run_linear_gelu(self: __torch__.Ops, x: Tensor, form: List[Tensor]) -> Tensor:
    return ops.mkldnn._linear_pointwise(torch.contiguous(x), form[0], form[1], "gelu", annotate(List[Optional[number]], []), "none")
  def run_linear_plus(self: __torch__.Ops, x: Tensor, plus: Tensor, form: List[Tensor]) -> Tensor:
    return ops.mkldnn._linear_pointwise(torch.contiguous(x), torch.contiguous(plus), form[0], form[1], "add")
  def run_block(self: __torch__.Ops, x: Tensor, norm1: List[Tensor], qkv: List[Tensor], proj: List[Tensor], norm2: List[Tensor], fc1: List[Tensor], fc2: List[Tensor], heads: int, eps: float, first: bool) -> Tensor:
    y = x
    if first:
      y = self.layer_norm(x, norm1[0], norm1[1], eps)
    y = self.self_attention(self.run_linear(y, qkv), heads)
    x = self.run_linear_plus(y, x, proj)
    y = x
    if first:
      y = self.layer_norm(x, norm2[0], norm2[1], eps)
    else:
      x = self.layer_norm(x, norm1[0], norm1[1], eps)
      y = x
    x = self.run_linear_plus(self.run_linear_gelu(y, fc1), x, fc2)
    if torch.__not__(first):
      x = self.layer_norm(x, norm2[0], norm2[1], eps)
    return x
