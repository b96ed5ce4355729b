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
    storage = Storage(byteCount: Int(byteCount))
    self.sources = sources
    guard pack(storage.pointer) == DS_OK else { return nil }
  }

  /// For a product of `float32` or `bfloat16`; `nil` where packing gains nothing: short rows, or columns apart.
  convenience init?(_ weight: Tensor) {
    let (n, k) = (Int64(weight.shape[0]), Int64(weight.shape[1]))
    guard weight.layout.stride(1) == 1 || k == 1 else { return nil }
    // The allocator aligns blocks above its small limit; smaller weights gain nothing from packing.
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
    weight.storage.prepared.form("linear \(weight.dtype) \(place(weight))") { PackedWeight(weight) }
  }

  /// The packed form of a weight in few bits: kept with a weight that stays the same, made anew for any other.
  static func prepared(
    _ shape: ds_quantized_shape, _ weight: Tensor, _ scales: Tensor, _ zeroPoints: Tensor?
  ) -> PackedWeight? {
    guard weight.storage.prepared.isLongLived else { return PackedWeight(shape, weight, scales, zeroPoints) }
    let others = [scales, zeroPoints].compactMap { $0 }.map { "\(ObjectIdentifier($0.storage)) \(place($0))" }
    let key = "quantized \(shape.bits) \(shape.group_size) \(place(weight)) \(others)"
    return weight.storage.prepared.form(key) { PackedWeight(shape, weight, scales, zeroPoints) }
  }

  /// Where a vector or matrix lies in its storage.
  private static func place(_ tensor: Tensor) -> String {
    let layout = tensor.layout
    let (first, last) = (layout.shape[0], layout.shape[layout.shape.rank - 1])
    return "\(layout.offset) \(first) \(last) \(layout.stride(0)) \(layout.stride(layout.shape.rank - 1))"
  }
}
