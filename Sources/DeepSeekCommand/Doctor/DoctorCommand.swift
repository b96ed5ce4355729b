import ArgumentParser
import COpenBLAS
import CDeepSeekKernels
import DeepSeekEngines
import DeepSeekJSON
import DeepSeekOperators
import DeepSeekTensor
import Foundation

/// `ds doctor`: what the machine is, what the framework makes of it, and whether anything holds it back.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show the processor, OpenBLAS, engines, and the rates measured on this machine.",
    discussion: """
      EXAMPLES
        ds doctor
        ds doctor --engines
        ds doctor --json machine.json
      """)

  @Flag(help: "Load the engines found and let each compute something small.")
  var engines = false

  @OptionGroup var json: JSONOutput

  /// Seconds that each rate is measured for.
  private static let seconds = 0.3
  /// Rows and columns of the product whose rate is measured.
  private static let productSize = 2048

  func run() throws {
    let machine = MachineReport()
    machine.warn()
    let peak = ds_measure_fma_peak(Int32(machine.threads), DoctorCommand.seconds)
    let product = Rates.blasProduct(DoctorCommand.productSize, seconds: DoctorCommand.seconds)
    let own = Rates.product(DoctorCommand.productSize, seconds: DoctorCommand.seconds)
    let bandwidth = ds_measure_bandwidth(Int32(machine.threads), DS_TRAFFIC_TRIAD, 384 << 20, DoctorCommand.seconds)
    let found = EngineDescription.all.map { EngineReport($0, isChecked: engines) }
    if !json.ownsStandardOutput {
      let rows: [(String, String)] = [
        ("CPU", machine.cpu),
        ("instruction set", "\(machine.isa)  (has \(machine.availableISAs.joined(separator: ", ")))"),
        ("threads", String(machine.threads)),
        ("memory", String(format: "%.1f GiB", Double(machine.memory) / 1_073_741_824)),
        ("OpenBLAS", "\(machine.blasVersion), \(machine.blasFamily) kernels (\(reason(machine)))"),
        ("FMA peak", String(format: "%.0f GFLOP/s float32", peak)),
        ("OpenBLAS sgemm", rate(product, peak)),
        ("own product", rate(own, peak)),
        ("memory bandwidth", String(format: "%.1f GB/s", bandwidth)),
      ]
      let engineRows: [(String, String)] = found.map { ("engine", $0.line) }
      for (label, value) in rows + engineRows {
        Console.result(label.padding(toLength: 18, withPad: " ", startingAt: 0) + value)
      }
    }
    var report = machine.json
    report["peak_gflops"] = .double(peak)
    report["sgemm_gflops"] = .double(product)
    report["own_gflops"] = .double(own)
    report["bandwidth_gb_per_s"] = .double(bandwidth)
    var engineReports = JSONObject()
    for engine in found { engineReports[engine.description.name] = engine.json }
    report["engines"] = .object(engineReports)
    try json.write(.object(report))
  }

  private func reason(_ machine: MachineReport) -> String {
    if !machine.blasForced.isEmpty { return "forced by \(machine.blasForced.joined(separator: " "))" }
    return machine.blasReplaced.map { "chosen in place of its own \($0)" } ?? "chosen for this processor"
  }

  private func rate(_ value: Double, _ peak: Double) -> String {
    String(
      format: "%.0f GFLOP/s, %.0f%% of the peak, at %d³", value, 100 * value / peak, DoctorCommand.productSize)
  }
}

/// Rates of square products, in GFLOP/s.
enum Rates {
  /// OpenBLAS's `float32` product, its rows split over the pool.
  static func blasProduct(_ size: Int, seconds: Double) -> Double {
    let (a, b) = operands(size)
    let out = Tensor(uninitialized: .float32, [size, size])
    nonisolated(unsafe) let left = a.pointer.assumingMemoryBound(to: Float.self)
    nonisolated(unsafe) let right = b.pointer.assumingMemoryBound(to: Float.self)
    nonisolated(unsafe) let result = out.pointer.assumingMemoryBound(to: Float.self)
    let n = Int32(size)
    let best = Stopwatch.best(seconds: seconds) {
      Parallel.forEach(size, grain: 64) { rows in
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows.count), n, n, 1, left + rows.lowerBound * size, n,
          right, n, 0, result + rows.lowerBound * size, n)
      }
    }
    withExtendedLifetime((a, b, out)) {}
    return gigaflops(size, best)
  }

  /// The framework's own `float32` product.
  static func product(_ size: Int, seconds: Double) -> Double {
    let (a, b) = operands(size)
    return gigaflops(size, Stopwatch.best(seconds: seconds) { _ = a.matmul(b) })
  }

  private static func operands(_ size: Int) -> (Tensor, Tensor) {
    let key = RandomGenerator.key(seed: 0, stream: 0)
    let a = Tensor.randomUniform([size, size], -1, 1, key: key)
    return (a, a + 0.5)
  }

  private static func gigaflops(_ size: Int, _ seconds: Double) -> Double {
    2 * Double(size) * Double(size) * Double(size) / seconds / 1e9
  }
}
