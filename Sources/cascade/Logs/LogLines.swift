import Foundation

/// The lines of a file or of standard input, one after another, however long the whole is.
enum LogLines {
    private static let chunk = 1 << 20

    /// Hands every line to `body`, without its end.
    static func visit(_ handle: FileHandle, _ body: (Data) -> Void) throws {
        var rest = Data()
        while let piece = try handle.read(upToCount: chunk), !piece.isEmpty {
            rest.append(piece)
            while let end = rest.firstIndex(of: 0x0A) {
                body(Data(rest[rest.startIndex..<end]))
                rest = rest[rest.index(after: end)...]
            }
            rest = Data(rest)
        }
        if !rest.isEmpty { body(rest) }
    }
}
