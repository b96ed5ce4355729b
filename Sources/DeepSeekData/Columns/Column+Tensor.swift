public import DeepSeekTensor

extension Column {
  /// The values as a tensor of rank 1 and of the column's own type: integers, floating-point numbers, Booleans; dates and
  /// times as the integers that count them.
  /// - Throws: ``DataError`` when there are nulls, or the values are not of a fixed number type.
  public func tensor() throws(DataError) -> Tensor {
    guard nullCount == 0 else {
      throw DataError(
        .typeMismatch, "\(nullCount) of \(count) values are null, which a tensor cannot hold",
        advice: "read the rows as records, and filter or fill them")
    }
    let target: DType
    switch type {
    case .bool: target = .bool
    case .integer(let bits, let signed):
      let signedTypes: [Int: DType] = [8: .int8, 16: .int16, 32: .int32, 64: .int64]
      let unsignedTypes: [Int: DType] = [8: .uint8, 16: .uint16, 32: .uint32, 64: .uint64]
      target = (signed ? signedTypes : unsignedTypes)[bits] ?? .int64
    case .float(bits: 16): target = .float16
    case .float(bits: 64): target = .float64
    case .float: target = .float32
    case .date, .time, .timestamp, .duration: target = .int64
    default: throw DataError(.typeMismatch, "values of type \(type) are no tensor of numbers")
    }
    switch contents {
    case .bits(let bytes):
      var elements: [Bool] = []
      elements.reserveCapacity(count)
      for index in 0..<count { elements.append(bytes.buffer[index >> 3] >> UInt8(index & 7) & 1 == 1) }
      return Tensor([count], elements)
    case .fixed(let bytes, let width): return try tensor(bytes, width, target)
    case .dictionary, .values:
      let all = try values()
      guard !all.contains(.null) else {
        throw DataError(.typeMismatch, "a dictionary of numbers has a null among them")
      }
      if target == .bool { return Tensor([count], all.map { $0.bool ?? false }) }
      if target.isFloatingPoint { return Tensor([count], all.map { $0.double ?? .nan }).converted(to: target) }
      let whole = all.map { value in
        if case .unsigned(let number) = value { return Int64(bitPattern: number) }
        return Int64(value.integer ?? 0)
      }
      return Tensor([count], whole).converted(to: target)
    default: throw DataError(.typeMismatch, "values of type \(type) are no tensor of numbers")
    }
  }

  private func tensor(_ bytes: Bytes, _ width: Int, _ target: DType) throws(DataError) -> Tensor {
    if width == target.byteCount {
      do {
        return try Tensor(
          bytes: UnsafeRawBufferPointer(rebasing: bytes.buffer.prefix(count * width)), dtype: target, shape: [count])
      } catch {
        throw DataError(.malformed, "\(error)")
      }
    }
    // Small integers lie in 32 bits in Parquet, and dates and short times in fewer than the tensor has.
    var elements: [Int64] = []
    elements.reserveCapacity(count)
    for index in 0..<count {
      let place = bytes.pointer + index * width
      elements.append(
        width == 4
          ? Int64(place.loadUnaligned(as: Int32.self)) : Int64(truncatingIfNeeded: Column.unsigned(place, width)))
    }
    return Tensor([count], elements).converted(to: target)
  }
}
