import CPostgres
import Foundation

/// Runs a program of the system and waits for it. Blocks.
package enum ToolRunner {
    package struct Outcome {
        /// The exit status, or 128 and the number of the signal that ended the program.
        package let status: Int32
        /// What it wrote on both of its outputs.
        package let output: String
    }

    /// Runs with a small environment of its own, so that no PG… variable of the user's changes what it does, and with the
    /// `variables` that are given besides, each as `NAME=value`.
    package static func run(
        _ command: [String], directory: String = "/", variables: [String] = []
    ) throws(PostgresError) -> Outcome {
        var ends: (Int32, Int32) = (-1, -1)
        let made = withUnsafeMutableBytes(of: &ends) { pipe($0.baseAddress!.assumingMemoryBound(to: Int32.self)) }
        if made != 0 { throw .system(call: "pipe", code: errno) }
        defer { close(ends.0) }
        for end in [ends.0, ends.1] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let spawned = spawn(command, directory: directory, variables: variables, output: ends.1)
        close(ends.1)
        let process = try spawned.get()
        let output = readAll(ends.0)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return Outcome(status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: output)
    }

    /// Runs and throws `.cluster(.toolFailed)` unless the program ends well; gives what it wrote.
    @discardableResult
    package static func check(
        _ command: [String], directory: String = "/", variables: [String] = [], tool: String
    ) throws(PostgresError) -> String {
        let outcome = try run(command, directory: directory, variables: variables)
        if outcome.status != 0 {
            let lines = outcome.output.split(whereSeparator: \.isNewline).suffix(8).joined(separator: " | ")
            throw .cluster(.toolFailed(tool: tool, status: outcome.status, output: lines))
        }
        return outcome.output
    }

    private static func spawn(
        _ command: [String], directory: String, variables more: [String], output: Int32
    ) -> Result<pid_t, PostgresError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // A server that outlives this process must not keep its sockets and pipes open.
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        // The server's programs complain about a working directory that they cannot enter.
        posix_spawn_file_actions_addchdir_np(&actions, directory)
        // Threads of the pool have signals blocked, which a program would inherit and not hear that it is to end.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let environment = ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", "TZ=UTC"]
        var arguments = command.map { strdup($0) }
        var variables = (environment + more).map { strdup($0) }
        defer { for string in arguments + variables { free(string) } }
        arguments.append(nil)
        variables.append(nil)
        var process: pid_t = 0
        let status = posix_spawnp(&process, command[0], &actions, &attributes, arguments, variables)
        if status != 0 { return .failure(.system(call: "starting \(command[0])", code: status)) }
        return .success(process)
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes.append(contentsOf: chunk.prefix(count))
            } else if count == 0 || errno != EINTR {
                return String(decoding: bytes, as: UTF8.self)
            }
        }
    }
}
