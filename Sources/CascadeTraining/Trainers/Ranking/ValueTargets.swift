import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// What value heads learn, recorded in a plan that trains: the values of impressions beside the outcomes of the heads.
///
/// Belongs to one thread.
struct ValueTargets {
    private struct Head {
        let form: any ValueForm
        let outputs: Value
        let targets: Value
        let weights: Value
        let lossWeight: Float
    }

    private let heads: [Head]

    /// - Parameters:
    ///   - outputs: one a value head, what it gives with what places add.
    init(_ plan: Plan, model: RankingModel, outputs: [Value], map: FeatureMap, settings: RankerSettings) {
        heads = zip(zip(map.valueHeads, model.outputs.forms), outputs).map { head, outputs in
            Head(
                form: head.1, outputs: outputs,
                targets: plan.input(outputs.dimension, columns: head.1.columns, name: "values.\(head.0.name)"),
                weights: plan.input(outputs.dimension, columns: 1, name: "values.\(head.0.name).weights"),
                lossWeight: Float(settings.lossWeight(ofValue: head.0.name)))
        }
    }

    /// The loss of the heads with those of the value heads.
    func loss(_ plan: Plan, _ others: Value) -> Value {
        if heads.isEmpty { return others }
        return plan.weightedSum(
            [(others, 1)]
                + heads.map { head in
                    let loss = head.form.recordLoss(
                        plan, outputs: head.outputs, targets: head.targets, weights: head.weights)
                    return (loss, head.lossWeight)
                })
    }

    /// Fills the values of rows of the log; one that is not known has weight 0.
    func load(_ plan: Plan, log: EncodedLog, rows: [Int32]) {
        for (place, head) in heads.enumerated() {
            let (targets, weights) = (plan.floats(head.targets), plan.floats(head.weights))
            targets.update(repeating: 0)
            guard let base = targets.baseAddress else { continue }
            for (index, row) in rows.enumerated() {
                let value = log.values[place][Int(row)]
                weights[index] = value.isNaN ? 0 : 1
                if !value.isNaN { head.form.write(target: value, into: base + index * head.form.columns) }
            }
        }
    }
}
