import CascadeCore
import Testing

/// Expects two logs to hold the same, to the bits of their values.
func expectEqual(_ left: InteractionLog, _ right: InteractionLog, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(
        left.users == right.users && left.items == right.items && left.signals == right.signals,
        sourceLocation: sourceLocation)
    #expect(
        left.userIndex == right.userIndex && left.itemIndex == right.itemIndex && left.time == right.time,
        sourceLocation: sourceLocation)
    #expect(left.feedback == right.feedback && left.observed == right.observed, sourceLocation: sourceLocation)
    #expect(left.isImpression == right.isImpression && left.position == right.position, sourceLocation: sourceLocation)
    #expect(
        left.surfaces == right.surfaces && left.surface == right.surface && left.declared == right.declared,
        sourceLocation: sourceLocation)
    #expect(
        left.values.mapValues { $0.map(\.bitPattern) } == right.values.mapValues { $0.map(\.bitPattern) },
        sourceLocation: sourceLocation)
    #expect(
        left.answers?.time == right.answers?.time && left.answers?.signal == right.answers?.signal,
        sourceLocation: sourceLocation)
    #expect(
        left.answers?.users == right.answers?.users && left.answers?.items == right.answers?.items,
        sourceLocation: sourceLocation)
}
