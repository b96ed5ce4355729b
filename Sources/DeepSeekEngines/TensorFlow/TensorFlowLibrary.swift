import CDeepSeekEngines
import DeepSeekTensor
import Foundation

/// TensorFlow's C library: the functions of its C interface that are used here
/// (https://www.tensorflow.org/install/lang_c, `tensorflow/c/c_api.h`).
struct TensorFlowLibrary: Sendable {
  typealias Status = OpaquePointer
  typealias TFGraph = OpaquePointer
  typealias Session = OpaquePointer
  typealias Description = OpaquePointer
  typealias TFTensor = OpaquePointer
  typealias Release = @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Void

  let path: String
  /// TensorFlow's version: `2.21.0`.
  let version: String

  let newStatus: @convention(c) () -> Status?
  let deleteStatus: @convention(c) (Status) -> Void
  let code: @convention(c) (Status) -> Int32
  let message: @convention(c) (Status) -> UnsafePointer<CChar>?

  let newGraph: @convention(c) () -> TFGraph?
  let deleteGraph: @convention(c) (TFGraph) -> Void
  let newOperation: @convention(c) (TFGraph, UnsafePointer<CChar>, UnsafePointer<CChar>) -> Description?
  let addInput: @convention(c) (Description, dse_tf_output) -> Void
  let addInputList: @convention(c) (Description, UnsafePointer<dse_tf_output>?, Int32) -> Void
  let finishOperation: @convention(c) (Description, Status) -> UnsafeMutableRawPointer?
  let setType: @convention(c) (Description, UnsafePointer<CChar>, Int32) -> Void
  let setInteger: @convention(c) (Description, UnsafePointer<CChar>, Int64) -> Void
  let setBool: @convention(c) (Description, UnsafePointer<CChar>, UInt8) -> Void
  let setString: @convention(c) (Description, UnsafePointer<CChar>, UnsafeRawPointer?, Int) -> Void
  let setIntegers: @convention(c) (Description, UnsafePointer<CChar>, UnsafePointer<Int64>?, Int32) -> Void
  let setShape: @convention(c) (Description, UnsafePointer<CChar>, UnsafePointer<Int64>?, Int32) -> Void
  let setTensor: @convention(c) (Description, UnsafePointer<CChar>, TFTensor, Status) -> Void

  let newTensor:
    @convention(c) (
      Int32, UnsafePointer<Int64>?, Int32, UnsafeMutableRawPointer?, Int, Release?, UnsafeMutableRawPointer?
    ) -> TFTensor?
  let deleteTensor: @convention(c) (TFTensor) -> Void
  let tensorData: @convention(c) (TFTensor) -> UnsafeMutableRawPointer?
  let tensorByteSize: @convention(c) (TFTensor) -> Int
  let tensorType: @convention(c) (TFTensor) -> Int32
  let dimensionCount: @convention(c) (TFTensor) -> Int32
  let dimension: @convention(c) (TFTensor, Int32) -> Int64

  let newSessionOptions: @convention(c) () -> OpaquePointer?
  let deleteSessionOptions: @convention(c) (OpaquePointer) -> Void
  let setConfiguration: @convention(c) (OpaquePointer, UnsafeRawPointer?, Int, Status) -> Void
  let newSession: @convention(c) (TFGraph, OpaquePointer, Status) -> Session?
  let closeSession: @convention(c) (Session, Status) -> Void
  let deleteSession: @convention(c) (Session, Status) -> Void
  let runSession:
    @convention(c) (
      Session, OpaquePointer?, UnsafePointer<dse_tf_output>?, UnsafePointer<TFTensor?>?, Int32,
      UnsafePointer<dse_tf_output>?, UnsafeMutablePointer<TFTensor?>?, Int32, OpaquePointer?, Int32, OpaquePointer?,
      Status
    ) -> Void

  /// The libraries loaded so far.
  static let loaded = LoadedEngines<TensorFlowLibrary>(
    .tensorflow, isGlobal: false,
    // Its log is of no use to who asked for a result; a person who set the variable keeps what was set.
    prepare: { setenv("TF_CPP_MIN_LOG_LEVEL", "2", 0) }
  ) { try TensorFlowLibrary($0) }

  init(_ library: EngineLibrary) throws {
    path = library.path
    let getVersion: @convention(c) () -> UnsafePointer<CChar>? = try library.function("TF_Version")
    version = getVersion().map { String(cString: $0) } ?? "unknown"
    newStatus = try library.function("TF_NewStatus")
    deleteStatus = try library.function("TF_DeleteStatus")
    code = try library.function("TF_GetCode")
    message = try library.function("TF_Message")
    newGraph = try library.function("TF_NewGraph")
    deleteGraph = try library.function("TF_DeleteGraph")
    newOperation = try library.function("TF_NewOperation")
    addInput = try library.function("TF_AddInput")
    addInputList = try library.function("TF_AddInputList")
    finishOperation = try library.function("TF_FinishOperation")
    setType = try library.function("TF_SetAttrType")
    setInteger = try library.function("TF_SetAttrInt")
    setBool = try library.function("TF_SetAttrBool")
    setString = try library.function("TF_SetAttrString")
    setIntegers = try library.function("TF_SetAttrIntList")
    setShape = try library.function("TF_SetAttrShape")
    setTensor = try library.function("TF_SetAttrTensor")
    newTensor = try library.function("TF_NewTensor")
    deleteTensor = try library.function("TF_DeleteTensor")
    tensorData = try library.function("TF_TensorData")
    tensorByteSize = try library.function("TF_TensorByteSize")
    tensorType = try library.function("TF_TensorType")
    dimensionCount = try library.function("TF_NumDims")
    dimension = try library.function("TF_Dim")
    newSessionOptions = try library.function("TF_NewSessionOptions")
    deleteSessionOptions = try library.function("TF_DeleteSessionOptions")
    setConfiguration = try library.function("TF_SetConfig")
    newSession = try library.function("TF_NewSession")
    closeSession = try library.function("TF_CloseSession")
    deleteSession = try library.function("TF_DeleteSession")
    runSession = try library.function("TF_SessionRun")
  }

  /// Runs `body` with a status; throws what the status says afterwards.
  func checking<Result>(_ operation: String, _ body: (Status) throws -> Result) throws -> Result {
    guard let status = newStatus() else { throw failure(operation, "no memory for a status") }
    defer { deleteStatus(status) }
    let result = try body(status)
    guard code(status) == 0 else {
      throw failure(operation, message(status).map { String(cString: $0) } ?? "code \(code(status))")
    }
    return result
  }

  /// An error of the engine.
  func failure(_ operation: String, _ message: String) -> EngineError {
    .execution(engine: "tensorflow", operation: operation, message)
  }
}

extension TensorFlowLibrary {
  /// A tensor in TensorFlow that shares the memory of ours and keeps it alive, where it is aligned as TensorFlow wants it.
  func tensor(_ tensor: Tensor) throws -> TFTensor {
    let dense = tensor.contiguous()
    let lengths = dense.shape.map { Int64($0) }
    let kept = Unmanaged.passRetained(Kept(dense)).toOpaque()
    let made = newTensor(
      Int32(dense.dtype.tensorFlowNumber), lengths, Int32(lengths.count), dense.pointer,
      dense.elementCount * dense.dtype.byteCount, { _, _, kept in Unmanaged<Kept>.fromOpaque(kept!).release() }, kept)
    guard let made else { throw failure("feed", "a \(dense.spec) cannot be given to it") }
    return made
  }

  /// A tensor of ours on the memory of one of TensorFlow's, which it owns from here on.
  func tensor(adopting result: TFTensor, _ expected: TensorSpec) throws -> Tensor {
    let lengths = (0..<dimensionCount(result)).map { Int(dimension(result, $0)) }
    let byteCount = expected.shape.elementCount * expected.dtype.byteCount
    guard tensorType(result) == Int32(expected.dtype.tensorFlowNumber), lengths == Array(expected.shape),
      tensorByteSize(result) >= byteCount
    else {
      let type = tensorType(result)
      deleteTensor(result)
      throw failure("fetch", "a result of type \(type) and shape \(lengths) came back, \(expected) is expected")
    }
    nonisolated(unsafe) let owned = result
    let release = deleteTensor
    let bytes = UnsafeRawBufferPointer(start: tensorData(result), count: byteCount)
    return Tensor(
      storage: Storage(borrowing: bytes, release: { release(owned) }), dtype: expected.dtype,
      layout: Layout(expected.shape))
  }
}

/// Keeps a tensor's memory while another library reads it.
private final class Kept {
  let tensor: Tensor
  init(_ tensor: Tensor) { self.tensor = tensor }
}
