  def product(self: __torch__.Ops, x: Tensor, w: Tensor, b: Optional[Tensor]) -> Tensor:
    if self.convolves(x, w):
      n = torch.size(x, 0)
      t = torch.size(x, 1)
      i = torch.size(w, 1)
      o = torch.size(w, 0)
      pixels = torch.permute(torch.reshape(x, [n, t, 1, i]), [0, 3, 1, 2])
      y = torch.conv2d(pixels, torch.reshape(w, [o, i, 1, 1]), b, [1, 1], [0, 0], [1, 2], 1)
      return torch._unsafe_view(torch.contiguous(torch.permute(y, [0, 2, 3, 1])), [n, t, o])
    return torch.linear(x, w, b)
  def convolves(self: __torch__.Ops, x: Tensor, w: Tensor) -> bool:
    if torch.__or__(torch.ne(torch.dim(x), 3), torch.__or__(torch.ne(ops.prim.dtype(x), 6), ops.prim.is_cuda(x))):
      return False
    if torch.__or__(torch.lt(torch.size(x, 0), 2), torch.lt(torch.size(x, 1), 8)):
      return False
    return torch.ge(torch.mul(torch.numel(x), torch.size(w, 0)), 8000000)
