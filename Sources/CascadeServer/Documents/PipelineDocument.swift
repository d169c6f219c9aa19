import CascadePipeline

/// The body of `GET /v1/pipeline`: the stages in the order in which they run, each with its components.
enum PipelineDocument {
    static func json(_ settings: PipelineSettings, _ components: [ComponentDescription]) -> JSONValue {
        let stages = StageKind.allCases.compactMap { stage -> JSONValue? in
            let members = components.filter { $0.stage == stage }
            guard !members.isEmpty else { return nil }
            return ["stage": .string(stage.rawValue), "components": .array(members.map(json))]
        }
        return [
            "pipeline": .string(settings.name),
            "result_size": [
                "default": .integer(settings.resultSize.default), "max": .integer(settings.resultSize.max),
            ],
            "timeout_ms": .integer(settings.timeoutMilliseconds),
            "stages": .array(stages),
        ]
    }

    private static func json(of component: ComponentDescription) -> JSONValue {
        let parameters = component.parameters.sorted { $0.key < $1.key }
        return [
            "name": .string(component.name), "enabled": .bool(component.enabled),
            "parameters": .object(parameters.map { JSONValue.Member($0.key, .string($0.value)) }),
        ]
    }
}
