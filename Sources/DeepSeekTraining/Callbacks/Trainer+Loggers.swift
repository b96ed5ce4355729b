extension Trainer {
  /// What writes down what ``TrainingLogging`` asks for.
  func makeLoggers() throws -> [any TrainingCallback] {
    let logging = arguments.logging
    var loggers: [any TrainingCallback] = []
    if logging.showsProgress && ProgressBar.isTerminal { loggers.append(TerminalProgress()) }
    if let path = logging.jsonLines { loggers.append(try JSONLinesLog(path)) }
    if let folder = logging.tensorBoard { loggers.append(try TensorBoardLog(folder)) }
    if let path = logging.report { loggers.append(ReportWriter(path)) }
    return loggers
  }
}
