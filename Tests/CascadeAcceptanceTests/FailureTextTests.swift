import Foundation
import Testing

@testable import cascade

@Suite struct FailureTextTests {
    @Test func aFullDiskIsToldWithItsRemedy() {
        let written = CocoaError(.fileWriteOutOfSpace, userInfo: [NSFilePathErrorKey: "/releases/index"])
        let copied = CocoaError(
            .fileWriteOutOfSpace, userInfo: [NSFilePathErrorKey: "/from", "NSDestinationFilePath": "/releases/ranker"])
        let said = CommandFailure("/releases/towers: cannot be written: \(String(cString: strerror(ENOSPC)))")
        let told: [(any Error, String)] = [
            (written, "/releases/index: "), (copied, "/releases/ranker: "), (said, "/releases/towers: "),
        ]
        for (error, path) in told {
            let text = FailureText.text(of: error)
            #expect(text.hasPrefix(path) && text.contains("the disk is full") && text.contains("cascade release gc"))
            #expect(!text.contains("Domain"))
        }
    }

    @Test func otherErrorsAreToldAsTheyStand() {
        #expect(FailureText.text(of: CommandFailure("no such file")) == "no such file")
    }
}
