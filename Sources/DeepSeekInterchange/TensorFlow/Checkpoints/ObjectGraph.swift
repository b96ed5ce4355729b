import DeepSeekCheckpoints
import DeepSeekProtocols
import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What an object checkpoint says of the objects whose variables it holds
/// (tensorflow/core/protobuf/trackable_object_graph.proto).
struct ObjectGraph {
  /// A variable as its objects name it.
  struct Name {
    /// The way from the checkpoint's root: `model/layers/0`; of an optimizer's slot, the variable's way, the optimizer's and
    /// the slot: `model/w/optimizer/momentum`.
    let path: String
    /// The variable's own name: `dense/kernel`; empty when none was written.
    let fullName: String
  }

  /// The key under which the graph itself stands.
  static let key = "_CHECKPOINTABLE_OBJECT_GRAPH"
  /// What ends the key of a variable's value.
  private static let valueSuffix = "/.ATTRIBUTES/VARIABLE_VALUE"
  /// A way longer than this is no name, but a graph made to exhaust memory; its variables keep their keys.
  private static let longestPath = 4096
  /// Names by the checkpoint's keys.
  let names: [String: Name]

  /// Reads the graph's bytes. Throws `CheckpointError` that names `file`.
  init(_ bytes: [UInt8], file: String) throws {
    let graph: Tensorflow_TrackableObjectGraph
    do {
      graph = try Tensorflow_TrackableObjectGraph(serializedBytes: Data(bytes))
    } catch {
      throw CheckpointError(.malformed, file: file, item: ObjectGraph.key, "the graph of objects is damaged: \(error)")
    }
    let paths = ObjectGraph.paths(graph)
    var names: [String: Name] = [:]
    for (place, node) in graph.nodes.enumerated() {
      for attribute in node.attributes {
        guard let path = paths[place] ?? ObjectGraph.path(ofKey: attribute.checkpointKey) else { continue }
        // Objects that are no variables (a generator's state, a table) may have several values.
        let suffix = attribute.name == "VARIABLE_VALUE" ? "" : "/" + attribute.name
        names[attribute.checkpointKey] = Name(path: path + suffix, fullName: attribute.fullName)
      }
    }
    self.names = names
  }

  /// The shortest way to each object, of equals the first. Slots are reached from their variables.
  private static func paths(_ graph: Tensorflow_TrackableObjectGraph) -> [Int: String] {
    guard !graph.nodes.isEmpty else { return [:] }
    var paths = [0: ""]
    var queue = [0]
    var next = 0
    while next < queue.count {
      let place = queue[next]
      next += 1
      for child in graph.nodes[place].children {
        let target = Int(child.nodeID)
        let path = join(paths[place]!, child.localName)
        guard graph.nodes.indices.contains(target), paths[target] == nil, path.utf8.count <= longestPath else {
          continue
        }
        paths[target] = path
        queue.append(target)
      }
    }
    for place in queue {
      for slot in graph.nodes[place].slotVariables {
        let (variable, target) = (Int(slot.originalVariableNodeID), Int(slot.slotVariableNodeID))
        guard let path = paths[variable], graph.nodes.indices.contains(target), paths[target] == nil else { continue }
        let slotPath = join(join(path, paths[place]!), slot.slotName)
        if slotPath.utf8.count <= longestPath { paths[target] = slotPath }
      }
    }
    return paths
  }

  private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }

  /// The way that a key spells out: names are escaped in it, `/` as `.S` and `.` as `..`.
  static func path(ofKey key: String) -> String? {
    guard key.hasSuffix(valueSuffix) else { return nil }
    return key.dropLast(valueSuffix.count).split(separator: "/", omittingEmptySubsequences: false)
      .map { $0.replacing(".S", with: "/").replacing("..", with: ".") }.joined(separator: "/")
  }
}
