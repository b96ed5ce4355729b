import DeepSeekTensor
import Foundation
import TestSupport
import Testing

@testable import DeepSeekCheckpoints

@Suite("Tensors go to files piece by piece")
struct StreamingTests {
  private func joined(_ tensor: Tensor, _ dtype: DType, limit: Int) throws -> (bytes: [UInt8], longest: Int) {
    var (result, longest): ([UInt8], Int) = ([], 0)
    try tensor.forEachPiece(as: dtype, limit: limit) {
      result += $0
      longest = max(longest, $0.count)
    }
    return (result, longest)
  }

  @Test("pieces of every size, order and type make the whole, and none is longer than it may be")
  func pieces() throws {
    let base = sample(.int32, [6, 5, 4])
    let views = [
      base, base.viewed(base.layout.permuted([2, 0, 1])), base.viewed(base.layout.permuted([1, 2, 0])),
      base.viewed(base.layout.sliced(axis: 1, start: 1, count: 3, step: 1)),
      base.viewed(base.layout.sliced(axis: 0, start: 5, count: 2, step: -3)), sample(.int32, []),
      sample(.int32, [0, 3]),
    ]
    for view in views {
      for dtype in [DType.int32, .int8, .int64] {
        let whole = Tensor(uninitialized: dtype, view.shape)
        view.copyElements(to: whole)
        for limit in [8, 16, 40, 100, 1 << 20] {
          let (found, longest) = try joined(view, dtype, limit: limit)
          #expect(found == bytes(whole), "\(view.layout), \(dtype), \(limit)")
          #expect(longest <= limit)
        }
      }
    }
  }

  @Test("a source that gives too many or too few bytes is refused, and no file appears")
  func wrongCount() throws {
    let folder = try TemporaryFolder()
    let specs = [(name: "a", spec: TensorSpec(.float32, [2]))]
    for count in [4, 12] {
      let source: ElementSource = { _, sink in
        try [UInt8](repeating: 0, count: count).withUnsafeBytes { try sink.write($0) }
      }
      let writes: [() throws -> Void] = [
        { try Safetensors.save(specs: specs, to: folder.file("a"), elements: source) },
        { try Npz.save(specs: specs, to: folder.file("a"), elements: source) },
        { try CheckpointFolder.write(to: folder.file("a")) { try $0.add(specs: specs, elements: source) } },
      ]
      for write in writes {
        let error = #expect(throws: CheckpointError.self, performing: write)
        #expect(error?.kind == .invalidRequest)
      }
    }
    #expect(folder.names == [])
  }

  @Test("pages that were given back read as before, and memory that is no file is left alone")
  func releasedPages() throws {
    let folder = try TemporaryFolder()
    let content = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try AtomicFile.write(content, to: folder.file("a"))
    var files = try (0..<3).map { _ in try MappedFile(path: folder.file("a")) }
    for file in files {
      file.withBytes { bytes in
        #expect(bytes.elementsEqual(content))
        MappedFile.releasePages(UnsafeRawBufferPointer(rebasing: bytes[5000..<90_000]))
        MappedFile.releasePages(bytes)
        #expect(bytes.elementsEqual(content))
      }
    }
    files.remove(at: 1)
    for file in files { file.withBytes { MappedFile.releasePages($0) } }
    content.withUnsafeBytes { MappedFile.releasePages($0) }
    #expect(content[99_999] == UInt8(truncatingIfNeeded: 99_999 * 31))
    let copy = MappedFile(copying: content, named: "copy")
    copy.withBytes {
      MappedFile.releasePages($0)
      #expect($0.elementsEqual(content))
    }
  }

  @Test("remains are told from names that others chose and from files that are being written")
  func abandoned() throws {
    let folder = try TemporaryFolder()
    let open = try AtomicFile(replacing: folder.file("out"))
    let writing = folder.names
    try AtomicFile.write([1], to: folder.file(".out.0abc9.tmp"))
    try FileManager.default.createDirectory(atPath: folder.file(".out.zz.tmp"), withIntermediateDirectories: true)
    try AtomicFile.write([1], to: folder.file(".out.zz.tmp/part"))
    let others = [".out.tmp", ".out.AB.tmp", ".out.0123456789abcd.tmp", ".other.ab.tmp", "out.ab.tmp"]
    for name in others { try AtomicFile.write([1], to: folder.file(name)) }
    #expect(try AbandonedFiles.remove(besides: folder.file("out/")) == [".out.0abc9.tmp", ".out.zz.tmp"])
    #expect(Set(folder.names) == Set(others + writing))
    try open.commit()
    #expect(try AbandonedFiles.remove(besides: folder.file("nowhere/out")) == [])
  }
}
