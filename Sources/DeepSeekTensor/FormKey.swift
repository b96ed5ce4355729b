/// What a prepared form is a form of: a view of the bytes it is kept with, and what else it was made from. Making and
/// comparing one allocates nothing.
///
/// Other tensors are told by their storage, which the form has to keep, so that no other takes its place.
public struct FormKey: Sendable, Hashable {
  private struct View: Sendable, Hashable {
    let storage: ObjectIdentifier
    let dtype: DType
    let layout: Layout

    init(_ tensor: Tensor) {
      storage = ObjectIdentifier(tensor.storage)
      dtype = tensor.dtype
      layout = tensor.layout
    }
  }

  private let first: View
  private let second: View?
  private let third: View?
  /// A number that tells forms of the same tensors apart.
  private let variant: Int

  /// The key of a form of `first`, made with these others.
  public init(_ first: Tensor, _ second: Tensor? = nil, _ third: Tensor? = nil, variant: Int = 0) {
    self.first = View(first)
    self.second = second.map(View.init)
    self.third = third.map(View.init)
    self.variant = variant
  }
}
