  def differ(self: __torch__.Ops, a: Tensor, b: Tensor, by: float) -> Tensor:
    off = torch.abs(torch.sub(torch.detach(a), torch.detach(b)))
    return torch.logical_not(torch.all(torch.le(off, torch.mul(torch.max(torch.abs(b)), by))))
  def check(self: __torch__.Ops, a: Tensor, b: Tensor, x: Tensor, w: Tensor, g: Tensor, input: bool, weight: bool) -> Tensor:
    wrong = [self.differ(a, b, 0.)]
    if input:
      dx = unchecked_cast(Tensor, torch.grad([torch.sum(torch.mul(a, g))], [x], None, True, False, False)[0])
      wrong.append(self.differ(dx, unchecked_cast(Tensor, torch.grad([torch.sum(torch.mul(b, g))], [x], None, True, False, False)[0]), 0.))
    else:
      wrong.append(torch.zeros_like(wrong[0]))
    if weight:
      dw = unchecked_cast(Tensor, torch.grad([torch.sum(torch.mul(a, g))], [w], None, None, False, False)[0])
      wrong.append(self.differ(dw, unchecked_cast(Tensor, torch.grad([torch.sum(torch.mul(b, g))], [w], None, None, False, False)[0]), 0.))
    else:
      wrong.append(torch.zeros_like(wrong[0]))
    return torch.to(torch.stack(wrong), 6)
  def check_convolution(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, g: Tensor, stride: int, padding: List[int], groups: int, piece: int, bias: bool, input: bool, weight: bool) -> Tensor:
    wide = torch.contiguous(x, memory_format=2)
    deep = torch.contiguous(w, memory_format=2)
    if bias:
      return self.check(self.convolution(wide, deep, b, stride, padding, groups, 0), self.convolution(wide, deep, b, stride, padding, groups, piece), x, w, g, input, weight)
    return self.check(self.convolution(wide, deep, None, stride, padding, groups, 0), self.convolution(wide, deep, None, stride, padding, groups, piece), x, w, g, input, weight)
  def check_product(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, g: Tensor, bias: bool, input: bool, weight: bool) -> Tensor:
    if bias:
      return self.check(self.product(x, w, b, True), self.product(x, w, b, False), x, w, g, input, weight)
    return self.check(self.product(x, w, None, True), self.product(x, w, None, False), x, w, g, input, weight)
  def check_packed_convolution(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, g: Tensor, stride: int, padding: List[int], groups: int, piece: int, plus: bool, relu: bool, size: List[int]) -> Tensor:
    form = self.pack_convolution(w, [b], annotate(List[Tensor], []), 0., False, stride, padding, groups, size)
    wide = torch.contiguous(x, memory_format=2)
    y = self.convolution(wide, torch.contiguous(w, memory_format=2), b, stride, padding, groups, piece)
    if plus:
      a = self.run_convolution_plus(wide, g, form, stride, padding, groups, relu)
      y = torch.add(y, g)
    else:
      a = self.run_convolution(wide, form, stride, padding, groups, relu)
    if relu:
      y = torch.relu(y)
    return self.check(a, y, x, w, g, False, False)
  def check_packed_linear(self: __torch__.Ops, x: Tensor, w: Tensor, b: Tensor, g: Tensor, gelu: bool, plus: bool) -> Tensor:
    form = self.pack_linear(w, [b])
    y = torch.linear(x, w, b)
    if plus:
      return self.check(self.run_linear_plus(x, g, form), torch.add(y, g), x, w, g, False, False)
    found = self.check(self.run_linear(x, form), y, x, w, g, False, False)
    if gelu:
      off = torch.to(self.differ(self.run_linear_gelu(x, form), torch.gelu(y), 0.0001), 6)
      return torch.add(found, torch.stack([off, torch.zeros_like(off), torch.zeros_like(off)]))
    return found
