import CDeepSeekKernels
import DeepSeekTensor

/// A weight laid out for its product.
final class PackedWeight: Sendable {
  let storage: Storage
  /// The elements of a form in `float32`.
  var elements: UnsafePointer<Float> { UnsafePointer(storage.pointer.assumingMemoryBound(to: Float.self)) }

  /// What else the form was made of; kept, so that no other storage takes its place.
  private let sources: [Storage]

  /// A form of so many bytes, laid out by `pack`; `nil` when it cannot be.
  private init?(byteCount: Int64, sources: [Storage] = [], _ pack: (UnsafeMutableRawPointer) -> ds_status) {
    guard byteCount >= 0 else { return nil }
    // The allocator aligns blocks above its small limit.
    storage = Storage(byteCount: Swift.max(Int(byteCount), Memory.smallLimit + 1))
    self.sources = sources
    guard pack(storage.pointer) == DS_OK else { return nil }
  }

  /// For a product of `float32` or `bfloat16`; `nil` where packing gains nothing: short rows, or columns apart.
  convenience init?(_ weight: Tensor) {
    let (n, k) = (Int64(weight.shape[0]), Int64(weight.shape[1]))
    guard weight.layout.stride(1) == 1 || k == 1 else { return nil }
    // Small weights gain nothing from packing.
    guard n * k * Int64(weight.dtype.byteCount) > Int64(Memory.smallLimit) else { return nil }
    let stride = Int64(Swift.max(weight.layout.stride(0), Int(k)))
    if weight.dtype == .bfloat16 {
      self.init(byteCount: ds_bf16_packed_size(n, k)) {
        let matrix = ds_matrix(
          data: weight.pointer, dtype: Int32(DS_BFLOAT16.rawValue), transposed: true, stride: stride)
        return ds_bf16_pack(n, k, matrix, $0)
      }
    } else {
      self.init(byteCount: ds_gemm_packed_size(n, k) * 4) {
        let source = weight.pointer.assumingMemoryBound(to: Float.self)
        return ds_gemm_pack(true, n, k, source, stride, $0.assumingMemoryBound(to: Float.self))
      }
    }
  }

  /// A weight in few bits with its scales and zero points.
  private convenience init?(_ shape: ds_quantized_shape, _ weight: Tensor, _ scales: Tensor, _ zeroPoints: Tensor?) {
    var shape = shape
    let (values, factors, zeros) = (weight.contiguous(), scales.contiguous(), zeroPoints?.contiguous())
    let sources = [scales.storage] + (zeroPoints.map { [$0.storage] } ?? [])
    self.init(byteCount: ds_quantized_packed_size(&shape), sources: sources) {
      ds_quantized_pack(
        &shape, values.pointer, factors.pointer.assumingMemoryBound(to: Float.self), zeros?.pointer, $0)
    }
    withExtendedLifetime((values, factors, zeros)) {}
  }

  /// The packed form of a weight that stays the same, made the first time; `nil` while gradients are noted, since training
  /// changes weights at every step.
  static func prepared(for weight: Tensor) -> PackedWeight? {
    guard !isGradientEnabled, weight.storage.prepared.isLongLived else { return nil }
    return kept(for: weight)
  }

  /// The packed form of a weight, kept beside it.
  static func kept(for weight: Tensor) -> PackedWeight? {
    weight.storage.prepared.form(FormKey(weight)) { PackedWeight(weight) }
  }

  /// The packed form of a weight in few bits: kept with a weight that stays the same, made anew for any other.
  static func prepared(
    _ shape: ds_quantized_shape, _ weight: Tensor, _ scales: Tensor, _ zeroPoints: Tensor?
  ) -> PackedWeight? {
    guard weight.storage.prepared.isLongLived else { return PackedWeight(shape, weight, scales, zeroPoints) }
    return kept(shape, weight, scales, zeroPoints)
  }

  /// The packed form of a weight in few bits, kept beside it.
  static func kept(
    _ shape: ds_quantized_shape, _ weight: Tensor, _ scales: Tensor, _ zeroPoints: Tensor?
  ) -> PackedWeight? {
    // Groups show in the shape of the scales, the number of bits in the type.
    weight.storage.prepared.form(FormKey(weight, scales, zeroPoints)) {
      PackedWeight(shape, weight, scales, zeroPoints)
    }
  }

  /// A part of a packed weight where kernels may read it: in place, unless a file holds it at an odd address.
  static func aligned(_ part: Tensor) -> Tensor {
    let part = part.contiguous()
    if Int(bitPattern: part.pointer) % alignment == 0 { return part }
    let copy = part.storage.prepared.form(FormKey(part)) { () -> Storage? in
      let copy = Tensor(uninitialized: part.dtype, part.shape)
      part.copyElements(to: copy)
      return copy.storage
    }
    return copy.map { Tensor(storage: $0, dtype: part.dtype, layout: Layout(part.shape)) } ?? part
  }

  private static let alignment = 64
}
