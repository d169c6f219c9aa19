/// Where the rows of a matrix lie in a file.
struct MatrixLayout: Sendable, Equatable {
    let number: VectorNumber
    let rows: Int
    let columns: Int
    /// The byte of the file at which the first row begins.
    let start: Int

    var rowBytes: Int { columns * number.bytes }

    /// Takes the shape and place that a header tells; `length` is what the file has for the numbers.
    ///
    /// Throws for anything but a matrix that fills its place.
    init(_ number: VectorNumber, shape: [Int], start: Int, length: Int, file: String) throws(DataError) {
        guard shape.count == 2 else {
            throw .badVectors(
                file: file,
                reason: "its shape is (\(shape.map(String.init).joined(separator: ", "))), no matrix: "
                    + "save one row an item")
        }
        guard shape[0] >= 0, shape[1] > 0 else {
            throw .badVectors(
                file: file, reason: "its shape (\(shape[0]), \(shape[1])) makes no vectors: save one row an item")
        }
        let cells = shape[0].multipliedReportingOverflow(by: shape[1])
        let needed = cells.partialValue.multipliedReportingOverflow(by: number.bytes)
        guard !cells.overflow, !needed.overflow, needed.partialValue == length else {
            let size = cells.overflow || needed.overflow ? "more bytes than can be" : "\(needed.partialValue) bytes"
            throw .badVectors(
                file: file,
                reason: "\(shape[0]) rows of \(shape[1]) numbers are \(size), but there are \(length): the file is "
                    + "cut off or damaged, fetch it again")
        }
        self.number = number
        rows = shape[0]
        columns = shape[1]
        self.start = start
    }
}
