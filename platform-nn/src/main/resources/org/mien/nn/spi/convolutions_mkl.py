  def convolution(self: __torch__.Ops, x: Tensor, w: Tensor, b: Optional[Tensor], stride: int, padding: List[int]) -> Tensor:
    if ops.prim.is_cuda(x):
      return torch.conv2d(x, w, b, [stride, stride], padding)
    kernel = [torch.size(w, 2), torch.size(w, 3)]
    return torch.thnn_conv2d(self.in_rows(x), self.in_rows(w), kernel, b, [stride, stride], padding)
  def in_rows(self: __torch__.Ops, x: Tensor) -> Tensor:
    return torch.reshape(torch.reshape(x, [-1]), torch.size(x))
