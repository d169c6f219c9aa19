import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /inspector`: a page that shows users, slates, releases and the load, all read from this interface.
///
/// Nothing of it is secret, so it is given without a key; what it shows is asked for with one.
enum InspectorController {
    static let path = "/inspector"

    /// The page and what it loads. They are answered under any load, since that is when one looks.
    static var routes: [Route] {
        InspectorAsset.all.map { asset in
            Route(
                .get, asset.name.isEmpty ? path : "\(path)/\(asset.name)", .probe, nil,
                { call in
                    try call.refuseQuery()
                    return Response(
                        status: .ok, headers: headers(asset.type),
                        body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
                }, isRevalidated: true)
        }
    }

    /// Nothing but what this server sends runs or is loaded, and no other page frames it or holds a reference to it.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// Those of every part; that it is asked for anew each time goes with its `ETag`.
    private static func headers(_ type: String) -> HTTPFields {
        [
            .contentType: type, .contentSecurityPolicy: policy, .xContentTypeOptions: "nosniff",
            .referrerPolicy: "no-referrer", .crossOriginOpenerPolicy: "same-origin",
            .crossOriginResourcePolicy: "same-origin",
        ]
    }
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let crossOriginOpenerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
}
