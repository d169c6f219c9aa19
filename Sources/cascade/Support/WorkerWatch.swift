import CascadeJobs
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Ends a process that does a job together with its worker: whatever becomes of the worker, its end of the pipe closes.
enum WorkerWatch {
    /// Starts to watch in a process that does a job; does nothing in others.
    static func start() {
        guard ProcessInfo.processInfo.environment[JobProcess.variable] != nil else { return }
        let watch = Thread {
            var byte: UInt8 = 0
            while read(0, &byte, 1) != 0 || errno == EINTR {}
            // At once: another worker may be about to begin the same job.
            _exit(ExitCodes.unavailable)
        }
        watch.name = "worker watch"
        watch.start()
    }
}
