import CascadeCore
import CascadeServer
import CascadeServing
import CascadeStorage
import Foundation
import Hummingbird
import ServiceLifecycle
import Testing

@testable import cascade

/// The inspector in a real browser, on a trained world that is served on a real port.
@Suite(.serialized, .enabled(if: Chromium.url != nil, Comment(rawValue: Chromium.missing))) struct InspectorPageTests {
    private static let user = "user-007"
    private static let desktop = Chromium(width: 1280, height: 2800)
    private static let phone = Chromium(width: 360, height: 3400)

    @Test func aBrowserShowsWhatIsServed() async throws {
        try await World.with { world in
            let second = try await World.train(world.session)
            await world.service.follower.refresh()
            try await Self.listening(world) { address in
                try await usersAreShown(world, address)
                try await slatesAreCompared(address)
                try await releasesAreListed(world, second.id, address)
                try await theLoadIsShown(address)
                try await buttonsChangeReleases(world, second.id, address)
                try await nothingIsWiderThanAPhone(address)
                try await pictures(address)
            }
            try await Self.listening(world, key: "the key") { address in
                try await keysAreAskedFor(address)
            }
        }
    }

    private static let token = InspectorToken()

    /// Serves the world on a free port while `body` runs.
    private static func listening(
        _ world: World, key: String? = nil, _ body: @Sendable @escaping (String) async throws -> Void
    )
        async throws
    {
        var configuration = world.session.configuration
        configuration.server.port = 0
        if let key {
            configuration.server.auth.keysSHA256 = [
                APIKeyDigest.of(key).map { String(format: "%02x", $0) }.joined()
            ]
        }
        var dependencies = ServerComposition.dependencies(world.session, world.service, configuration, World.quiet)
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        dependencies.inspectorToken = token
        dependencies.onListening = { _, port in announce.yield(port) }
        let application = try buildApplication(dependencies: dependencies)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: application, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: World.quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.first { _ in true })
            let failure: (any Error)?
            do {
                try await body("http://127.0.0.1:\(port)/inspector")
                failure = nil
            } catch { failure = error }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            if let failure { throw failure }
        }
    }

    private func usersAreShown(_ world: World, _ address: String) async throws {
        for browser in [Self.desktop, Self.phone] {
            let page = try await browser.page("\(address)#view=user&user=\(Self.user)&limit=7", with: "data-slate-ms")
            #expect(Self.values("data-item", page).count == 7)
            #expect(page.contains(world.release.id) || page.contains("rel_"))
            // The funnel names the components that the pipeline has, and what filters removed.
            let components = Set(Self.values("data-component", page))
            #expect(components.isSuperset(of: ["two_tower", "popular", "seen", "hidden"]), "\(components)")
            #expect(page.contains("role=\"alert\"") == false)
            #expect(!Self.values("data-filter", page).isEmpty)
            #expect(page.contains("class=\"heads\"") && page.contains("click"))
            let took = try #require(Self.values("data-slate-ms", page).first.flatMap(Int.init))
            print("first slate shown after \(took) ms of the browser's own time, \(browser.width) wide")
        }
        let nobody = try await Self.desktop.page(
            "\(address)#view=user&user=nobody%3Cb%3E&limit=3", with: "No events are known.")
        #expect(Self.values("data-item", nobody).count == 3)
        #expect(nobody.contains("No events are known.") && nobody.contains("unknown user"))
    }

    private func slatesAreCompared(_ address: String) async throws {
        let page = try await Self.desktop.page(
            "\(address)#view=compare&user=\(Self.user)&limit=10&seed=1&b_max_per_creator=1&b_creator_decay=0.1",
            with: "items are in both")
        #expect(Self.values("data-item", page).count == 20)
        #expect(page.contains("items are in both"))
        let marks = Set(Self.values("data-mark", page))
        #expect(marks.contains("in") && marks.contains("out"), "\(marks)")
        let weighed = try await Self.desktop.page(
            "\(address)#view=compare&user=\(Self.user)&limit=10&seed=1&b_weights=click%3D-1", with: "items are in both")
        #expect(!Self.values("data-mark", weighed).isEmpty && weighed.contains("click -1"))
        let unknown = try await Self.desktop.page(
            "\(address)#view=compare&user=\(Self.user)&a_release=rel_0", with: "role=\"alert\"")
        #expect(unknown.contains("release 'rel_0' is not served here"))
    }

    private func releasesAreListed(_ world: World, _ second: String, _ address: String) async throws {
        let page = try await Self.desktop.page("\(address)#view=releases&token=abc", with: "id=\"metrics\"")
        #expect(Self.values("data-release", page) == [second, world.release.id])
        #expect(Self.values("data-state", page) == ["active", "retired"])
        #expect(page.contains("Activate \(world.release.id)") && page.contains("id=\"rollback\""))
        #expect(page.contains("<div id=\"metrics\">") && page.contains("recall"))
        let drawn = try await Self.desktop.page("\(address)#view=releases", with: "Lists of two_tower")
        for picture in ["Loss: retrieval", "Reliability: click", "Lists of popularity"] {
            #expect(drawn.contains(picture), "\(picture)")
        }
        #expect(drawn.contains("class=\"line one\"") && drawn.contains("class=\"line other\""))
    }

    private func theLoadIsShown(_ address: String) async throws {
        let page = try await Self.desktop.page("\(address)#view=live", with: "rows.items", milliseconds: 9000)
        #expect(Self.values("data-name", page).contains("Requests a second"))
        #expect(page.contains("<code>/v1/recommendations</code>"))
        #expect(page.contains("polyline") && page.contains("rows.items"))
        #expect(!page.contains("role=\"alert\""))
    }

    /// The whole way of an action: the button, its question, the token, and what the page says then.
    private func buttonsChangeReleases(_ world: World, _ second: String, _ address: String) async throws {
        try await BrowserTab.with("\(address)#view=releases&token=wrong", width: 1280) { tab in
            try await Self.pressRollback(tab)
            let refusal = try await tab.wait(for: "document.querySelector('[role=alert]')?.textContent")
            #expect(refusal.contains("X-Inspector-Token"))
        }
        #expect(try await world.session.storage.releases.activeRelease()?.id == second)
        try await BrowserTab.with("\(address)#view=releases&token=\(Self.token.text)", width: 1280) { tab in
            try await Self.pressRollback(tab)
            try await tab.wait(
                for: "document.querySelector('tr[data-state=active]')?.dataset.release === '\(world.release.id)'")
            // Neither the address nor the history has the token any more.
            #expect(try await tab.evaluate("location.href").contains("token") == false)
        }
        #expect(try await world.session.storage.releases.activeRelease()?.id == world.release.id)
    }

    /// Without a key nothing is shown; with one everything, and it stays out of the address.
    private func keysAreAskedFor(_ address: String) async throws {
        try await BrowserTab.with("\(address)#view=user&user=\(Self.user)&limit=5", width: 1280) { tab in
            try await tab.wait(
                for: "!document.getElementById('access').hidden && document.querySelector('[role=alert]')")
            #expect(try await tab.evaluate("document.querySelectorAll('[data-item]').length") == "0")
            _ = try await tab.evaluate(Self.giving("wrong"))
            try await tab.wait(for: "document.querySelector('#access label').textContent.includes('does not take')")
            _ = try await tab.evaluate(Self.giving("the key"))
            try await tab.wait(for: "document.querySelectorAll('[data-item]').length === 5")
            #expect(try await tab.evaluate("document.getElementById('access').hidden") == "true")
            #expect(try await tab.evaluate("location.href").contains("key") == false)
        }
    }

    private static func giving(_ key: String) -> String {
        "(() => { document.getElementById('key').value = '\(key)'; document.querySelector('#access button').click() })()"
    }

    private static func pressRollback(_ tab: BrowserTab) async throws {
        try await tab.wait(for: "document.getElementById('rollback')")
        _ = try await tab.evaluate("document.getElementById('rollback').click()")
        // Nothing happens before the question is answered.
        try await tab.wait(for: "document.querySelector('dialog[open] button.danger')")
        _ = try await tab.evaluate("document.querySelector('dialog[open] button.danger').click()")
    }

    private func nothingIsWiderThanAPhone(_ address: String) async throws {
        let views = [
            ("user&user=\(Self.user)", "[data-item]"), ("compare&user=\(Self.user)", "[data-item]"),
            ("releases", "#reports svg"), ("live", "#stats dl"),
        ]
        for (view, awaited) in views {
            try await BrowserTab.with("\(address)#view=\(view)", width: 360) { tab in
                try await tab.wait(for: "document.querySelector('\(awaited)')")
                #expect(try await tab.evaluate("innerWidth") == "360")
                // Less the bar that scrolls down.
                let wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                #expect(try await tab.evaluate(wide) == "0", "\(view)")
                guard view.hasPrefix("user") else { return }
                print("first slate laid out after \(try await tab.wait(for: "document.body.dataset.slateMs")) ms")
                // Why an item is there, and why another is not.
                _ = try await tab.evaluate("document.querySelector('tr[data-item] button.item').click()")
                try await tab.wait(for: "document.querySelector('dialog [data-verdict=shown]')")
                _ = try await tab.evaluate("document.querySelector('dialog').close()")
                _ = try await tab.evaluate("document.querySelector('[data-filter] button.item').click()")
                try await tab.wait(for: "document.querySelector('dialog [data-verdict=removed]')")
            }
        }
    }

    /// Pictures of every view in both themes, where `INSPECTOR_PICTURES` names a folder for them.
    private func pictures(_ address: String) async throws {
        guard let folder = ProcessInfo.processInfo.environment["INSPECTOR_PICTURES"] else { return }
        let views = [
            ("user", "view=user&user=\(Self.user)&limit=7"), ("live", "view=live"),
            ("releases", "view=releases&token=abc"),
            ("compare", "view=compare&user=\(Self.user)&limit=10&b_max_per_creator=1&b_creator_decay=0.1"),
        ]
        for (name, view) in views {
            for (size, browser) in [("wide", Self.desktop), ("narrow", Self.phone)] {
                for isDark in [false, true] {
                    var browser = browser
                    browser.isDark = isDark
                    let file = URL(fileURLWithPath: folder).appendingPathComponent(
                        "\(name)-\(size)-\(isDark ? "dark" : "light").png")
                    try await browser.picture("\(address)#\(view)", to: file)
                }
            }
        }
    }

    /// The values of an attribute in the order of the page.
    private static func values(_ attribute: String, _ page: String) -> [String] {
        page.components(separatedBy: " \(attribute)=\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
    }
}
