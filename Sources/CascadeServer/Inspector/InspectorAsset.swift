/// A file of the inspector's page; the build puts the folder `Page` into the program.
struct InspectorAsset: Sendable {
    /// What follows `/inspector/`; empty for the page itself.
    let name: String
    let type: String
    let bytes: [UInt8]

    private static let script = "text/javascript; charset=utf-8"

    static let all = [
        InspectorAsset(name: "", type: "text/html; charset=utf-8", bytes: PackageResources.page_html),
        InspectorAsset(name: "style.css", type: "text/css; charset=utf-8", bytes: PackageResources.style_css),
        InspectorAsset(name: "main.js", type: script, bytes: PackageResources.main_js),
        InspectorAsset(name: "api.js", type: script, bytes: PackageResources.api_js),
        InspectorAsset(name: "dom.js", type: script, bytes: PackageResources.dom_js),
        InspectorAsset(name: "user.js", type: script, bytes: PackageResources.user_js),
        InspectorAsset(name: "slate.js", type: script, bytes: PackageResources.slate_js),
        InspectorAsset(name: "funnel.js", type: script, bytes: PackageResources.funnel_js),
        InspectorAsset(name: "explain.js", type: script, bytes: PackageResources.explain_js),
        InspectorAsset(name: "compare.js", type: script, bytes: PackageResources.compare_js),
        InspectorAsset(name: "releases.js", type: script, bytes: PackageResources.releases_js),
        InspectorAsset(name: "report.js", type: script, bytes: PackageResources.report_js),
        InspectorAsset(name: "plots.js", type: script, bytes: PackageResources.plots_js),
        InspectorAsset(name: "live.js", type: script, bytes: PackageResources.live_js),
        InspectorAsset(name: "prometheus.js", type: script, bytes: PackageResources.prometheus_js),
        InspectorAsset(name: "sparkline.js", type: script, bytes: PackageResources.sparkline_js),
    ]
}
