/// The configuration can be read and every value used; a context is not made otherwise.
struct ConfigurationCheck: DoctorCheck {
    let name = "configuration"
    let needs = DoctorNeed.nothing

    func look(_ context: DoctorContext) async throws -> Diagnosis {
        let problems = context.configuration.problems()
        guard problems.isEmpty else {
            return .fail(problems.joined(separator: "; "), "correct it; `cascade config check` checks it alone")
        }
        return .ok("every key and value can be used (\(try context.configuration.hash()))")
    }
}
