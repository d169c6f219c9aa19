import Foundation

/// Arrays for the other side: for each a line "name type count" and its elements.
package struct ArrayFile {
    private var data = Data()

    package init() {}

    package mutating func add(_ name: String, _ values: [Int32]) {
        line(name, "int32", values.count)
        values.withUnsafeBytes { data.append(contentsOf: $0) }
    }

    package mutating func add(_ name: String, _ values: [Float]) {
        line(name, "float32", values.count)
        values.withUnsafeBytes { data.append(contentsOf: $0) }
    }

    package mutating func add(_ name: String, _ values: UnsafeMutableBufferPointer<Float>) {
        line(name, "float32", values.count)
        data.append(contentsOf: UnsafeRawBufferPointer(values))
    }

    private mutating func line(_ name: String, _ type: String, _ count: Int) {
        data.append(contentsOf: Array("\(name) \(type) \(count)\n".utf8))
    }

    package func write(to path: String) throws {
        try data.write(to: URL(fileURLWithPath: path))
    }
}
