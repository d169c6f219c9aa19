import Foundation
import Synchronization

/// The line that shows how far an import is.
package enum ProgressText {
    /// A bar with rate and time left, at most `width` characters.
    package static func bar(_ progress: ImportProgress, width: Int) -> String {
        let percent = "\(Int(progress.fraction * 100))%"
        let tail = " \(String(repeating: " ", count: max(0, 4 - percent.count)))\(percent)  \(numbers(progress))"
        let name = String(progress.table.prefix(24))
        let room = width - name.count - tail.count - 3
        guard room >= 5 else { return String((name + tail).prefix(max(0, width))) }
        let size = min(room, 40)
        let filled = Int((progress.fraction * Double(size)).rounded(.down))
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: size - filled)
        return "\(name) [\(bar)]\(tail)"
    }

    /// One plain line for logs.
    package static func line(_ progress: ImportProgress) -> String {
        "import \(progress.table): \(Int(progress.fraction * 100))%, \(numbers(progress))"
    }

    private static func numbers(_ progress: ImportProgress) -> String {
        var parts = [
            "\(ImportNumber.grouped(progress.rows)) rows", "\(ImportNumber.grouped(Int(progress.rate))) rows/s",
        ]
        if progress.rejected > 0 { parts.append("\(ImportNumber.grouped(progress.rejected)) rejected") }
        if let left = progress.secondsLeft { parts.append("\(ImportNumber.clock(left)) left") }
        return parts.joined(separator: ", ")
    }
}

/// Shows progress on standard error: a bar that is drawn over on a terminal, else a plain line every few seconds.
package final class ProgressPrinter: Sendable {
    private let isTerminal: Bool
    private let interval: Double
    private let write: @Sendable (String) -> Void
    private let last = Mutex(-Double.infinity)

    /// `isTerminal` nil looks at standard error itself; `write` gets text as it is to appear.
    package init(
        isTerminal: Bool? = nil,
        write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }
    ) {
        self.isTerminal = isTerminal ?? (isatty(STDERR_FILENO) == 1)
        interval = self.isTerminal ? 0.1 : 5
        self.write = write
    }

    /// Shows `progress` where the last showing is long enough ago.
    package func show(_ progress: ImportProgress) {
        let isDue = last.withLock { last in
            guard progress.seconds - last >= interval else { return false }
            last = progress.seconds
            return true
        }
        guard isDue else { return }
        write(
            isTerminal
                ? "\r\u{1B}[K" + ProgressText.bar(progress, width: Self.terminalWidth)
                : ProgressText.line(progress) + "\n")
    }

    /// Clears the bar.
    package func finish() { if isTerminal { write("\r\u{1B}[K") } }

    private static var terminalWidth: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col) - 1
    }
}
