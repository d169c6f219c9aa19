import CascadePipeline

/// Gathers what is wrong with a request, so that its sender learns of all of it at once.
final class Problems {
    /// An answer lists so many at most; a request that is wrong throughout needs no longer list.
    static let maximum = 50

    private(set) var list: [RequestProblem] = []

    var isEmpty: Bool { list.isEmpty }

    func add(_ pointer: String, _ code: String, _ detail: String) {
        if list.count < Self.maximum { list.append(RequestProblem(pointer: pointer, code: code, detail: detail)) }
    }

    /// Throws the failure that lists the problems, unless there are none.
    func check() throws(RequestFailure) {
        if !isEmpty { throw .validation(list) }
    }
}

/// JSON pointers, RFC 6901.
enum JSONPointer {
    /// The pointer to member `name` of what `pointer` points at.
    static func member(_ name: String, of pointer: String) -> String {
        let clipped = name.count > 64 ? String(name.prefix(64)) + "…" : name
        return pointer + "/" + clipped.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    /// The pointer to element `index` of what `pointer` points at.
    static func element(_ index: Int, of pointer: String) -> String { "\(pointer)/\(index)" }
}
