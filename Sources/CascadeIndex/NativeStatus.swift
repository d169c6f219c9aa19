import CFaiss

/// Turns a status of the C interface into the error that it stands for; the text is the library's own.
func check(_ status: cfaiss_status) throws(IndexError) {
    guard status != CFAISS_OK else { return }
    let text = String(cString: cfaiss_last_error())
    switch Int(status) {
    case Int(CFAISS_INVALID_ARGUMENT): throw .invalidParameter(name: "argument", value: "unusable", allowed: text)
    case Int(CFAISS_UNUSABLE_FILE): throw .unusableFile(text)
    case Int(CFAISS_IO_FAILED): throw .ioFailed(text)
    case Int(CFAISS_UNUSABLE_VECTOR): throw .unusableVector(text)
    default: throw .nativeFailure(text)
    }
}

/// Takes the handle that a C entry gave.
func checkedHandle(
    _ make: (UnsafeMutablePointer<OpaquePointer?>) -> cfaiss_status
) throws(IndexError) -> OpaquePointer {
    var handle: OpaquePointer?
    try check(make(&handle))
    guard let handle else { throw .nativeFailure("the library gave no handle") }
    return handle
}
