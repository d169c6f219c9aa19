/// Why a field is not what it should be.
struct RowReason: Error, Equatable {
    let text: String

    init(_ text: String) { self.text = text }
}
