/// Changes what is served; the commands `cascade release activate` and `rollback` do the same.
package protocol ReleaseControlling: Sendable {
    /// Makes a release the active one once it was found whole; running servers follow. One that is active stays so.
    ///
    /// Reads every file of the release, so it may take minutes. Throws the error of the store for one that is not known or cannot be
    /// served, and whatever its artifacts lack.
    func activate(_ id: String) async throws -> Release

    /// Makes the release the active one that was active before the present one; nil, and no change, where there is none.
    func rollback() async throws -> Release?
}
