import Synchronization

/// Lends workspaces that only one thread may use at a time, such as the recorded plan of a model.
///
/// A workspace is made when none is free and kept for the next borrower, so there are as many as were ever used at once.
package final class WorkspacePool<Workspace>: @unchecked Sendable {  // why: a workspace is listed or lent, never both
    private let free = Mutex<[Box]>([])
    private let make: @Sendable () throws -> Workspace

    private struct Box: @unchecked Sendable {  // why: only moves in and out of the locked list, never shared
        let workspace: Workspace
    }

    package init(_ make: @escaping @Sendable () throws -> Workspace) { self.make = make }

    /// Lends a workspace for the duration of `body`; one whose use threw is not kept.
    package func lend<Result>(_ body: (Workspace) throws -> Result) throws -> Result {
        let box = try free.withLock { $0.popLast() } ?? Box(workspace: make())
        let result = try body(box.workspace)
        free.withLock { $0.append(box) }
        return result
    }
}
