  def convolution(self: __torch__.Ops, x: Tensor, w: Tensor, b: Optional[Tensor], stride: int, padding: List[int]) -> Tensor:
    return torch.conv2d(x, w, b, [stride, stride], padding)
