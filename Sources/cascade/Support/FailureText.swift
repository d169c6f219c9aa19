import CascadePostgres
import CascadeStorage
import Foundation

/// What a command says of the error that ended it.
enum FailureText {
    static func text(of error: any Error) -> String {
        let said = "\(error)"
        switch error {
        // Its own text tells what to do about the disk of the database.
        case is StorageError, is PostgresError: return said
        case let error as CocoaError where error.code == .fileWriteOutOfSpace:
            let path = error.userInfo["NSDestinationFilePath"] ?? error.userInfo[NSFilePathErrorKey]
            return full(path.map { "\($0): \(noSpace)" } ?? noSpace)
        default: return said.contains(noSpace) ? full(said) : said
        }
    }

    /// What the system calls it, in the language of its C library.
    private static let noSpace = String(cString: strerror(ENOSPC))

    private static func full(_ what: String) -> String {
        "\(what); the disk is full: make room, such as by `cascade release gc`, and run the command again "
            + "(no release was changed by it)"
    }
}
