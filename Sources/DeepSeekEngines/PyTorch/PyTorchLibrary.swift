import DeepSeekTensor
import Foundation

/// PyTorch's operators: the functions of its stable C interface that are used here (`torch/csrc/stable/c/shim.h` and
/// `torch/csrc/inductor/aoti_torch/c/shim.h`).
struct PyTorchLibrary: Sendable {
  typealias Handle = OpaquePointer
  /// A tensor, number or list in 64 bits, as the interface passes arguments and results.
  typealias Word = UInt64

  let path: String
  /// The version of the interface: `2.13.0`.
  let version: String
  let abi: UInt64

  let callDispatcher:
    @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutablePointer<Word>, UInt64) -> Int32
  let whatWentWrong: (@convention(c) () -> UnsafePointer<CChar>?)?
  let newHandle: @convention(c) (Handle, UnsafeMutablePointer<Handle?>) -> Int32
  let deleteTensor: @convention(c) (Handle) -> Int32
  let fromMemory:
    @convention(c) (
      UnsafeMutableRawPointer?, Int64, UnsafePointer<Int64>?, UnsafePointer<Int64>?, Int64, Int32, Int32, Int32,
      UnsafeMutablePointer<Handle?>
    ) -> Int32
  let memory: @convention(c) (Handle, UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Int32
  let type: @convention(c) (Handle, UnsafeMutablePointer<Int32>) -> Int32
  let rank: @convention(c) (Handle, UnsafeMutablePointer<Int64>) -> Int32
  let length: @convention(c) (Handle, Int64, UnsafeMutablePointer<Int64>) -> Int32
  let newList: @convention(c) (Int, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  let append: @convention(c) (OpaquePointer, Word) -> Int32
  let newString: @convention(c) (UnsafePointer<CChar>, Int, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  let newWord: (@convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<Word>?>) -> Int32)?
  let addFloats: @convention(c) (Handle, Handle, Double, UnsafeMutablePointer<Handle?>) -> Int32
  let tracksGradients: @convention(c) () -> Bool
  let setTracksGradients: @convention(c) (Bool) -> Void
  /// `at::set_num_threads(int)`, for the calling thread; not of the stable interface, so its absence is no failure.
  let setThreads: (@convention(c) (Int32) -> Void)?
  /// PyTorch's number of each element type.
  private let codes: [DType: Int32]

  /// The libraries loaded so far. Symbols are shared, since PyTorch's libraries look each other's up.
  static let loaded = LoadedEngines<PyTorchLibrary>(
    .pytorch, isGlobal: true,
    // Where the number of threads cannot be set by a call, it is read once, when the library is loaded.
    prepare: { setenv("OMP_NUM_THREADS", String(Parallel.threadCount), 0) }
  ) { try PyTorchLibrary($0) }

  /// The lowest version whose interface has what is used here.
  private static let lowestVersion: UInt64 = 0x020A

  init(_ library: EngineLibrary) throws {
    path = library.path
    let getVersion: @convention(c) () -> UInt64 = try library.function("aoti_torch_abi_version")
    abi = getVersion()
    version = "\(abi >> 56).\((abi >> 48) & 0xFF).\((abi >> 40) & 0xFF)"
    guard abi >> 48 >= PyTorchLibrary.lowestVersion else {
      throw EngineError.unusableLibrary(
        engine: "pytorch", path: path, "it is PyTorch \(version); 2.10 or later is needed")
    }
    callDispatcher = try library.function("torch_call_dispatcher")
    whatWentWrong = library.optional("torch_exception_get_what_without_backtrace")
    newHandle = try library.function("aoti_torch_new_tensor_handle")
    deleteTensor = try library.function("aoti_torch_delete_tensor_object")
    fromMemory = try library.function("aoti_torch_create_tensor_from_blob")
    memory = try library.function("aoti_torch_get_data_ptr")
    type = try library.function("aoti_torch_get_dtype")
    rank = try library.function("aoti_torch_get_dim")
    length = try library.function("aoti_torch_get_size")
    newList = try library.function("torch_new_list_reserve_size")
    append = try library.function("torch_list_push_back")
    newString = try library.function("torch_new_string_handle")
    newWord = library.optional("torch_new_stable_ivalue")
    addFloats = try library.function("aoti_torch_cpu_add_Tensor")
    tracksGradients = try library.function("aoti_torch_grad_mode_is_enabled")
    setTracksGradients = try library.function("aoti_torch_grad_mode_set_enabled")
    var codes: [DType: Int32] = [:]
    for dtype in DType.allCases where dtype.isArithmetic {
      let code: @convention(c) () -> Int32 = try library.function("aoti_torch_dtype_\(dtype)")
      codes[dtype] = code()
    }
    self.codes = codes
    setThreads = library.optional("_ZN2at15set_num_threadsEi")
  }

  /// PyTorch's number of an element type.
  func code(_ dtype: DType) throws -> Int32 {
    guard let code = codes[dtype] else { throw failure("tensor", "\(dtype) is not computed with") }
    return code
  }

  /// Throws unless a call went well.
  func check(_ status: Int32, _ operation: @autoclosure () -> String) throws {
    guard status != 0 else { return }
    let message = whatWentWrong?().map { String(cString: $0) } ?? "PyTorch refuses it"
    throw failure(operation(), message.split(separator: "\n").first.map(String.init) ?? message)
  }

  /// An error of the engine.
  func failure(_ operation: String, _ message: String) -> EngineError {
    .execution(engine: "pytorch", operation: operation, message)
  }
}

/// A tensor of PyTorch's, released with its last reference.
final class PyTorchTensor {
  let handle: OpaquePointer
  private let library: PyTorchLibrary

  init(_ handle: OpaquePointer, _ library: PyTorchLibrary) {
    self.handle = handle
    self.library = library
  }

  deinit { _ = library.deleteTensor(handle) }

  /// A tensor on memory of ours, which must outlive it.
  convenience init(borrowing tensor: Tensor, _ library: PyTorchLibrary) throws {
    let lengths = tensor.shape.map { Int64($0) }
    let strides = tensor.layout.strides.map { Int64($0) }
    var handle: OpaquePointer?
    let code = try library.code(tensor.dtype)
    try library.check(
      library.fromMemory(tensor.pointer, Int64(lengths.count), lengths, strides, 0, code, 0, -1, &handle), "tensor")
    guard let handle else { throw library.failure("tensor", "none was made") }
    self.init(handle, library)
  }

  /// Where its elements are.
  func pointer() throws -> UnsafeMutableRawPointer? {
    var pointer: UnsafeMutableRawPointer?
    try library.check(library.memory(handle, &pointer), "tensor")
    return pointer
  }

  /// Its lengths.
  func lengths() throws -> [Int] {
    var rank: Int64 = 0
    try library.check(library.rank(handle, &rank), "tensor")
    return try (0..<rank).map { axis in
      var length: Int64 = 0
      try library.check(library.length(handle, axis, &length), "tensor")
      return Int(length)
    }
  }

  /// Its element type, in PyTorch's numbers.
  func code() throws -> Int32 {
    var code: Int32 = 0
    try library.check(library.type(handle, &code), "tensor")
    return code
  }
}
