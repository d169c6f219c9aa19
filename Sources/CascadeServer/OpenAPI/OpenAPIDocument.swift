/// The description of the server for programs, OpenAPI 3.1; kept by hand and held true by `OpenAPITests`.
enum OpenAPIDocument {
    /// The whole document; its parts are in the files beside this one.
    ///
    /// - Parameter maximumResults: how many items a slate may have.
    static func text(maximumResults: Int) -> String {
        template.replacing(resultsMark, with: String(maximumResults))
    }

    /// What stands in the document for the greatest number of items that a slate may have.
    static let resultsMark = "%RESULTS%"

    private static let template = """
        {"openapi":"3.1.0",
         "info":{"title":"Cascade","version":"1.0.0",
          "description":"Recommendations from a two-tower retrieval model and a neural ranker."},
         "security":[{},{"bearer":[]},{"apiKey":[]}],
         "paths":{\(paths)},
         "components":{
          "securitySchemes":{"bearer":{"type":"http","scheme":"bearer"},
           "apiKey":{"type":"apiKey","in":"header","name":"X-API-Key"}},
          "parameters":{\(parameters)},
          "responses":{"Problem":{"description":"An error; its code tells which.","headers":{
            "X-Request-ID":{"schema":{"type":"string"}},"Retry-After":{"schema":{"type":"integer"}},
            "RateLimit":{"schema":{"type":"string"}},"RateLimit-Policy":{"schema":{"type":"string"}}},
            "content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}},
          "schemas":{\(requestSchemas),\(answerSchemas),\(operationSchemas),\(administrationSchemas)}}}
        """
}
