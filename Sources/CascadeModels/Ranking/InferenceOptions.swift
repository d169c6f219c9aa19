package import CascadeNN

/// How a trained ranker is put to use.
package struct InferenceOptions: Hashable, Sendable {
    /// Memory that the parts of the catalog's items may take; where they need more, each request computes them.
    package var itemBytes = 0
    /// In what numbers the products of rows with weights are computed.
    package var products = ProductPrecision.float32

    package init(itemBytes: Int = 0, products: ProductPrecision = .float32) {
        self.itemBytes = itemBytes
        self.products = products
    }
}
