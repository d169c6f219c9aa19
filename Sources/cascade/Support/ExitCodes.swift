import ArgumentParser
import CascadeConfig
import CascadeModels
import CascadePostgres
import CascadeServer
import CascadeStorage
import CascadeTraining

/// What the command's exit code tells: 0 done, 1 failed, 2 usage, 3 a check failed, 4 unavailable.
enum ExitCodes {
    static let failure: Int32 = 1
    static let usage: Int32 = 2
    static let check: Int32 = 3
    static let unavailable: Int32 = 4

    static func code(of error: any Error) -> Int32 {
        switch error {
        case is ConfigError: usage
        case let error as TrainingError:
            switch error {
            case .recallTooLow, .recallUnreachable, .indexUnsound, .notPromoted: check
            case .badArgument: usage
            default: failure
            }
        case let error as StorageError: error.isUnavailable ? unavailable : failure
        case is PostgresError: unavailable
        case let error as ServerError: serverCode(error)
        case let error as BackupError: backupCode(error)
        case let code as ExitCode: code.rawValue
        case _ where isFromParser(error): Cascade.exitCode(for: error).isSuccess ? 0 : usage
        default: failure
        }
    }

    /// Whether the argument parser made the error, and so has the text for it.
    static func isFromParser(_ error: any Error) -> Bool {
        error is CleanExit || error is ValidationError || error is ExitCode
            || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }

    private static func backupCode(_ error: BackupError) -> Int32 {
        switch error {
        case .damaged, .rowsDiffer, .activeReleaseUnsound, .activeReleaseNotLoaded: check
        default: failure
        }
    }

    private static func serverCode(_ error: ServerError) -> Int32 {
        switch error {
        case .portInUse: unavailable
        default: failure
        }
    }
}
