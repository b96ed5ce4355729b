import Synchronization

/// A source of random keys: what a random operator takes as its input.
public protocol RandomKeySource: AnyObject, Sendable {
  /// A key that was not given before: an `int64` tensor of shape `[2]`, seed and stream.
  func nextKey() -> Tensor

  /// Where keys of values come from that are wanted now, such as first weights: itself, unless it gives places in a graph.
  var forValues: any RandomKeySource { get }
}

extension RandomKeySource {
  /// Itself.
  public var forValues: any RandomKeySource { self }
}

/// Numbers the random streams of a seed: the same seed gives the same keys in the same order, on every machine.
///
/// Randomness is scoped: ``withSeed(_:_:)`` sets the generator for everything computed inside. Outside any scope, keys
/// come from a generator seeded by the system when the process started.
public final class RandomGenerator: RandomKeySource {
  /// The seed.
  public let seed: UInt64
  private let counter: Atomic<UInt64>

  /// A generator of the streams of `seed`, starting at stream `position`.
  public init(seed: UInt64, position: UInt64 = 0) {
    self.seed = seed
    counter = Atomic(position)
  }

  /// How many keys were given: with the seed, all of its state. A generator made with both goes on exactly there.
  public var position: UInt64 { counter.load(ordering: .relaxed) }

  /// The next stream's key.
  public func nextKey() -> Tensor {
    let stream = counter.wrappingAdd(1, ordering: .relaxed).oldValue
    return RandomGenerator.key(seed: seed, stream: stream)
  }

  /// The key of one stream of a seed.
  public static func key(seed: UInt64, stream: UInt64) -> Tensor {
    Tensor([2], [Int64(bitPattern: seed), Int64(bitPattern: stream)])
  }

  /// Where keys come from now.
  @TaskLocal public static var current: any RandomKeySource = RandomGenerator(seed: .random(in: .min ... .max))

  /// Runs `body` as if no graph were being captured: parameters hold values, and keys are values of the generator that was
  /// in use before the capture.
  public static func outsideCapture<Result>(_ body: () throws -> Result) rethrows -> Result {
    if CaptureScope.current == nil { return try body() }
    return try CaptureScope.$current.withValue(nil) { try $current.withValue(current.forValues, operation: body) }
  }

  /// Runs `body` with a generator of `seed`: what it computes repeats bit for bit.
  public static func withSeed<Result>(_ seed: UInt64, _ body: () throws -> Result) rethrows -> Result {
    try $current.withValue(RandomGenerator(seed: seed), operation: body)
  }
}
