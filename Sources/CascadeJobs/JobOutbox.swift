import Synchronization

/// What a job said and the database has not heard yet.
final class JobOutbox: Sendable {
    private struct State {
        var lines: [String] = []
        var progress: String?
    }

    private let state = Mutex(State())

    /// Lines that are kept for one call; what a job says beyond is told as left out.
    private static let limit = 2000
    private static let longest = 4000

    /// Takes a line. Progress, which is indented, replaces the one before and goes into no log.
    func add(_ line: String) {
        // Postgres stores no zero bytes.
        let text = String(line.replacing("\0", with: "").prefix(Self.longest))
        state.withLock { state in
            if text.hasPrefix("  ") {
                state.progress = text.trimmingPrefix(while: \.isWhitespace).description
            } else if state.lines.count < Self.limit {
                state.lines.append(text)
            } else if state.lines.count == Self.limit {
                state.lines.append("… lines left out")
            }
        }
    }

    /// Hands out what there is, and forgets it.
    func take() -> (lines: [String], progress: String?) {
        state.withLock { state in
            defer { state = State() }
            return (state.lines, state.progress)
        }
    }

    /// Takes lines back that could not be written.
    func putBack(_ lines: [String]) {
        state.withLock { $0.lines.insert(contentsOf: lines, at: 0) }
    }
}
