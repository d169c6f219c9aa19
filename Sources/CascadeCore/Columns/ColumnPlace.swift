/// Where the numbers of a growing column lie.
package enum ColumnPlace: Hashable, Sendable {
    /// In memory.
    case memory
    /// In nameless files of the folder at this path, mapped: the system keeps in memory what is in use, and writes out and drops
    /// what is not, so columns may be larger than memory. Nothing of them is left when the process ends, however it ends. What has no more
    /// bytes than `above` stays in memory, since a file costs a descriptor, and so does everything while the folder takes no more.
    case files(in: String, above: Int = 1 << 20)
}
