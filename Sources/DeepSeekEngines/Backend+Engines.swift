public import DeepSeekGraph

extension Backend {
  /// TensorFlow's C library, loaded when it is first used. An executor throws ``EngineError`` when there is none, or the
  /// graph holds operators that it cannot run.
  ///
  /// `DEEPSEEK_TENSORFLOW` names the library's file or a folder that holds it; without it, the active Python environment,
  /// the usual places and the loader's path are searched. Install it with `pip install tensorflow-cpu`.
  public static let tensorflow = Backend("tensorflow") { graph in
    let library = try TensorFlowLibrary.loaded.library()
    return try EngineExecutor(graph, name: "tensorflow", TensorFlowEmitter.table) { lowered in
      try TensorFlowPlan(lowered, library)
    }
  }

  /// PyTorch's operators through its stable C interface, loaded when it is first used. An executor throws ``EngineError``
  /// when there is none, or the graph holds operators that it cannot run.
  ///
  /// `DEEPSEEK_PYTORCH` names the library's file or a folder that holds it; without it, the active Python environment, the
  /// usual places and the loader's path are searched. Install it with `pip install torch`.
  public static let pytorch = Backend("pytorch") { graph in
    let library = try PyTorchLibrary.loaded.library()
    return try EngineExecutor(graph, name: "pytorch", PyTorchEmitter.table) { lowered in PyTorchPlan(lowered, library) }
  }
}
