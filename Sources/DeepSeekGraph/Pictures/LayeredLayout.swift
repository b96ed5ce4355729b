/// Places for a picture's boxes: rows from top to bottom, each box below all that it is made of, and within a row near them.
struct LayeredLayout {
  struct Place {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
    var centre: Double { x + width / 2 }
  }

  /// One for each box.
  private(set) var places: [Place]
  private(set) var width = 0.0
  private(set) var height = 0.0

  /// Points between neighbours, and between rows.
  private static let gap = (x: 24.0, y: 44.0)
  private static let margin = 20.0
  /// Points that a letter and a line of text take.
  static let letter = (width: 7.0, height: 15.0)
  /// How often rows are put in order by what they are connected to, downwards and upwards in turn.
  private static let sweeps = 4

  init(_ picture: GraphPicture) {
    let edges = picture.edges.filter { !$0.isUpdate }
    var rows = LayeredLayout.rows(picture.boxes, edges)
    LayeredLayout.order(&rows, edges, count: picture.boxes.count)
    places = picture.boxes.map { box in
      let letters = box.lines.map(\.count).max() ?? 0
      return Place(
        x: 0, y: 0, width: Double(letters) * LayeredLayout.letter.width + 20,
        height: Double(box.lines.count) * LayeredLayout.letter.height + 12)
    }
    place(rows)
  }

  /// The row of each box: below everything that it reads; what reads nothing, just above its first reader.
  private static func rows(_ boxes: [GraphPicture.Box], _ edges: [GraphPicture.Edge]) -> [[Int]] {
    var depth = [Int](repeating: 0, count: boxes.count)
    // Boxes stand in an order in which each comes after what it reads, and edges in the order of their targets.
    for edge in edges { depth[edge.target] = max(depth[edge.target], depth[edge.source] + 1) }
    let isRead = Set(edges.map(\.target))
    var nearest = [Int](repeating: .max, count: boxes.count)
    for edge in edges { nearest[edge.source] = min(nearest[edge.source], depth[edge.target]) }
    for index in boxes.indices where !isRead.contains(index) && nearest[index] != .max {
      depth[index] = nearest[index] - 1
    }
    var rows = [[Int]](repeating: [], count: (depth.max() ?? -1) + 1)
    for index in boxes.indices { rows[depth[index]].append(index) }
    return rows
  }

  /// Puts each row in the order of the mean places of what its boxes are connected to in the rows done before.
  private static func order(_ rows: inout [[Int]], _ edges: [GraphPicture.Edge], count: Int) {
    var above = [[Int]](repeating: [], count: count)
    var below = above
    for edge in edges {
      above[edge.target].append(edge.source)
      below[edge.source].append(edge.target)
    }
    var position = [Double](repeating: 0, count: count)
    func note(_ row: [Int]) {
      for (place, box) in row.enumerated() { position[box] = (Double(place) + 0.5) / Double(row.count) }
    }
    rows.forEach(note)
    for sweep in 0..<sweeps {
      let neighbours = sweep % 2 == 0 ? above : below
      for row in sweep % 2 == 0 ? Array(rows.indices) : rows.indices.reversed() {
        let wanted = rows[row].map { box in
          let others = neighbours[box]
          return others.isEmpty ? position[box] : others.reduce(0) { $0 + position[$1] } / Double(others.count)
        }
        let sorted = rows[row].indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        rows[row] = sorted.map { rows[row][$0] }
        note(rows[row])
      }
    }
  }

  private mutating func place(_ rows: [[Int]]) {
    let widths = rows.map { row in
      row.reduce(0) { $0 + places[$1].width } + LayeredLayout.gap.x * Double(max(row.count - 1, 0))
    }
    width = (widths.max() ?? 0) + 2 * LayeredLayout.margin
    var y = LayeredLayout.margin
    for (row, rowWidth) in zip(rows, widths) {
      var x = (width - rowWidth) / 2
      let tallest = row.map { places[$0].height }.max() ?? 0
      for box in row {
        places[box].x = x
        places[box].y = y + (tallest - places[box].height) / 2
        x += places[box].width + LayeredLayout.gap.x
      }
      y += tallest + LayeredLayout.gap.y
    }
    height = max(y - LayeredLayout.gap.y, LayeredLayout.margin) + LayeredLayout.margin
  }
}
