import CDeepSeekBLAS
import CDeepSeekKernels
import DeepSeekJSON
import DeepSeekTensor
import Foundation

/// What the machine is and can do, as `ds doctor` prints it and the benchmark records it.
struct MachineReport {
  /// The processor's name.
  let cpu: String
  /// The instruction set that the kernels use.
  let isa: String
  /// The instruction sets that the processor has.
  let availableISAs: [String]
  /// An instruction set asked for by `DEEPSEEK_ISA` that could not be had.
  let rejectedISA: String?
  /// Threads that loops use.
  let threads: Int
  /// Bytes of memory that the machine has.
  let memory: Int
  /// OpenBLAS's version.
  let blasVersion: String
  /// The kernel family that OpenBLAS uses.
  let blasFamily: String
  /// The family that OpenBLAS had chosen before this framework had it choose again.
  let blasReplaced: String?
  /// What the environment forces, `NAME=value`.
  let blasForced: [String]
  /// Whether that family is below what the processor can do.
  let blasIsBelowCPU: Bool

  init() {
    ds_blas_initialize()
    cpu = MachineReport.processorName()
    isa = String(cString: ds_isa_name(ds_isa_current()))
    availableISAs = (0..<DS_ISA_COUNT.rawValue).compactMap { index in
      let isa = ds_isa(rawValue: index)
      return ds_isa_available(isa) ? String(cString: ds_isa_name(isa)) : nil
    }
    rejectedISA = ds_isa_rejected().map { String(cString: $0) }
    threads = Parallel.threadCount
    memory = Int(ProcessInfo.processInfo.physicalMemory)
    blasVersion = String(cString: ds_blas_version())
    blasFamily = String(cString: ds_blas_family())
    blasReplaced = ds_blas_replaced_family().map { String(cString: $0) }
    let environment = ProcessInfo.processInfo.environment
    blasForced = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"].compactMap { name in
      environment[name].map { "\(name)=\($0)" }
    }
    blasIsBelowCPU = ds_blas_family_is_below_cpu()
  }

  /// Says loudly what slows this machine down for no good reason.
  func warn() {
    if let rejectedISA {
      Console.warning(
        "DEEPSEEK_ISA=\(rejectedISA) is not an instruction set of this processor "
          + "(\(availableISAs.joined(separator: ", "))); using \(isa)")
    }
    if blasIsBelowCPU {
      Console.warning(
        "OpenBLAS runs its \(blasFamily) kernels, below what this processor can do"
          + (blasForced.isEmpty ? "" : ", because of \(blasForced.joined(separator: " ")); unset it for full speed"))
    }
  }

  /// The report's stable keys.
  var json: JSONObject {
    var object = JSONObject()
    object["cpu"] = .string(cpu)
    object["isa"] = .string(isa)
    object["available_isas"] = .array(availableISAs.map { .string($0) })
    object["threads"] = .integer(threads)
    object["memory_bytes"] = .integer(memory)
    object["openblas"] = [
      "version": .string(blasVersion),
      "family": .string(blasFamily),
      "forced": blasForced.isEmpty ? .null : .string(blasForced.joined(separator: " ")),
      "below_cpu": .bool(blasIsBelowCPU),
      "replaced": blasReplaced.map { .string($0) } ?? .null,
    ]
    return object
  }

  private static func processorName() -> String {
    #if canImport(Darwin)
      var length = 0
      if sysctlbyname("machdep.cpu.brand_string", nil, &length, nil, 0) == 0, length > 0 {
        var name = [UInt8](repeating: 0, count: length)
        if sysctlbyname("machdep.cpu.brand_string", &name, &length, nil, 0) == 0 {
          return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
        }
      }
    #endif
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      if let colon = line.firstIndex(of: ":") {
        return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
    }
    // Linux says no name of an Arm processor.
    #if arch(arm64)
      return "aarch64"
    #else
      return "unknown"
    #endif
  }
}
