import ArgumentParser

/// The layers that can run a benchmark.
enum FrameworkLayer: String, ExpressibleByArgument, CaseIterable {
  /// A graph is built from placeholders and run in a session.
  case symbolic = "1.x"
  /// Operators run at once.
  case dynamic = "2.x"
  /// A captured graph is compiled and run.
  case heterogeneous = "3.x"
}

/// One of the layers, or each of them.
enum FrameworkLayers: ExpressibleByArgument {
  case one(FrameworkLayer)
  case all

  init?(argument: String) {
    if argument == "all" {
      self = .all
    } else if let layer = FrameworkLayer(argument: argument) {
      self = .one(layer)
    } else {
      return nil
    }
  }
}
