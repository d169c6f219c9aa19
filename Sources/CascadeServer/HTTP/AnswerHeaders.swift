import HTTPTypes
import Synchronization

/// Headers that middleware further in adds to whatever the answer becomes, also where it is an error.
final class AnswerHeaders: Sendable {
    private let fields = Mutex(HTTPFields())

    var all: HTTPFields { fields.withLock { $0 } }

    func set(_ name: HTTPField.Name, _ value: String) { fields.withLock { $0[name] = value } }
}
