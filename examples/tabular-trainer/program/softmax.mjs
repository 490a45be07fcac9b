/** Softmax regression with an L2 penalty, by gradient descent on standardised features; the scaling is folded into the weights. */
export function fit(rows, { width, classes, epochs, learningRate, l2, onEpoch }) {
  const means = columns(width, (j) => rows.reduce((sum, r) => sum + r.features[j], 0) / rows.length);
  const scales = columns(
    width,
    (j) => Math.sqrt(rows.reduce((sum, r) => sum + (r.features[j] - means[j]) ** 2, 0) / rows.length) || 1,
  );
  const inputs = rows.map((r) => ({
    x: r.features.map((v, j) => (v - means[j]) / scales[j]),
    label: r.label,
  }));
  const weights = columns(classes, () => new Float64Array(width));
  const biases = new Float64Array(classes);
  const folded = () => ({
    weights: weights.map((w) => Array.from(w, (v, j) => v / scales[j])),
    biases: Array.from(
      biases,
      (b, c) => b - weights[c].reduce((sum, v, j) => sum + (v * means[j]) / scales[j], 0),
    ),
  });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const gradient = columns(classes, () => new Float64Array(width));
    const shift = new Float64Array(classes);
    let loss = 0;
    for (const { x, label } of inputs) {
      const p = softmax(biases, weights, x);
      loss -= Math.log(Math.max(p[label], 1e-12));
      for (let c = 0; c < classes; c++) {
        const error = p[c] - (c === label ? 1 : 0);
        shift[c] += error;
        for (let j = 0; j < width; j++) gradient[c][j] += error * x[j];
      }
    }
    for (let c = 0; c < classes; c++) {
      biases[c] -= (learningRate * shift[c]) / inputs.length;
      for (let j = 0; j < width; j++)
        weights[c][j] -= learningRate * (gradient[c][j] / inputs.length + l2 * weights[c][j]);
    }
    if (!Number.isFinite(loss))
      throw new Error(`the loss is no number in epoch ${epoch}: lower learning_rate`);
    onEpoch(epoch, loss / inputs.length, folded());
  }
  return folded();
}

export function accuracyOf({ weights, biases }, rows) {
  if (rows.length === 0) return 0;
  const right = rows.filter(({ features, label }) => {
    const p = softmax(biases, weights, features);
    return p.indexOf(Math.max(...p)) === label;
  });
  return right.length / rows.length;
}

function softmax(biases, weights, x) {
  const scores = weights.map((w, c) => biases[c] + w.reduce((sum, v, j) => sum + v * x[j], 0));
  const highest = Math.max(...scores);
  const powers = scores.map((s) => Math.exp(s - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((v) => v / sum);
}

const columns = (count, make) => Array.from({ length: count }, (_, i) => make(i));
