import CascadeNN
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Begins the program again where OpenBLAS took the processor for a lesser one: it chooses when it is loaded.
enum FastProducts {
    /// Does nothing where the environment says which processor to take it for, as it does the second time.
    static func begin() {
        guard getenv(BLASCore.variable) == nil, let core = BLASCore.better else { return }
        setenv(BLASCore.variable, core, 1)
        // The same process under the same name, so that whoever started it sees nothing of it; on failure it goes on as it is, only
        // slower.
        guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return }
        execv(program, CommandLine.unsafeArgv)
    }
}
