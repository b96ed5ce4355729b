/// Why a request to a ``DynamicBatchModel`` has no answer.
public enum BatchingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The queue holds as many requests as it may; try again later.
  case queueFull(limit: Int)
  /// The deadline passed before the answer was there.
  case deadlineExceeded
  /// The model takes no more requests, because it is being drained.
  case closed
  /// The model gave another number of answers than there were requests.
  case wrongAnswerCount(requests: Int, answers: Int)

  /// One line that says what happened.
  public var description: String {
    switch self {
    case .queueFull(let limit): "batching: the queue is full, with \(limit) requests; try again later"
    case .deadlineExceeded: "batching: the deadline passed before the answer was there"
    case .closed: "batching: the model is being drained and takes no more requests"
    case .wrongAnswerCount(let requests, let answers):
      "batching: the model gave \(answers) answers to \(requests) requests"
    }
  }
}
